"""How each amount of a loan is computed: rule, factors, exact result and rounded result.

A person can compute each figure again with a pencil. The rules are those of `app.domain.loan`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from app.domain import repayment
from app.domain.loan import Loan, LoanTerms, Style
from app.domain.texts import mark

INTEREST = mark(
    "sum of days x annual rate / (days of a year x 1,000,000), rounded half up, less interest paid "
    "before"
)
PENALTY = mark(
    "sum of overdue days x annual rate x penalty multiple / (days of a year x 1,000,000 x "
    "1,000,000), rounded half up, less penalty paid before"
)
INTEREST_SINCE_RESET = mark(
    "interest until the last reset of the rate, plus sum of days x annual rate / (days of a "
    "year x 1,000,000), rounded half up, less interest paid before"
)
PENALTY_SINCE_RESET = mark(
    "penalty until the last reset of the rate, plus sum of overdue days x annual rate x "
    "penalty multiple / (days of a year x 1,000,000 x 1,000,000), rounded half up, less "
    "penalty paid before"
)
EQUAL_PRINCIPAL = mark(
    "principal / instalments, rounded half up, less principal repaid ahead; at most what is left"
)
EQUAL_INSTALMENT = mark(
    "principal x i x (1 + i)^n / ((1 + i)^n - 1), where i is annual rate x months of a period / "
    "12,000,000 and n is the number of instalments, rounded half up, less interest of the whole "
    "period, less principal repaid ahead; at least 0 and at most what is left"
)
LAST = mark("the last instalment is what is left")
WITHOUT_PRINCIPAL = mark("the first instalments repay no principal")
EARLY = mark(
    "money repaid early x 1,000,000 / (1,000,000 + fee), rounded half up, less principal repaid "
    "early before, plus principal due soon, which bears no fee; the rest of the money is the fee"
)
FEE = mark(
    "(2 x principal repaid early - 1) x (1,000,000 + fee) / 2,000,000, rounded up, less money "
    "repaid early before, less principal not due yet, plus principal due soon, which bears no fee"
)


FEES_OF_DRAW = mark("principal x share / 1,000,000, rounded half up, plus the flat fee")
PERIODIC_FEE = mark("principal that was not due before x share / 1,000,000, rounded half up")


#: Names of figures of an instalment; `{number}` is its number.
NUMBERED = (
    mark("interest of instalment {number}"),
    mark("principal of instalment {number}"),
    mark("service fee of instalment {number}"),
)


class Unit(Enum):
    """In what a factor is counted."""

    MONEY = "money"
    MONEY_DAYS = mark("minor units x days")
    DAYS = mark("days")
    MILLIONTHS = mark("millionths")
    COUNT = mark("number")


@dataclass(frozen=True)
class Factor:
    """A number from which a figure is computed; money is in minor units."""

    name: str
    value: int
    unit: Unit


@dataclass(frozen=True, kw_only=True)
class Figure:
    """An amount in minor units, and how it is computed.

    Attributes:
        exact: the rule's result before it is rounded.
        rounded: the result in whole minor units.
        less: what is subtracted from it.
        amount: the figure.
    """

    name: str
    day: int
    rule: str
    factors: tuple[Factor, ...]
    exact: Fraction
    rounded: int
    less: int
    amount: int


def interest(
    name: str, terms: LoanTerms, *, day: int, sum_of_days: int, paid_before: int, fixed: int = 0
) -> Figure:
    """Interest on an exact sum of principal x days.

    Args:
        fixed: interest of the period until the last reset of a floating rate.
    """
    year = repayment.YEAR_DAYS if terms.scheduled else terms.day_count
    exact = fixed + Fraction(sum_of_days * terms.annual_rate, year * repayment.WHOLE)
    rounded = repayment.half_up(exact)
    return Figure(
        name=name,
        day=day,
        rule=INTEREST_SINCE_RESET if fixed else INTEREST,
        factors=(
            *_until_reset(mark("interest until the last reset of the rate"), fixed),
            Factor(mark("sum of days"), sum_of_days, Unit.MONEY_DAYS),
            Factor(mark("annual rate"), terms.annual_rate, Unit.MILLIONTHS),
            Factor(mark("days of a year"), year, Unit.DAYS),
            Factor(mark("interest paid before"), paid_before, Unit.MONEY),
        ),
        exact=exact,
        rounded=rounded,
        less=paid_before,
        amount=rounded - paid_before,
    )


def fees_of_draw(terms: LoanTerms, *, principal: int) -> Figure:
    """The service fees of the draw; they fall due with the first instalment."""
    exact = terms.flat_fee + Fraction(principal * terms.draw_fee, repayment.WHOLE)
    rounded = repayment.half_up(exact)
    return Figure(
        name=mark("service fees of the draw"),
        day=terms.start_day,
        rule=FEES_OF_DRAW,
        factors=(
            Factor(mark("principal"), principal, Unit.MONEY),
            Factor(mark("share"), terms.draw_fee, Unit.MILLIONTHS),
            Factor(mark("flat fee"), terms.flat_fee, Unit.MONEY),
        ),
        exact=exact,
        rounded=rounded,
        less=0,
        amount=rounded,
    )


def periodic_fee(terms: LoanTerms, number: int, *, day: int, principal: int) -> Figure:
    """The service fee that an instalment is charged.

    Args:
        principal: what was not due before.
    """
    exact = Fraction(principal * terms.periodic_fee, repayment.WHOLE)
    rounded = repayment.half_up(exact)
    return Figure(
        name=f"service fee of instalment {number}",
        day=day,
        rule=PERIODIC_FEE,
        factors=(
            Factor(mark("principal"), principal, Unit.MONEY),
            Factor(mark("share"), terms.periodic_fee, Unit.MILLIONTHS),
        ),
        exact=exact,
        rounded=rounded,
        less=0,
        amount=rounded,
    )


def _until_reset(name: str, fixed: int) -> tuple[Factor, ...]:
    return (Factor(name, fixed, Unit.MONEY),) if fixed else ()


def penalty(loan: Loan) -> Figure:
    """The penalty owed on the loan's day."""
    terms = loan.terms
    fixed = loan.penalty_fixed
    exact = fixed + Fraction(
        loan.penalty_days * terms.annual_rate * terms.penalty_multiple,
        terms.day_count * repayment.WHOLE * repayment.WHOLE,
    )
    rounded = repayment.half_up(exact)
    return Figure(
        name=mark("penalty"),
        day=loan.as_of_day,
        rule=PENALTY_SINCE_RESET if fixed else PENALTY,
        factors=(
            *_until_reset(mark("penalty until the last reset of the rate"), fixed),
            Factor(mark("sum of overdue days"), loan.penalty_days, Unit.MONEY_DAYS),
            Factor(mark("annual rate"), terms.annual_rate, Unit.MILLIONTHS),
            Factor(mark("penalty multiple"), terms.penalty_multiple, Unit.MILLIONTHS),
            Factor(mark("days of a year"), terms.day_count, Unit.DAYS),
            Factor(mark("penalty paid before"), loan.penalty_paid, Unit.MONEY),
        ),
        exact=exact,
        rounded=rounded,
        less=loan.penalty_paid,
        amount=rounded - loan.penalty_paid,
    )


def principal_falling_due(loan: Loan, number: int, *, day: int) -> Figure:
    """The principal of an instalment, computed before it falls due."""
    terms, name = loan.terms, f"principal of instalment {number}"
    if number == terms.periods:
        left = loan.balance
        return Figure(
            name=name,
            day=day,
            rule=LAST,
            factors=(Factor(mark("principal not due yet"), left, Unit.MONEY),),
            exact=Fraction(left),
            rounded=left,
            less=0,
            amount=left,
        )
    without_principal = terms.first_periods_without_principal
    if number <= without_principal:
        return Figure(
            name=name,
            day=day,
            rule=WITHOUT_PRINCIPAL,
            factors=(Factor(mark("instalments without principal"), without_principal, Unit.COUNT),),
            exact=Fraction(0),
            rounded=0,
            less=0,
            amount=0,
        )
    periods = terms.periods - max(loan.base_period, without_principal)
    at_start = loan.balance + loan.ahead
    shared = (
        Factor(mark("principal"), loan.base, Unit.MONEY),
        Factor(mark("instalments"), periods, Unit.COUNT),
    )
    ahead = Factor(mark("principal repaid ahead"), loan.ahead, Unit.MONEY)
    if terms.style is Style.EQUAL_PRINCIPAL:
        exact, whole_interest, rule = Fraction(loan.base, periods), 0, EQUAL_PRINCIPAL
        factors: tuple[Factor, ...] = (*shared, ahead)
    else:
        exact = repayment.equal_instalment(
            loan.base,
            annual_rate=terms.annual_rate,
            periods=periods,
            months_per_period=terms.months_per_period,
        )
        whole_interest = repayment.interest_half_up(
            at_start * terms.span(number),
            annual_rate=terms.annual_rate,
            day_count=repayment.YEAR_DAYS,
        )
        rule = EQUAL_INSTALMENT
        factors = (
            *shared,
            Factor(mark("annual rate"), terms.annual_rate, Unit.MILLIONTHS),
            Factor(mark("months of a period"), terms.months_per_period, Unit.COUNT),
            Factor(mark("interest of the whole period"), whole_interest, Unit.MONEY),
            ahead,
        )
    rounded, less = repayment.half_up(exact), whole_interest + loan.ahead
    return Figure(
        name=name,
        day=day,
        rule=rule,
        factors=factors,
        exact=exact,
        rounded=rounded,
        less=less,
        amount=min(max(rounded - less, 0), loan.balance),
    )


def early_repayment(before: Loan, *, money: int, principal: int) -> Figure:
    """The principal that money repaid before it was due pays, with its fee.

    Args:
        before: the loan before the payment.
        money: the part of the payment that was not due.
        principal: what of it went to principal.
    """
    fee, free = before.terms.fee, before.free_of_fee
    total = before.prepaid + money - free
    exact = Fraction(total * repayment.WHOLE, repayment.WHOLE + fee)
    earlier = repayment.principal_of_prepayment_half_up(before.prepaid, fee=fee)
    return Figure(
        name=mark("principal repaid early"),
        day=before.as_of_day,
        rule=EARLY,
        factors=(
            Factor(mark("money repaid early"), total, Unit.MONEY),
            Factor(mark("of it now"), money - free, Unit.MONEY),
            Factor(mark("principal due soon"), free, Unit.MONEY),
            Factor(mark("fee"), fee, Unit.MILLIONTHS),
            Factor(mark("principal repaid early before"), earlier, Unit.MONEY),
        ),
        exact=exact,
        rounded=repayment.half_up(exact),
        less=earlier - free,
        amount=principal,
    )


def fee_of_payoff(loan: Loan) -> Figure:
    """The fee for repaying the rest on the loan's day, before it is due."""
    fee, free = loan.terms.fee, loan.free_of_fee
    early = loan.balance - free
    earlier = repayment.principal_of_prepayment_half_up(loan.prepaid, fee=fee)
    exact = Fraction((2 * (earlier + early) - 1) * (repayment.WHOLE + fee), 2 * repayment.WHOLE)
    rounded, less = -(-exact.numerator // exact.denominator), loan.prepaid + early
    return Figure(
        name=mark("fee for repaying all today"),
        day=loan.as_of_day,
        rule=FEE,
        factors=(
            Factor(mark("principal repaid early"), earlier + early, Unit.MONEY),
            Factor(mark("fee"), fee, Unit.MILLIONTHS),
            Factor(mark("money repaid early before"), loan.prepaid, Unit.MONEY),
            Factor(mark("principal not due yet"), loan.balance, Unit.MONEY),
            Factor(mark("principal due soon"), free, Unit.MONEY),
        ),
        exact=exact,
        rounded=rounded,
        less=less,
        amount=rounded - less,
    )
