"""Expected losses, by hand."""

from __future__ import annotations

from typing import Any

from app.domain.portfolio.book import BookLoan
from app.domain.portfolio.losses import Severity, expected_losses, frequency_of, severity_of
from app.domain.portfolio.shares import upper_bound_up
from tests.support.book import DEFAULTED, LOST, RUNNING, loan, on

TODAY = on("2026-10-15")
HALF = Severity(0, 0, 0, 500_000, "assumed")


def tier(one: BookLoan) -> int:
    return one.tier


def old(number: int, *, bad: bool = False, **changes: Any) -> BookLoan:
    """A loan of 2025: repaid, or in default from 2025-03-01 on with 100."""
    after = ("2025-03-01", 100, "2025-02-20", DEFAULTED) if bad else None
    ended = after or ("2025-03-01", 0, "2025-02-20", RUNNING)
    return loan(number, ("2025-01-10", 100, "2025-02-20", RUNNING), ended, **changes)


def test_loss_severity_is_what_ended_defaults_lost() -> None:
    book = [
        # lost 60 of the 100 that it owed in default
        loan(
            1,
            ("2026-01-01", 100, "2026-02-01", RUNNING),
            ("2026-03-01", 100, "2026-02-01", DEFAULTED),
            ("2026-06-01", 60, "2026-02-01", LOST),
            loss=60,
        ),
        # in default and repaid in full
        loan(
            2,
            ("2026-01-01", 300, "2026-02-01", RUNNING),
            ("2026-03-01", 200, "2026-02-01", DEFAULTED),
            ("2026-07-01", 0, "2026-02-01", DEFAULTED),
        ),
        # still in default: not known yet
        loan(3, ("2026-01-01", 900, "2026-02-01", RUNNING)),
        # never in default
        loan(
            4, ("2026-01-01", 900, "2026-02-01", RUNNING), ("2026-02-01", 0, "2026-02-01", RUNNING)
        ),
    ]
    severity = severity_of(book, assumed=450_000, today=TODAY)
    assert (severity.resolved, severity.exposure, severity.lost) == (2, 300, 60)
    assert (severity.part, severity.source) == (200_000, "observed")
    unknown = severity_of(book[2:], assumed=450_000, today=TODAY)
    assert (unknown.part, unknown.source) == (450_000, "assumed")


def test_default_rate_counts_loans_that_are_a_year_old() -> None:
    book = [
        old(1, bad=True),
        old(2),
        # defaults on its 366th day
        loan(
            3,
            ("2025-01-01", 100, "2025-12-30", RUNNING),
            ("2026-01-02", 100, "2025-12-30", DEFAULTED),
        ),
        # too young
        loan(
            4,
            ("2026-01-01", 100, "2026-02-01", RUNNING),
            ("2026-03-01", 9, "2026-02-01", DEFAULTED),
        ),
    ]
    frequency = frequency_of(book, today=TODAY)
    assert (frequency.loans, frequency.defaults, frequency.rate) == (3, 1, 333_333)
    assert frequency.upper == upper_bound_up(1, 3)
    book[2].points[1] = book[2].points[1]._replace(day=on("2026-01-01"))
    assert frequency_of(book, today=TODAY).defaults == 2, "on its 365th day"


def test_expected_loss_to_the_unit() -> None:
    running = loan(9, ("2026-09-01", 10_000, "2026-12-01", RUNNING), tier=1)
    late = loan(10, ("2026-01-01", 3_000, "2026-06-01", RUNNING), tier=1)
    lost = loan(11, ("2026-01-01", 500, "2026-06-01", LOST), tier=1, loss=500)
    book = [*(old(number, bad=number == 1, tier=1) for number in range(1, 5)), running, late, lost]
    (group,) = expected_losses(book, tier, severity=HALF, min_loans=4, today=TODAY)
    # Loan 1 is in default with 100, loan 10 is overdue for more than 90 days.
    assert (group.loans, group.exposure, group.in_default) == (3, 10_000, 3_100)
    assert (group.source, group.rate) == ("group", 250_000)
    # 10,000 * 25 % * 50 % + 3,100 * 50 %
    assert group.loss == 1_250 + 1_550
    assert group.upper is not None and group.upper > group.loss


def test_group_with_too_few_old_loans_takes_the_rate_of_the_book() -> None:
    running = loan(9, ("2026-09-01", 1_000, "2026-12-01", RUNNING), tier=2)
    book = [*(old(number, bad=number == 1, tier=1) for number in range(1, 5)), running]
    first, second = expected_losses(book, tier, severity=HALF, min_loans=4, today=TODAY)
    assert (first.source, second.source) == ("group", "book")
    assert (second.frequency.loans, second.rate, second.loss) == (0, 250_000, 125)
    book_wide = expected_losses(book, tier, severity=HALF, min_loans=5, today=TODAY)
    assert [group.source for group in book_wide] == ["book", "book"]


def test_without_an_old_loan_the_rate_is_unknown_and_not_zero() -> None:
    book = [loan(9, ("2026-09-01", 1_000, "2026-12-01", RUNNING))]
    (group,) = expected_losses(book, tier, severity=HALF, min_loans=30, today=TODAY)
    assert (group.source, group.rate, group.loss, group.upper) == ("none", None, None, None)
    defaulted = [loan(9, ("2026-09-01", 1_000, "2026-12-01", DEFAULTED))]
    (group,) = expected_losses(defaulted, tier, severity=HALF, min_loans=30, today=TODAY)
    assert group.loss == 500, "nothing of it depends on the rate"


def test_sums_of_tiers_and_of_products_agree() -> None:
    book = [
        loan(
            number,
            ("2026-09-01", number * 7, "2026-12-01", RUNNING if number % 4 else DEFAULTED),
            tier=number % 5,
            product=number % 3,
        )
        for number in range(1, 60)
    ]
    sums = []
    for key in (tier, lambda one: int(one.product)):
        groups = expected_losses(book, key, severity=HALF, min_loans=1, today=TODAY)
        sums.append(
            [sum(getattr(group, name) for group in groups) for name in ("exposure", "in_default")]
        )
    assert sums[0] == sums[1]
    assert sum(sums[0]) == sum(one.drawn for one in book)
