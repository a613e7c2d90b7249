"""Since when a loan is late: the due day of its oldest unpaid instalment, or the next one."""

from __future__ import annotations

import pytest

from app.domain.loan import Loan, LoanTerms, Style

START, GRACE_DAYS = 20_800, 3


def drawn(*, grace_days: int = GRACE_DAYS, periods: int = 6) -> tuple[Loan, int, int]:
    """A loan in instalments, and its first two due days."""
    terms = LoanTerms(
        style=Style.EQUAL_INSTALMENT,
        start_day=START,
        annual_rate=96_000,
        periods=periods,
        grace_days=grace_days,
    )
    return Loan.opened(terms, principal=50_000_00), terms.due_day_of(1), terms.due_day_of(2)


@pytest.mark.parametrize("days", range(GRACE_DAYS + 1))
def test_instalment_paid_on_its_due_day_or_in_its_days_of_grace_is_not_unpaid(days: int) -> None:
    loan, first, second = drawn()
    loan.roll(first + days)
    assert loan.oldest_unpaid(first) == first
    loan.pay(loan.amount_due.total)
    assert loan.oldest_unpaid(first) == second


@pytest.mark.parametrize("missing", ["interest and principal", "one cent"])
def test_instalment_of_which_a_part_is_unpaid_is_the_oldest(missing: str) -> None:
    loan, first, second = drawn()
    loan.roll(first)
    if missing == "one cent":
        loan.pay(loan.amount_due.total - 1)
    assert loan.oldest_unpaid(first) == first
    loan.roll(second + 1)
    assert loan.oldest_unpaid(first) == first, "it is overdue, and older than the second"


def test_late_instalment_paid_in_full_leaves_the_next_one() -> None:
    loan, first, second = drawn(grace_days=0)
    loan.roll(first + 12)
    assert loan.oldest_unpaid(first) == first
    loan.pay(loan.amount_due.total)
    assert loan.oldest_unpaid(first) == second


def test_last_instalment_is_the_oldest_until_it_is_paid() -> None:
    loan, first, _ = drawn(periods=1)
    assert loan.oldest_unpaid(0) == first
    loan.roll(first + GRACE_DAYS + 1)
    assert loan.oldest_unpaid(first) == first
