"""The fee for early repayment, on a real chain: an instalment paid a day early bears none."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from app import embedded
from app.places import CATALOGUE
from tests.support.lending import agreed_facility, attested
from tests.support.proofs import proved
from tests.support.served import served_world
from tests.support.world import World, cny


@pytest.fixture
def fee_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A gateway whose merchant credit has a fee of 1 % for early repayment."""
    catalogue = yaml.safe_load(CATALOGUE.read_text())
    (row,) = [item for item in catalogue["products"] if item["code"] == "merchant-credit"]
    row["early_fee"] = "1%"
    path = tmp_path / "products.yaml"
    path.write_text(yaml.safe_dump(catalogue, sort_keys=False))
    (tmp_path / "rules").symlink_to(CATALOGUE.parent / "rules")
    monkeypatch.setattr(embedded, "CATALOGUE", path)
    with served_world(tmp_path / "gateway") as world:
        world.cash("platform", "10000.00")
        world.cash("supplier", "10000.00")
        attested(world, validDays=300)
        yield world


def amount(money: dict[str, str]) -> Decimal:
    """An amount of an answer."""
    return Decimal(money["amount"])


def test_an_instalment_paid_a_day_early_bears_no_fee_and_the_rest_does(fee_world: World) -> None:
    world = fee_world
    facility = agreed_facility(world, "merchant-credit", by="platform")
    proved(world, facility, "merchant-credit")
    body = {"amount": cny("1200.00"), "style": "equal-instalment", "tenor": 3}
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    path = f"/v1/loans/{done['result']['loanId']}"
    loan = world["supplier"].get(path).body
    first = loan["schedule"][0]
    days = datetime.date.fromisoformat(first["date"]) - datetime.date.fromisoformat(
        loan["startDate"]
    )
    world.later((days.days - 1) * 86_400)
    world["supplier"].command(f"{path}/repayments", {"amount": cny("1.00")})  # a new block
    loan = world["supplier"].get(path).body
    rest = Decimal("1200.00") - amount(first["principal"])
    fee = amount(loan["payoff"]["fee"])
    assert fee == (rest / 100).quantize(Decimal("0.01")), "only of what is not due soon"
    statement = world["supplier"].get(f"{path}/statement").body
    figure = statement["figures"][-1]
    assert (figure["name"], figure["amount"]) == ("fee for repaying all today", str(fee))

    instalment = amount(loan["payoff"]["interest"]) + amount(first["principal"])
    world["supplier"].command(f"{path}/repayments", {"amount": cny(str(instalment))})
    paid = world["supplier"].get(path).body["entries"][-1]
    assert (paid["fee"], paid["principal"]) == (cny("0.00"), first["principal"])

    world["supplier"].command(f"{path}/repayments", {"amount": cny("101.00")})
    paid = world["supplier"].get(path).body["entries"][-1]
    assert (paid["fee"], paid["principal"]) == (cny("1.00"), cny("100.00"))
    world.later(86_400)
    world["supplier"].command(f"{path}/repayments", {"amount": cny("0.50")})
    loan = world["supplier"].get(path).body
    assert loan["due"]["principal"] == cny("0.00"), "the instalment is paid"
