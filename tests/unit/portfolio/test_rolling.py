"""Roll rates, by hand and over random books."""

from __future__ import annotations

import pytest

from app.domain.portfolio.book import Bucket
from app.domain.portfolio.rolling import Roll, month_ends, roll_rates
from app.domain.portfolio.shares import MILLION
from tests.support.book import DEFAULTED, LOST, RUNNING, any_book, loan, on

ENDS = [on("2026-06-30"), on("2026-07-31"), on("2026-08-31")]


def test_months_are_whole_and_end_before_today_or_on_it() -> None:
    assert month_ends(on("2026-03-30"), 2) == [on("2025-12-31"), on("2026-01-31"), on("2026-02-28")]
    assert month_ends(on("2026-03-31"), 1) == [on("2026-02-28"), on("2026-03-31")]


def test_loans_roll_to_the_unit() -> None:
    book = [
        # 10 days late in June, 41 in July, 72 in August
        loan(1, ("2026-05-01", 600, "2026-06-20", RUNNING)),
        # 10 days late in June, a part is repaid and it is up to date in July
        loan(
            2,
            ("2026-05-01", 300, "2026-06-20", RUNNING),
            ("2026-07-05", 100, "2026-09-30", RUNNING),
        ),
        # 10 days late in June, repaid in July
        loan(
            3, ("2026-05-01", 100, "2026-06-20", RUNNING), ("2026-07-31", 0, "2026-06-20", RUNNING)
        ),
        # drawn in July: it rolls only from there
        loan(4, ("2026-07-01", 900, "2026-12-01", RUNNING)),
        # in default in July, lost in August
        loan(
            5,
            ("2026-05-01", 50, "2026-05-31", RUNNING),
            ("2026-07-10", 50, "2026-05-31", DEFAULTED),
            ("2026-08-10", 50, "2026-05-31", LOST),
            loss=50,
        ),
    ]
    july, august, both = roll_rates(book, ENDS)
    late = july.rolls[Bucket.TO_30]
    assert late.loans == [1, 0, 1, 0, 0, 1, 0, 1]
    assert late.amounts == [100, 0, 600, 0, 0, 50, 0, 300]
    assert late.rates == [95_238, 0, 571_429, 0, 0, 47_619, 0, 285_714]
    assert july.rolls[Bucket.CURRENT].amounts == [0] * 8, "loan 4 was not drawn yet"
    assert august.rolls[Bucket.CURRENT].amounts == [1_000, 0, 0, 0, 0, 0, 0, 0]
    assert august.rolls[Bucket.TO_60].amounts == [0, 0, 0, 600, 0, 0, 0, 0]
    assert august.rolls[Bucket.DEFAULTED].amounts == [0, 0, 0, 0, 0, 0, 50, 0]
    assert both.rolls[Bucket.TO_30].amounts == late.amounts
    assert (both.first_day, july.first_day, august.last_day) == (None, ENDS[0], ENDS[2])


def test_loan_that_grows_again_by_a_reversal_rolls_with_what_it_owed_before() -> None:
    book = [
        loan(
            1, ("2026-06-01", 40, "2026-09-01", RUNNING), ("2026-07-05", 70, "2026-07-01", RUNNING)
        )
    ]
    july, *_ = roll_rates(book, ENDS)
    assert july.rolls[Bucket.CURRENT].amounts == [0, 40, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("seed", range(20))
def test_roll_rates_of_a_bucket_add_up_and_no_amount_is_lost(seed: int) -> None:
    today = on("2026-10-15")
    ends = month_ends(today, 12)
    book = any_book(seed, 300, today=today)
    *months, together = roll_rates(book, ends)
    for month in [*months, together]:
        for roll in month.rolls:
            assert sum(roll.rates) == (MILLION if sum(roll.amounts) else 0)
    for month, first in zip(months, ends, strict=False):
        owed = 0
        for one in book:
            points = [point for point in one.points if point.day <= first]
            owed += points[-1].outstanding if points else 0
        assert sum(sum(roll.amounts) for roll in month.rolls) == owed
    for bucket, roll in enumerate(together.rolls):
        for column in range(len(roll.amounts)):
            parts = [month.rolls[bucket].amounts[column] for month in months]
            assert roll.amounts[column] == sum(parts)


def test_bucket_without_loans_has_no_rates() -> None:
    assert Roll(Bucket.TO_90).rates == [0] * 8


def test_a_hundred_thousand_loans_roll() -> None:
    today = on("2026-10-15")
    *_, together = roll_rates(any_book(1, 100_000, today=today), month_ends(today, 12))
    assert sum(together.rolls[Bucket.CURRENT].loans) > 100_000
