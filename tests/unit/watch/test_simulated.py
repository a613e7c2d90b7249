"""How warnings of the simulated trade are counted, by hand, and that a seed gives one result."""

from __future__ import annotations

import random

from app.domain.watch.model import Level
from benchmarks.watch import DEFAULT_DAYS, Borrower, Tally, borrower, episodes, judged, quartiles


def test_warning_that_pauses_for_four_weeks_is_one_warning() -> None:
    assert episodes([7, 14, 42, 71]) == [(7, 42), (71, 71)]
    assert episodes([]) == []


def test_warning_is_true_if_a_default_follows_within_a_year_of_its_begin() -> None:
    tally = Tally()
    default = 500
    item = Borrower("decline", stops=default - DEFAULT_DAYS)
    tally.add(item, [100, 200, 400, 428, 456, 484])  # 100 is too early, 200 ended too early
    assert (tally.leads, tally.true, tally.false) == ([100], 2, 1)
    assert (tally.before_late, tally.missed) == (1, 0)
    tally.add(item, [200])
    assert (tally.missed, tally.true) == (1, 3)
    tally.add(Borrower("sound"), [10, 300])
    assert (tally.false, tally.false_by_kind) == (3, {"decline": 1, "sound": 2})


def test_quartiles_are_values_of_the_list() -> None:
    assert quartiles([5, 1, 3, 2, 4]) == (2, 3, 4)


def test_days_late_end_when_a_late_payment_comes_and_never_if_it_does_not() -> None:
    item = Borrower("dry", late={30: 5}, stops=90)
    assert [item.days_late(day) for day in (30, 31, 34, 35, 90, 91, 181)] == [0, 1, 4, 0, 0, 1, 91]


def test_seed_gives_the_same_market_and_sound_borrowers_never_default() -> None:
    first = judged(5, 40)
    assert first == judged(5, 40)
    tallies, defaults, _ = first
    assert defaults == len(tallies[Level.ALARM].leads) + tallies[Level.ALARM].missed > 0
    chance = random.Random(1)
    assert all(borrower(chance, kind).default is None for kind in ("sound", "dip") * 5)
