"""Service fees over HTTP, on a real chain: proposed, quoted, charged, waived, below the cap."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from app import embedded
from app.places import CATALOGUE
from tests.support.bank_entries import came_in
from tests.support.bodies import Json
from tests.support.lending import FAR, agreed_facility, attested, product
from tests.support.lending import drawn as drawn_on
from tests.support.served import served_world
from tests.support.world import World, cny, refused

CODE = "quarterly-loan"
FEES: Json = {"flatFee": cny("100.00"), "drawFee": 10_000, "periodicFee": 2_500}
DRAW: Json = {"amount": cny("40000.00"), "style": "interest-only", "tenor": 12}


def drawn(world: World, facility: int, body: Json) -> int:
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    return int(done["result"]["loanId"])


def proposal(world: World, **change: object) -> Json:
    body: Json = {
        "productId": product(world, CODE)["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 72_000,
        "limit": cny("100000.00"),
        "lastDate": FAR,
    }
    return body | change


def test_draw_is_quoted_charged_and_shown_to_the_cent(own_world: World) -> None:
    world = own_world
    attested(world)
    facility = agreed_facility(world, CODE, **FEES)
    view = world["bank"].get(f"/v1/facilities/{facility}").body
    assert (view["flatFee"], view["drawFee"], view["periodicFee"]) == (
        cny("100.00"),
        10_000,
        2_500,
    )
    quote = world["supplier"].post(f"/v1/facilities/{facility}/quotes", DRAW).body
    assert quote["warnings"] == []
    assert quote["paidOut"] == cny("40000.00"), "nothing is deducted"
    # 100.00 and 1 %, then 0.25 % four times.
    assert quote["totalFees"] == cny("900.00")
    assert quote["totalCost"] == cny("3780.00")
    before = Decimal(world.balance("supplier"))
    loan = drawn(world, facility, DRAW)
    assert Decimal(world.balance("supplier")) - before == 40_000
    body = world["supplier"].get(f"/v1/loans/{loan}").body
    assert body["payoff"]["service"] == cny("500.00")
    assert body["due"]["service"] == cny("0.00")
    assert [due["service"] for due in body["schedule"]] == [
        cny("600.00"),
        *[cny("100.00")] * 3,
    ]
    statement = world["bank"].get(f"/v1/loans/{loan}/statement").body
    (figure,) = [each for each in statement["figures"] if "service" in each["name"]]
    assert (figure["amount"], figure["rule"][:9]) == ("500.00", "principal")
    assert statement["effectiveAnnualRate"] > 90_000, "fees count"
    for ending in ("xlsx", "pdf"):
        answer = world.http.get(
            f"/v1/loans/{loan}/statement", params={"format": ending}, headers=world["bank"].headers
        )
        assert answer.status_code == 200 and len(answer.content) > 1000


def test_fees_are_waived_by_the_lender_alone_and_paid_by_the_borrower(own_world: World) -> None:
    world = own_world
    attested(world)
    loan = drawn(world, agreed_facility(world, CODE, **FEES), DRAW)
    path = f"/v1/loans/{loan}/waivers"
    for name in ("supplier", "buyer", "auditor", "operator", "second-bank", "rater"):
        assert refused(world[name], path, {"fees": cny("1.00")})["status"] in (403, 404), name
    problem = refused(world["bank"], path, {"fees": cny("1.00"), "interest": cny("1.00")})
    assert (problem["status"], problem["field"]) == (422, "fees")
    world["bank"].command(path, {"fees": cny("120.00")})
    body = world["supplier"].get(f"/v1/loans/{loan}").body
    assert body["payoff"]["service"] == cny("380.00")
    assert body["entries"][-1]["kind"] == "fees-waived"
    assert body["entries"][-1]["details"] == {"waivedFees": cny("120.00")}
    world.cash("supplier", "1000.00")
    paid = {"amount": cny("41000.00")}
    world["supplier"].command(f"/v1/loans/{loan}/repayments", paid)
    body = world["supplier"].get(f"/v1/loans/{loan}").body
    assert body["status"] == "repaid"
    assert body["entries"][-1]["service"] == cny("380.00")
    assert body["entries"][-1]["fee"] == cny("0.00")
    statement = world["bank"].get(f"/v1/loans/{loan}/statement").body
    assert [line["forgiven"]["service"] for line in statement["lines"] if line["forgiven"]] == [
        "120.00"
    ]


def test_recorded_payment_and_its_reversal_leave_the_fees_of_the_draw(own_world: World) -> None:
    world = own_world
    attested(world)
    loan = drawn(world, agreed_facility(world, CODE, **FEES), DRAW)
    first = world["bank"].get(f"/v1/loans/{loan}").body["startDate"]
    path, _ = came_in(world, loan, "300.00", first)
    world["bank"].command(f"{path}/repayment")
    assert world["bank"].get(f"/v1/loans/{loan}").body["payoff"]["service"] == cny("200.00")
    world["bank"].command(f"{path}/reversal", {"reason": "returned by the bank"})
    assert world["bank"].get(f"/v1/loans/{loan}").body["payoff"]["service"] == cny("500.00")


def test_draw_above_the_cap_is_warned_of_and_refused(own_world: World) -> None:
    world = own_world
    attested(world)
    facility = agreed_facility(world, CODE, **FEES)
    small = DRAW | {"amount": cny("1000.00"), "tenor": 3}
    quote = world["supplier"].post(f"/v1/facilities/{facility}/quotes", small).body
    assert [warning["name"] for warning in quote["warnings"]] == ["TotalCostAboveCap"]
    problem = refused(world["supplier"], f"/v1/facilities/{facility}/draws", small)
    assert problem["contractError"]["name"] == "TotalCostAboveCap"
    assert "lower fees" in problem["fix"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"flatFee": cny("1000.01")}, "flatFee"),
        ({"drawFee": 10_001}, "drawFee"),
        ({"periodicFee": 2_501}, "periodicFee"),
        ({"flatFee": cny("1000.00"), "limit": cny("100.00")}, "flatFee"),
        ({"flatFee": {"amount": "1.00", "currency": "EUR"}}, "flatFee.currency"),
    ],
)
def test_fee_beyond_product_or_cap_names_its_field(world: World, change: Json, field: str) -> None:
    problem = refused(world["bank"], "/v1/facility-proposals", proposal(world, **change))
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_product_without_fees_takes_none(world: World) -> None:
    body = proposal(world, productId=product(world, "receivables-finance")["id"], drawFee=1)
    problem = refused(world["bank"], "/v1/facility-proposals", body)
    assert (problem["status"], problem["field"]) == (422, "drawFee"), problem


@pytest.fixture
def claims_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A gateway whose loans on claims may have service fees."""
    catalogue = yaml.safe_load(CATALOGUE.read_text())
    (row,) = [item for item in catalogue["products"] if item["code"] == "receivables-finance"]
    row["fees"] = {"flat": "5.00", "draw": "1%", "period": "0.5%"}
    path = tmp_path / "products.yaml"
    path.write_text(yaml.safe_dump(catalogue, sort_keys=False))
    (tmp_path / "rules").symlink_to(CATALOGUE.parent / "rules")
    monkeypatch.setattr(embedded, "CATALOGUE", path)
    with served_world(tmp_path / "gateway") as world:
        world.cash("bank", "10000.00")
        world.cash("supplier", "10000.00")
        yield world


def test_verification_shows_the_fees_of_the_loan_that_the_claim_secures(
    claims_world: World,
) -> None:
    world = claims_world
    facility = agreed_facility(world, flatFee=cny("5.00"), drawFee=10_000, periodicFee=5_000)
    _, claim = world.confirmed(amount="1000.00", days=200)
    loan = drawn_on(world, facility, claim, "500.00", tenor=150)
    path = f"/v1/verification/claims/{claim}"
    fees = {"flatFee": cny("5.00"), "drawFee": 10_000, "periodicFee": 5_000}
    for name in ("bank", "supplier", "auditor"):
        shown = world[name].get(path).body["loan"]
        assert (shown["id"], shown["outstanding"]) == (loan, cny("500.00")), name
        assert shown["serviceFees"] == fees | {"due": cny("0.00"), "notDue": cny("10.00")}
    assert world["second-bank"].get(path).body["loan"] is None, "the terms are not its own"
    # On the due day half a per cent of the principal is charged; a payment takes fees first.
    world.later(151 * 86_400)
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("1.00")})
    shown = world["bank"].get(path).body["loan"]
    assert shown["serviceFees"] == fees | {"due": cny("11.50"), "notDue": cny("0.00")}
