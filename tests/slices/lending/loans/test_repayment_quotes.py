"""A quote of a repayment is what the ledger then does, to the cent."""

from __future__ import annotations

import datetime
import re

import pytest

from app.places import CATALOGUE
from tests.support.bodies import Json
from tests.support.lending import agreed_facility, drawn, lent
from tests.support.world import World, caught_up, cny

DAY = 86_400
WORKED = CATALOGUE.parent / "docs" / "explanation" / "products.md"


def quoted(world: World, loan: int, *, by: str = "supplier", **query: object) -> Json:
    return dict(world[by].get(f"/v1/loans/{loan}/repayments", **query).body)


def test_worked_example_of_products_is_the_quote_and_what_the_ledger_does(
    own_world: World,
) -> None:
    world = own_world
    world.cash("bank", "200000.00")
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="200000.00", days=200)
    loan = drawn(world, facility, claim, "100000.00")
    path = f"/v1/loans/{loan}"
    start = datetime.date.fromisoformat(world["supplier"].get(path).body["startDate"])
    tenth = (start + datetime.timedelta(days=10)).isoformat()
    quote = quoted(world, loan, amount="40000.00", date=tenth)
    example = next(
        line for line in WORKED.read_text().split("An example: ") if "60,200.00 is left" in line
    )
    numbers = [text.replace(",", "") for text in re.findall(r"[\d,]+\.\d\d", example)][:8]
    assert numbers == [
        *("100000.00", "40000.00", quote["parts"]["interest"]["amount"]),
        *(quote["parts"]["principal"]["amount"], quote["outstanding"]["amount"]),
        *(quote["schedule"][0]["interest"]["amount"], quote["interestWith"]["amount"]),
        quote["interestWithout"]["amount"],
    ]
    assert numbers[2:] == ["200.00", "39800.00", "60200.00", "240.80", "440.80", "600.00"]
    assert quote["interestSaved"] == cny("159.20")
    assert quote["notTaken"] == cny("0.00")

    world.later(10 * DAY)
    caught_up(world)
    assert quoted(world, loan, amount="40000.00") | {"asOf": None} == quote | {"asOf": None}
    world["supplier"].command(f"{path}/repayments", {"amount": cny("40000.00")})
    paid = world["supplier"].get(path).body
    entry = paid["entries"][-1]
    assert (entry["interest"], entry["principal"]) == (cny("200.00"), cny("39800.00"))
    assert paid["outstanding"] == quote["outstanding"]
    assert (paid["due"], paid["payoff"]) == (quote["due"], quote["payoff"])
    assert paid["schedule"] == quote["schedule"]


def test_payment_above_what_is_owed_leaves_the_rest(own_world: World) -> None:
    world = own_world
    _, loan, _ = lent(world)
    whole = world["supplier"].get(f"/v1/loans/{loan}").body["payoff"]["total"]
    quote = quoted(world, loan, amount="600.00")
    assert quote["parts"]["total"] == whole
    assert float(quote["notTaken"]["amount"]) == 600 - float(whole["amount"])
    assert (quote["outstanding"], quote["schedule"]) == (cny("0.00"), [])


@pytest.fixture(scope="module")
def loan(world: World) -> int:
    """A loan of the supplier from the bank."""
    return lent(world)[1]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"amount": "0.00"}, 422, "amount"),
        ({"amount": "-1.00"}, 422, "amount"),
        ({"amount": "1.001"}, 422, "amount"),
        ({"amount": "NaN"}, 422, "amount"),
        ({"amount": "9" * 30}, 422, "amount"),
        ({}, 422, "amount"),
        ({"amount": "1.00", "date": "2020-01-01"}, 422, "date"),
        ({"amount": "1.00", "date": "9999-01-01"}, 422, "date"),
    ],
)
def test_amount_and_day_out_of_bounds_are_refused(
    world: World, loan: int, query: Json, status: int, field: str
) -> None:
    answer = world.http.get(
        f"/v1/loans/{loan}/repayments", params=query, headers=world["supplier"].headers
    )
    assert (answer.status_code, answer.json()["field"]) == (status, field)


def test_only_who_may_read_the_loan_gets_a_quote(world: World, loan: int) -> None:
    readers = set()
    for name, caller in world.callers.items():
        answer = world.http.get(
            f"/v1/loans/{loan}/repayments", params={"amount": "1.00"}, headers=caller.headers
        )
        assert answer.status_code in (200, 404), (name, answer.text)
        if answer.status_code == 200:
            readers.add(name)
        statement = world.http.get(f"/v1/loans/{loan}/statement", headers=caller.headers)
        assert statement.status_code == answer.status_code, name
    assert {"supplier", "bank", "auditor"} <= readers
    assert not readers & {"buyer", "castor", "second-bank", "warehouse", "registrar"}
