"""Collateral over debt of a loan on goods over time, as the ledger valued it then."""

from __future__ import annotations

from tests.support.bodies import Json
from tests.support.goods_on_loan import appraised, lent_on_goods
from tests.support.lending import lent
from tests.support.world import World, cny


def _points(world: World, name: str, loan: int, **query: int) -> list[Json]:
    items: list[Json] = []
    cursor: Json = {}
    while True:
        path = f"/v1/loans/{loan}/coverage-history"
        body = world[name].get(path, **query, **cursor).body
        assert (body["callLevel"], body["liquidationLevel"]) == (950_000, 850_000)
        items += body["items"]
        if body["nextCursor"] is None:
            return items
        cursor = {"cursor": body["nextCursor"]}


def test_prices_and_payments_move_the_level(world: World) -> None:
    _, loan, _ = lent_on_goods(world, "copper-over-time", "6000.00")
    drawn, *_ = _points(world, "bank", loan)
    assert (drawn["outstanding"], drawn["counted"]) == (cny("6000.00"), cny("6000.00"))
    assert (drawn["market"], drawn["level"], drawn["priced"]) == (cny("10000.00"), 1_000_000, True)
    appraised(world, "copper-over-time", "9.50")
    world.cash("supplier", "1000.00")
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("600.00")})
    paid, lower, *earlier = _points(world, "bank", loan)
    assert (lower["outstanding"], lower["market"]) == (cny("6000.00"), cny("9500.00"))
    assert lower["level"] == 950_000
    assert (paid["outstanding"], paid["market"]) == (cny("5400.00"), cny("9500.00"))
    assert paid["level"] == 5_700 * 1_000_000 // 5_400
    assert (drawn["debt"], paid["debt"]) == (cny("6000.00"), cny("5400.00"))
    assert earlier[-1] == drawn, "the past stays as it was"
    assert paid["blockNumber"] > lower["blockNumber"] > drawn["blockNumber"]
    assert _points(world, "auditor", loan, limit=1) == [paid, lower, *earlier]
    assert _points(world, "supplier", loan) == [paid, lower, *earlier]


def test_a_loan_without_goods_has_no_levels(world: World) -> None:
    _, loan, _ = lent(world)
    body = world["bank"].get(f"/v1/loans/{loan}/coverage-history").body
    assert (body["callLevel"], body["items"], body["nextCursor"]) == (None, [], None)


def test_a_stranger_sees_no_coverage(world: World) -> None:
    _, loan, _ = lent(world)
    for number in (loan, 999_999):
        path = f"/v1/loans/{number}/coverage-history"
        assert world.http.get(path, headers=world["pollux"].headers).status_code == 404


def test_level_is_over_the_debt_that_a_margin_call_compares_with(own_world: World) -> None:
    world = own_world
    _, loan, _ = lent_on_goods(world, "copper-with-interest", "6000.00")
    world.later(20 * 86_400)
    appraised(world, "copper-with-interest", "9.80")
    newest, *_ = _points(world, "bank", loan)
    margin = world["bank"].get(f"/v1/loans/{loan}").body["collateral"]
    assert (newest["debt"], newest["level"]) == (margin["debt"], margin["level"])
    assert newest["outstanding"] == cny("6000.00")
    assert newest["debt"]["amount"] > "6000.00", "twenty days of interest"
