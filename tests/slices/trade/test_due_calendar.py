"""The due calendar: what a buyer must pay by day and currency, against what it holds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.calendar import day_of
from app.storage import run
from tests.support.bodies import Json
from tests.support.days import day, ledger_today
from tests.support.long_lists import Book, clear, fill
from tests.support.world import World, cny


def _calendar(world: World, **query: str) -> Json:
    body: Json = world["buyer"].get("/v1/receivables/due-calendar", **query).body
    return next((item for item in body["currencies"] if item["currency"] == "CNY"), {})


def _empty(world: World) -> int:
    """The first of eleven days from now on which the buyer owes nothing."""
    spans = range(290, 700, 11)
    return next(
        start
        for start in spans
        if not _calendar(world, **{"from": day(start), "to": day(start + 10)}).get("days")
    )


def _amount(money: dict[str, str]) -> Decimal:
    return Decimal(money["amount"])


def test_debts_add_up_by_day_and_payments_lower_them(world: World) -> None:
    start = _empty(world)
    span = {"from": day(start), "to": day(start + 10)}
    before = _calendar(world, **span)
    earlier = _amount(before["overdue"]) if before else Decimal(0)
    first, _ = world.confirmed(amount="100.00", days=start + 1)
    world.confirmed(amount="30.00", days=start + 1)
    world.confirmed(amount="7.50", days=start + 5)
    world.confirmed(amount="1.00", days=start + 11)
    world.requested(amount="5.00", days=start + 1)
    world.cash("buyer", "40.00")
    world["buyer"].command(f"/v1/receivables/{first}/payments", {"amount": cny("40.00")})
    body = _calendar(world, **span)
    days = [(item["date"], item["due"]["amount"], item["count"]) for item in body["days"]]
    assert days == [(day(start + 1), "90.00", 2), (day(start + 5), "7.50", 1)]
    assert _amount(body["overdue"]) == earlier, "what is due before the first day"
    needed = [_amount(item["needed"]) for item in body["days"]]
    assert needed == [earlier + Decimal("90.00"), earlier + Decimal("97.50")]
    assert body["held"]["amount"] == world.balance("buyer")
    for item in body["days"]:
        missing = max(Decimal(0), _amount(item["needed"]) - _amount(body["held"]))
        assert _amount(item["missing"]) == missing


def test_sums_beyond_the_databases_numbers_are_exact(world: World) -> None:
    account = world.http.get("/v1/caller", headers=world["vega"].headers).json()["account"]
    book = Book(
        first=8_000_000_000,
        count=3,
        seller=account.lower(),
        debtor=account.lower(),
        holder=account.lower(),
        currency=world.server.gateway.token_of("CNY"),
        today=day_of(ledger_today()),
    )
    storage, amount = world.server.gateway.storage, 9 * 10**18 - 1
    fill(storage, [book])
    try:
        storage.write_now(
            lambda c: run(
                c,
                "UPDATE receivables SET face_amount = ?, due_day = ? WHERE debtor = ?",
                (amount, book.today + 400, book.debtor),
            )
        )
        query = {"from": day(399), "to": day(401)}
        body = world["vega"].get("/v1/receivables/due-calendar", **query).body
    finally:
        clear(storage, [book])
    calendar = body["currencies"][0]
    (only,) = calendar["days"]
    assert (only["count"], only["due"]["amount"]) == (3, f"{Decimal(3 * amount).scaleb(-2):f}")
    missing = Decimal(only["needed"]["amount"]) - Decimal(calendar["held"]["amount"])
    assert Decimal(only["missing"]["amount"]) == missing


def test_auditors_read_a_partys_calendar_and_other_parties_do_not(world: World) -> None:
    world.confirmed(amount="3.00", days=311)
    query = {"partyId": world.parties["buyer"], "from": day(310), "to": day(312)}
    seen = world["auditor"].get("/v1/receivables/due-calendar", **query).body
    assert seen["currencies"][0]["days"][0]["due"] == cny("3.00")
    assert seen["asOf"]["blockNumber"] is not None
    path = "/v1/receivables/due-calendar"
    answer = world.http.get(path, params=query, headers=world["supplier"].headers)
    assert answer.status_code == 403
    own = {"from": day(310), "to": day(312)}
    assert world["pollux"].get(path, **own).body["currencies"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2027-01-02&to=2027-01-01", "to"),
        ("from=2027-01-01&to=2029-01-01", "to"),
        ("from=20270101", "from"),
    ],
)
def test_a_wrong_span_is_refused_by_name(world: World, query: str, field: str) -> None:
    path = f"/v1/receivables/due-calendar?{query}"
    answer = world.http.get(path, headers=world["buyer"].headers)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
