"""The effective annual rate is that of the directive's own examples."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.effective_rate import (
    MAX_RATE,
    Payment,
    effective_annual_rate,
    payments_of,
    rate_of_terms,
)
from app.domain.loan import SCHEDULES, LoanTerms, Style

START = 20_500


# The examples of Directive 98/7/EC, Annex II (Annex III of Directive 87/102/EEC), part B: on the
# basis of a standard year. Directive 2008/48/EC keeps the equation and repeals that directive. It
# rounds to a hundredth of a per cent: 12.92, 16.85, 13.07 and 13.19.
@pytest.mark.parametrize(
    ("drawn", "payments", "millionths"),
    [
        (1_000_00, [(1_200_00, Fraction(3, 2))], 129_243),
        (950_00, [(1_200_00, Fraction(3, 2))], 168_526),
        (1_000_00, [(600_00, Fraction(1)), (600_00, Fraction(2))], 130_662),
        (
            1_000_00,
            [(272_00, Fraction(1, 4)), (272_00, Fraction(1, 2)), (544_00, Fraction(1))],
            131_855,
        ),
    ],
)
def test_rate_is_that_of_the_directives_examples(
    drawn: int, payments: list[tuple[int, Fraction]], millionths: int
) -> None:
    paid = [Payment(amount, years) for amount, years in payments]
    assert effective_annual_rate(drawn, paid) == millionths


def test_rate_is_exact_where_it_is_a_whole_number_of_millionths() -> None:
    assert effective_annual_rate(1_000_00, [Payment(1_100_00, Fraction(1))]) == 100_000
    assert effective_annual_rate(1_000_00, [Payment(1_210_00, Fraction(2))]) == 100_000
    assert effective_annual_rate(1_000_000, [Payment(1_000_001, Fraction(1))]) == 1
    # Half a millionth is rounded up.
    assert effective_annual_rate(2_000_000, [Payment(2_000_001, Fraction(1))]) == 1
    assert effective_annual_rate(2_000_001, [Payment(2_000_002, Fraction(1))]) == 0
    assert effective_annual_rate(10, [Payment(10, Fraction(1))]) == 0


def test_no_rate_is_given_where_there_is_none() -> None:
    assert effective_annual_rate(0, [Payment(10, Fraction(1))]) is None
    assert effective_annual_rate(10, [Payment(9, Fraction(1))]) is None
    assert effective_annual_rate(10, [Payment(11, Fraction(0))]) is None
    assert effective_annual_rate(1, [Payment(1_001, Fraction(1))]) == MAX_RATE
    assert effective_annual_rate(1, [Payment(1_002, Fraction(1))]) is None


def test_rate_of_a_bullet_loan_counts_its_days() -> None:
    terms = LoanTerms(
        style=Style.BULLET, start_day=START, due_day=START + 90, annual_rate=72_000, grace_days=3
    )
    assert payments_of(terms, principal=100_000_00) == [Payment(101_800_00, Fraction(90, 365))]
    expected = 1.018 ** (365 / 90) - 1
    assert rate_of_terms(terms, principal=100_000_00) == round(expected * 1_000_000)


def test_rate_of_quarterly_interest_is_the_rate_of_a_quarter_compounded() -> None:
    terms = LoanTerms(
        style=Style.INTEREST_ONLY,
        start_day=START,
        periods=4,
        months_per_period=3,
        annual_rate=84_000,
    )
    rate = rate_of_terms(terms, principal=10_000_000_00)
    assert rate == pytest.approx((1.021**4 - 1) * 1_000_000, abs=1)


def test_rate_counts_the_days_to_a_fixed_first_due_day() -> None:
    terms = LoanTerms(
        style=Style.INTEREST_ONLY,
        start_day=START,
        due_day=START + 45,
        periods=2,
        annual_rate=72_000,
    )
    years = [payment.years for payment in payments_of(terms, principal=100_000_00)]
    assert years == [Fraction(45, 365), Fraction(45, 365) + Fraction(1, 12)]


@pytest.mark.parametrize("style", [Style.EQUAL_PRINCIPAL, Style.EQUAL_INSTALMENT])
def test_rate_of_monthly_instalments_is_the_monthly_rate_compounded(style: Style) -> None:
    terms = LoanTerms(style=style, start_day=START, periods=12, annual_rate=84_000)
    rate = rate_of_terms(terms, principal=10_000_000_00)
    assert rate == pytest.approx((1.007**12 - 1) * 1_000_000, abs=1)
    later = LoanTerms(
        style=style, start_day=START, periods=12, annual_rate=84_000, shifts=(0,) * 11 + (3,)
    )
    assert rate_of_terms(later, principal=10_000_000_00) != rate


def test_rate_of_a_purchase_that_is_paid_by_its_due_day_is_zero() -> None:
    terms = LoanTerms(
        style=Style.BILLING_CYCLE, start_day=START, due_day=START + 30, annual_rate=84_000
    )
    assert rate_of_terms(terms, principal=500_00) == 0


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(list(Style)),
    st.integers(1, 60),
    st.integers(0, 1_000_000),
    st.integers(1, 10**15),
    st.booleans(),
)
def test_rate_makes_payments_worth_what_was_drawn(
    style: Style, months: int, annual_rate: int, principal: int, same_day_interest: bool
) -> None:
    scheduled = style in SCHEDULES
    terms = LoanTerms(
        style=style,
        start_day=START,
        due_day=0 if scheduled and months % 2 else START + months,
        periods=months if scheduled else 1,
        annual_rate=annual_rate,
        same_day_interest=same_day_interest,
    )
    payments = payments_of(terms, principal=principal)
    assert sum(payment.amount for payment in payments) >= principal
    rate = rate_of_terms(terms, principal=principal)
    if rate is not None:
        worth = sum(
            payment.amount / (1 + rate / 1_000_000) ** float(payment.years) for payment in payments
        )
        assert worth == pytest.approx(principal, rel=1e-5)
