"""What repays a new loan whole on a day before it ends."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from app.domain.calendar import day_of
from app.domain.loan import Loan, LoanTerms, Style
from app.domain.payoffs import payoffs, sample_days
from app.domain.schedule import schedule

START = day_of(datetime.date(2026, 3, 2))
MILLION = 1_000_000_00


def opened(style: Style, **terms: Any) -> Loan:
    return Loan.opened(
        LoanTerms(style=style, start_day=START, annual_rate=72_000, **terms), principal=MILLION
    )


def bullet(days: int, **terms: Any) -> Loan:
    return opened(Style.BULLET, periods=1, due_day=START + days, **terms)


def test_a_bullet_loan_costs_the_interest_of_the_days_until_it_is_repaid() -> None:
    early, due = payoffs(bullet(60), [START + 30, START + 60])
    assert (early.parts.interest, early.parts.principal, early.before) == (6_000_00, MILLION, 0)
    assert due.parts.interest == 12_000_00


def test_early_repayment_has_its_fee_and_the_due_day_has_none() -> None:
    early, due = payoffs(bullet(60, early_fee=10_000), [START + 30, START + 60])
    assert (early.parts.fee, due.parts.fee) == (10_000_00, 0)


def test_instalments_before_the_day_are_paid_and_the_last_day_costs_the_whole_schedule() -> None:
    loan = opened(Style.EQUAL_PRINCIPAL, periods=6)
    whole = schedule(loan)
    third = payoffs(loan, [whole[2].day])[0]
    assert third.before == whole[0].parts.total + whole[1].parts.total
    assert third.parts.principal == sum(due.parts.principal for due in whole[2:])
    last = payoffs(loan, [whole[-1].day])[0]
    assert last.before + last.parts.total == sum(due.parts.total for due in whole)
    assert payoffs(loan, [whole[-1].day + 1]) == []


@pytest.mark.parametrize(("days", "count"), [(1, 1), (7, 1), (8, 2), (91, 13), (92, 3), (360, 12)])
def test_sample_days_are_few_and_end_with_the_due_day(days: int, count: int) -> None:
    days_shown = sample_days(bullet(days))
    assert len(days_shown) == count
    assert days_shown[-1] == START + days
    assert days_shown == sorted(set(days_shown))


def test_sample_days_of_five_years_are_at_most_fourteen() -> None:
    assert len(sample_days(opened(Style.EQUAL_INSTALMENT, periods=60))) <= 14
