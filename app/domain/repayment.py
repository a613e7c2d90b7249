"""Interest, discount and instalments, in whole minor units, each rounded once.

Rates, shares and multiples are parts per million; rates are annual. Twin of
contracts/math/RepaymentMath.sol, computed with exact fractions.
"""

from __future__ import annotations

from fractions import Fraction

WHOLE = 1_000_000
MONTH_DAYS = 30
YEAR_DAYS = 360
MAX_PERIODS = 60


def half_up(exact: Fraction) -> int:
    """The nearest whole number, a half upwards; for amounts from zero."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def share_half_up(amount: int, share: int) -> int:
    """A share of an amount, in parts per million."""
    return half_up(Fraction(amount * share, WHOLE))


def interest_half_up(principal_days: int, *, annual_rate: int, day_count: int) -> int:
    """Simple interest on an exact sum of principal * days."""
    return half_up(Fraction(principal_days * annual_rate, day_count * WHOLE))


def penalty_half_up(overdue_days: int, *, annual_rate: int, multiple: int, day_count: int) -> int:
    """Penalty on an exact sum of overdue amount * days, at a multiple of the rate."""
    return half_up(Fraction(overdue_days * annual_rate * multiple, day_count * WHOLE * WHOLE))


def discount_half_up(face: int, *, annual_rate: int, days_early: int) -> int:
    """Discount of a face amount paid some days before it is due; price = face - discount."""
    return interest_half_up(face * days_early, annual_rate=annual_rate, day_count=YEAR_DAYS)


def equal_principal_half_up(principal: int, *, periods: int) -> int:
    """Principal of one of several equal periods."""
    return half_up(Fraction(principal, periods))


def equal_instalment(
    principal: int, *, annual_rate: int, periods: int, months_per_period: int = 1
) -> Fraction:
    """Instalment P * i * (1+i)^n / ((1+i)^n - 1); no rate: P / n.

    The rate of a period, i, is annual rate / 12 * months of a period.
    """
    if annual_rate == 0:
        return Fraction(principal, periods)
    rate = Fraction(annual_rate * months_per_period, 12 * WHOLE)
    growth = (1 + rate) ** periods
    return principal * rate * growth / (growth - 1)


def equal_instalment_half_up(
    principal: int, *, annual_rate: int, periods: int, months_per_period: int = 1
) -> int:
    """The instalment of `equal_instalment`, rounded."""
    return half_up(
        equal_instalment(
            principal,
            annual_rate=annual_rate,
            periods=periods,
            months_per_period=months_per_period,
        )
    )


def principal_of_prepayment_half_up(money: int, *, fee: int) -> int:
    """Principal that money repays early when a fee, a share of that principal, is added."""
    return half_up(Fraction(money * WHOLE, WHOLE + fee))


def money_of_prepayment(principal: int, *, fee: int) -> int:
    """The smallest amount whose `principal_of_prepayment_half_up` is this principal."""
    if principal == 0:
        return 0
    return -((1 - 2 * principal) * (WHOLE + fee) // (2 * WHOLE))
