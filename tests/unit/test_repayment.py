"""Repayment arithmetic: worked numbers to the cent, and agreement with other libraries."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy_financial
import pytest
import QuantLib
from hypothesis import given
from hypothesis import strategies as st

from app.domain import calendar, repayment
from app.domain import schedule as schedules
from app.domain.catalogue_files import read_calendar
from app.domain.loan import Loan, LoanTerms, Style

ROOT = Path(__file__).resolve().parents[2]
START = 20_800
AMOUNTS = st.integers(min_value=1, max_value=10**12)
RATES = st.integers(min_value=1, max_value=1_000_000)


@pytest.mark.parametrize(
    ("principal", "rate", "days", "interest"),
    [
        (1_000_000_00, 72_000, 37, 7_400_00),
        (333_333_33, 100_500, 1, 93_06),
        (4_999_999_99, 91_200, 365, 462_333_33),
    ],
)
def test_daily_interest_equals_the_worked_number(
    principal: int, rate: int, days: int, interest: int
) -> None:
    assert repayment.interest_half_up(principal * days, annual_rate=rate, day_count=360) == interest


def test_discount_equals_the_worked_number() -> None:
    assert repayment.discount_half_up(800_000_00, annual_rate=43_500, days_early=86) == 8_313_33


def schedule(style: Style, principal: int, rate: int, periods: int) -> list[tuple[int, int]]:
    """Interest and principal of each instalment of a loan that is paid as it falls due."""
    terms = LoanTerms(style=style, start_day=START, annual_rate=rate, periods=periods)
    loan = Loan.opened(terms, principal=principal)
    rows = []
    for number in range(1, periods + 1):
        loan.roll(terms.due_day_of(number))
        due = loan.amount_due
        assert loan.pay(due.total) == (due, 0)
        rows.append((due.interest, due.principal))
    assert loan.paid
    return rows


def test_equal_instalments_equal_the_worked_numbers() -> None:
    rows = schedule(Style.EQUAL_INSTALMENT, 600_000_00, 84_000, 6)
    assert [sum(row) for row in rows] == [102_464_24] * 5 + [102_464_25]
    assert [interest for interest, _ in rows] == [
        4_200_00, 3_512_15, 2_819_49, 2_121_97, 1_419_58, 712_26,
    ]  # fmt: skip


def test_equal_principal_equals_the_worked_numbers() -> None:
    rows = schedule(Style.EQUAL_PRINCIPAL, 1_000_000_00, 66_000, 3)
    assert [sum(row) for row in rows] == [338_833_33, 337_000_00, 335_166_67]


@given(AMOUNTS, RATES, st.integers(min_value=1, max_value=60))
def test_instalment_equals_numpy_financials_payment(amount: int, rate: int, periods: int) -> None:
    monthly = Decimal(rate) / Decimal(12_000_000)
    theirs = -numpy_financial.pmt(monthly, periods, Decimal(amount))
    ours = repayment.equal_instalment_half_up(amount, annual_rate=rate, periods=periods)
    assert abs(Decimal(ours) - theirs) <= Decimal("0.500001")


@given(
    st.sampled_from([Style.EQUAL_INSTALMENT, Style.EQUAL_PRINCIPAL]),
    AMOUNTS,
    RATES,
    st.integers(min_value=1, max_value=60),
)
def test_principal_of_a_schedule_sums_to_the_loan(
    style: Style, amount: int, rate: int, periods: int
) -> None:
    rows = schedule(style, amount, rate, periods)
    assert sum(principal for _, principal in rows) == amount
    assert all(principal >= 0 for _, principal in rows)


@given(st.integers(min_value=0, max_value=10**18), st.integers(min_value=1, max_value=10**9))
def test_half_up_is_the_nearest_whole(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    rounded = repayment.half_up(exact)
    assert Fraction(-1, 2) < rounded - exact <= Fraction(1, 2)


@given(AMOUNTS, st.integers(min_value=0, max_value=200_000))
def test_prepayment_is_the_smallest_amount_that_repays_the_loan(principal: int, fee: int) -> None:
    money = repayment.money_of_prepayment(principal, fee=fee)
    assert repayment.principal_of_prepayment_half_up(money, fee=fee) == principal
    assert repayment.principal_of_prepayment_half_up(money - 1, fee=fee) < principal


def test_a_due_date_on_the_31st_falls_on_the_last_day_of_a_shorter_month() -> None:
    start = calendar.day_of(date(2027, 10, 31))
    dates = [calendar.date_of(calendar.add_months(start, months)) for months in (1, 2, 4)]
    assert [str(when) for when in dates] == ["2027-11-30", "2027-12-31", "2028-02-29"]


# -- rules that QuantLib shares; it reckons in binary fractions, near enough here

DAYS = st.integers(min_value=calendar.day_of(date(2000, 1, 1)), max_value=47_481)  # 2100
EPSILON = Fraction(1, 100)


def theirs(day: int) -> QuantLib.Date:
    """A day as QuantLib has it."""
    when = calendar.date_of(day)
    return QuantLib.Date(when.day, when.month, when.year)


@given(AMOUNTS, RATES, DAYS, st.integers(min_value=0, max_value=3660), st.sampled_from([360, 365]))
def test_interest_equals_quantlibs_simple_interest(
    amount: int, rate: int, start: int, days: int, day_count: int
) -> None:
    counter = QuantLib.Actual360() if day_count == 360 else QuantLib.Actual365Fixed()
    terms = QuantLib.InterestRate(rate / 1e6, counter, QuantLib.Simple, QuantLib.Annual)
    exact = Fraction(terms.compoundFactor(theirs(start), theirs(start + days)) - 1) * amount
    ours = repayment.interest_half_up(amount * days, annual_rate=rate, day_count=day_count)
    assert abs(ours - exact) <= Fraction(1, 2) + EPSILON


@given(DAYS, st.integers(min_value=0, max_value=60))
def test_months_end_where_quantlibs_do(day: int, months: int) -> None:
    later = theirs(day) + QuantLib.Period(months, QuantLib.Months)
    assert theirs(calendar.add_months(day, months)) == later
    assert theirs(calendar.month_end(day)) == QuantLib.Date.endOfMonth(theirs(day))
    assert calendar.date_of(calendar.week_end(day)).weekday() == 6
    assert 0 <= calendar.week_end(day) - day < 7


def test_catalogues_holidays_of_2026_equal_chinas_interbank_market() -> None:
    holidays = read_calendar(ROOT / "products.yaml")
    assert holidays is not None
    market = QuantLib.China(QuantLib.China.IB)
    first, last = (calendar.day_of(date(2026, *at)) for at in ((1, 1), (12, 31)))
    for day in range(first, last + 1):
        assert (day in holidays.closed) != market.isBusinessDay(theirs(day)), calendar.date_of(day)


@given(
    AMOUNTS,
    st.integers(min_value=10_000, max_value=1_000_000),  # below 1 % it cancels digits away
    st.integers(min_value=2, max_value=60),
)
def test_instalment_equals_quantlibs_sinking_notional(amount: int, rate: int, periods: int) -> None:
    notionals = QuantLib.sinkingNotionals(
        QuantLib.Period(periods, QuantLib.Months), QuantLib.Monthly, rate / 1e6, float(amount)
    )
    exact = Fraction(notionals[0]) * rate / 12_000_000 + Fraction(notionals[0] - notionals[1])
    ours = repayment.equal_instalment_half_up(amount, annual_rate=rate, periods=periods)
    assert abs(ours - exact) <= Fraction(1, 2) + 10 * EPSILON


def test_a_due_day_moved_by_a_holiday_moves_the_interest_with_it() -> None:
    terms = LoanTerms(
        style=Style.EQUAL_PRINCIPAL, start_day=START, annual_rate=36_000, periods=2, shifts=(2, 0)
    )
    loan = Loan.opened(terms, principal=360_000_00)
    loan.roll(terms.due_day_of(1))
    # 32 days of 360 at 3.6% on 360,000.00, then 28 on what is left.
    assert loan.amount_due.interest == 1_152_00
    loan.pay(loan.amount_due.total)
    loan.roll(terms.due_day_of(2))
    assert loan.amount_due.interest == 504_00


def test_instalment_paid_early_is_not_due_again() -> None:
    terms = LoanTerms(style=Style.EQUAL_PRINCIPAL, start_day=START, annual_rate=66_000, periods=3)
    loan = Loan.opened(terms, principal=1_000_000_00)
    loan.roll(START + 25)
    parts, left = loan.pay(338_833_33)
    assert (parts.interest, parts.principal, left) == (4_583_33, 334_250_00, 0)
    loan.roll(terms.due_day_of(1))
    # What was paid beyond the instalment's principal is divided over what is left.
    assert loan.amount_due.principal == 0
    assert loan.base == 665_750_00


def test_early_repayment_costs_interest_to_the_day_and_the_fee() -> None:
    terms = LoanTerms(
        style=Style.BULLET,
        start_day=START,
        due_day=START + 90,
        annual_rate=72_000,
        early_fee=10_000,
    )
    loan = Loan.opened(terms, principal=1_000_000_00)
    loan.roll(START + 37)
    assert loan.payoff.total == 1_000_000_00 + 7_400_00 + 10_000_00
    parts, left = loan.pay(loan.payoff.total + 1)
    assert (parts.interest, parts.fee, left, loan.paid) == (7_400_00, 10_000_00, 1, True)


@pytest.mark.parametrize(("flag", "interest"), [(False, 0), (True, 200_00)])
def test_repayment_on_the_day_of_the_draw_costs_what_the_product_says(
    flag: bool, interest: int
) -> None:
    terms = LoanTerms(
        style=Style.BULLET,
        start_day=START,
        due_day=START + 37,
        annual_rate=72_000,
        same_day_interest=flag,
    )
    loan = Loan.opened(terms, principal=1_000_000_00)
    loan.roll(START)
    assert loan.payoff.interest == interest
    loan.roll(START + 37)
    assert loan.amount_due.interest == 7_400_00


def test_penalty_on_interest_runs_only_when_the_product_says_so() -> None:
    def penalty(on_interest: bool) -> int:
        terms = LoanTerms(
            style=Style.BULLET,
            start_day=START,
            due_day=START + 100,
            annual_rate=72_000,
            penalty_on_interest=on_interest,
        )
        loan = Loan.opened(terms, principal=1_000_000_00)
        loan.roll(START + 110)
        return loan.penalty_due

    assert penalty(False) == 3_000_00
    assert penalty(True) == 3_060_00


def test_extension_divides_the_principal_not_yet_due_over_more_periods() -> None:
    terms = LoanTerms(style=Style.EQUAL_PRINCIPAL, start_day=20_000, annual_rate=84_000, periods=1)
    loan = Loan.opened(terms, principal=1_000_00)
    loan.pay(100_00)
    loan.extend(3)
    for number in (1, 2, 3):
        loan.roll(loan.terms.due_day_of(number))
        assert loan.amount_due.principal == 300_00
        loan.pay(loan.amount_due.total)
    assert loan.paid


# -- conventions of decision 43


def test_an_instalment_paid_in_grace_costs_nothing_and_later_from_the_first_day() -> None:
    def owed(days_late: int) -> Loan:
        terms = LoanTerms(
            style=Style.BULLET,
            start_day=START,
            due_day=START + 90,
            annual_rate=72_000,
            grace_days=3,
        )
        loan = Loan.opened(terms, principal=1_000_000_00)
        loan.roll(START + 90 + days_late)
        return loan

    on_time = owed(0).payoff
    assert owed(3).payoff == on_time, "neither interest nor penalty in grace"
    late = owed(4).payoff
    assert late.interest == on_time.interest, "interest ends on the due day"
    assert late.penalty == 4 * 300_00, "four days at one and a half times the rate"


def test_a_due_day_of_29_to_31_returns_after_a_short_month_which_costs_a_whole_month() -> None:
    start = calendar.day_of(date(2026, 12, 31))
    terms = LoanTerms(style=Style.EQUAL_PRINCIPAL, start_day=start, annual_rate=72_000, periods=4)
    dues = schedules.schedule(Loan.opened(terms, principal=1_200_000_00))
    assert [str(calendar.date_of(due.day)) for due in dues] == [
        *("2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30")
    ]
    assert [due.parts.interest for due in dues] == [7_200_00, 5_400_00, 3_600_00, 1_800_00]


@pytest.mark.parametrize(
    ("days_early", "more", "fee"),
    [(0, 0, 0), (1, 0, 0), (10, 0, 0), (1, 101_00, 1_00), (11, 0, None)],
)
def test_an_instalment_paid_up_to_ten_days_early_bears_no_fee(
    days_early: int, more: int, fee: int | None
) -> None:
    terms = LoanTerms(
        style=Style.EQUAL_PRINCIPAL,
        start_day=START,
        annual_rate=72_000,
        periods=12,
        early_fee=10_000,
    )
    loan = Loan.opened(terms, principal=1_200_000_00)
    loan.roll(terms.due_day_of(1) - days_early)
    running = loan.payoff.interest
    parts, left = loan.pay(running + 100_000_00 + more)
    assert left == 0
    if fee is None:
        assert parts.fee == pytest.approx(100_000_00 / 101, abs=1), "eleven days are early"
        return
    assert parts.fee == fee
    assert parts.principal == 100_000_00 + more - fee
    loan.roll(terms.due_day_of(1))
    assert loan.amount_due.principal == 0, "it is paid"
    again = loan.payoff
    assert again.fee == 11_000_00 - fee, "of all that is not due, as if it were repaid at once"


@given(st.integers(0, 25), st.lists(st.integers(1, 200_000_00), min_size=1, max_size=6))
def test_many_small_repayments_cost_the_fee_of_one_large(days: int, amounts: list[int]) -> None:
    terms = LoanTerms(
        style=Style.EQUAL_INSTALMENT,
        start_day=START,
        annual_rate=72_000,
        periods=12,
        early_fee=10_000,
    )
    many = Loan.opened(terms, principal=1_200_000_00)
    many.roll(START + days)
    one = copy.deepcopy(many)
    paid = [many.pay(amount)[0] for amount in amounts]
    whole, _ = one.pay(sum(amounts))
    assert sum(parts.fee for parts in paid) == whole.fee
    assert many == one
