"""Late rates of loans whose history one transaction cannot take: it runs in parts first."""

from __future__ import annotations

import datetime

import pytest

from tests.support.bank_entries import came_in
from tests.support.bodies import Json
from tests.support.goods_on_loan import later
from tests.support.history_parts import PART, begun, done, overtaken, paid
from tests.support.rates import at_rate, lent, listed, published
from tests.support.world import World, caught_up, cny

DAY = 86_400
RUN_HISTORY = "run-history"


@pytest.fixture
def parts_world(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> World:
    """A gateway that runs three postings at most in one transaction."""
    monkeypatch.setenv("CESSION_HISTORY_PART", str(PART))
    world: World = request.getfixturevalue("own_world")
    listed(world)
    return world


def operations(world: World, kind: str) -> list[Json]:
    """The bank's operations of a kind, newest first."""
    items = world["bank"].get("/v1/operations", limit=200).body["items"]
    return [item for item in items if item["kind"] == kind]


def after_the_reset(world: World, days: int) -> tuple[int, datetime.date, datetime.date]:
    """A floating loan, so many days after its first reset day, whose rate is late.

    Returns:
        The loan, the day of its draw, its reset day.
    """
    first = world.today()
    published(world, 30_000, first + datetime.timedelta(days=27))
    loan = lent(world)
    floating = world["bank"].get(f"/v1/loans/{loan}").body["floating"]
    reset = datetime.date.fromisoformat(floating["nextResetDate"])
    later(world, ((reset - first).days + days) * DAY)
    caught_up(world)
    return loan, first, reset


def test_gateway_resets_a_late_rate_over_a_long_history_by_itself(parts_world: World) -> None:
    world = parts_world
    loan, first, reset = after_the_reset(world, 3)
    paid(world, loan, "100.00", times=4)
    published(world, 34_000, first + datetime.timedelta(days=28 + 44))
    body = at_rate(world, loan, 74_000)
    parts = operations(world, RUN_HISTORY)
    assert [part["error"] for part in parts] == [None], "three of five postings"
    (done_reset,) = operations(world, "reset-rate")
    assert done_reset["error"] is None
    before = round(1_000_000 * (reset - first).days * 70_000 / 360 / 1_000_000)
    since = round(1_000_000 * 3 * 74_000 / 360 / 1_000_000)
    owed = 1_000_000 - 4 * 10_000 + before + since
    assert body["outstanding"] == cny(f"{owed / 100:.2f}")


def test_late_rate_of_a_loan_that_was_extended_since_runs_in_parts(parts_world: World) -> None:
    world = parts_world
    loan, first, _ = after_the_reset(world, 3)
    due = {"dueDate": (first + datetime.timedelta(days=170)).isoformat()}
    draft = world["supplier"].post(f"/v1/loans/{loan}/extensions", due).body
    world["bank"].command(f"/v1/agreements/{draft['id']}/signature")
    paid(world, loan, "100.00", times=4)
    interest = world["bank"].get(f"/v1/loans/{loan}").body["payoff"]["interest"]
    published(world, 34_000, first + datetime.timedelta(days=28 + 44))
    body = at_rate(world, loan, 74_000)
    assert [part["error"] for part in operations(world, RUN_HISTORY)] == [None]
    assert body["payoff"]["interest"] == interest, "nothing before the agreement changes"


def test_parts_on_the_rate_of_before_count_no_more(parts_world: World) -> None:
    world = parts_world
    first = world.today()
    published(world, 30_000, first + datetime.timedelta(days=27))
    loan = lent(world)
    path, _ = came_in(world, loan, "120.00", first.isoformat())
    world["bank"].command(f"{path}/repayment")
    paid(world, loan, times=4)
    ended = overtaken(world, loan, path)
    assert ended["error"]["name"] == "HistoryDiffers"
    published_on = world["bank"].get(f"/v1/loans/{loan}").body["floating"]["nextResetDate"]
    reset = datetime.date.fromisoformat(published_on)
    later(world, (reset - first).days * DAY)
    caught_up(world)
    published(world, 34_000, first + datetime.timedelta(days=28 + 44))
    at_rate(world, loan, 74_000)
    answer = begun(world, f"{path}/reversal", {"reason": "returned"})
    assert len(answer["precedingOperationIds"]) == 3, "all eight postings"
    assert done(world, answer)["error"] is None
