"""Vintage curves, by hand and over random books."""

from __future__ import annotations

import pytest

from app.domain.portfolio.vintages import Age, age_of, months_between, quarter_of, vintages
from tests.support.book import LOST, RUNNING, any_book, loan, on


def test_ages_are_whole_months_since_the_draw() -> None:
    start = on("2026-01-31")
    assert months_between(start, on("2026-02-27")) == 0
    assert months_between(start, on("2026-02-28")) == 1
    assert months_between(start, on("2026-03-30")) == 1
    assert age_of(start, start) == 0
    assert age_of(start, on("2026-02-28")) == 1
    assert age_of(start, on("2026-03-01")) == 2
    assert quarter_of(on("2026-12-31")) == "2026-Q4"


def test_curve_to_the_unit() -> None:
    book = [
        # more than 30 days late on 2026-04-01, more than 90 on 2026-05-31
        loan(1, ("2026-01-10", 600, "2026-03-01", RUNNING)),
        loan(
            2,
            ("2026-03-20", 400, "2026-04-10", RUNNING),
            ("2026-04-30", 250, "2026-04-10", LOST),
            loss=250,
        ),
    ]
    (vintage,) = vintages(book, overdue_days=30, max_months=24, today=on("2026-06-25"))
    assert (vintage.quarter, vintage.loans, vintage.drawn) == ("2026-Q1", 2, 1_000)
    # Loan 2 is the youngest, three months old.
    assert vintage.ages == (
        *(Age(0, 0, 0, 0), Age(1, 0, 0, 0)),
        *(Age(2, 250, 250, 250), Age(3, 850, 250, 250)),
    )
    assert vintage.share(850) == 850_000


def test_curve_ends_at_the_age_that_the_youngest_loan_has_reached() -> None:
    old = loan(1, ("2026-01-01", 100, "2026-02-01", RUNNING))
    young = loan(2, ("2026-03-31", 100, "2026-12-01", RUNNING))
    ages = [
        len(vintages(book, overdue_days=30, max_months=24, today=on("2026-05-15"))[0].ages)
        for book in ([old], [old, young])
    ]
    assert ages == [5, 2]
    (cut,) = vintages([old], overdue_days=30, max_months=1, today=on("2026-05-15"))
    assert [age.months for age in cut.ages] == [0, 1]


@pytest.mark.parametrize("seed", range(10))
def test_curves_never_fall_and_default_never_exceeds_overdue(seed: int) -> None:
    today = on("2026-10-15")
    book = any_book(seed, 300, today=today)
    curves = vintages(book, overdue_days=30, max_months=60, today=today)
    assert sum(vintage.loans for vintage in curves) == len(book)
    assert sum(vintage.drawn for vintage in curves) == sum(one.drawn for one in book)
    for vintage in curves:
        for earlier, later in zip(vintage.ages, vintage.ages[1:], strict=False):
            assert earlier.overdue <= later.overdue <= vintage.drawn
            assert earlier.defaulted <= later.defaulted
            assert earlier.lost <= later.lost
