"""The effective annual rate of a loan, by Directive 2008/48/EC, Annex I, part I.

The rate X makes what the borrower gets equal to what it pays, each payment divided by (1 + X) to
the power of the years since the draw. A year has 365 days or 12 equal months. The borrower is
assumed to pay each amount on its due day, so penalty and costs do not count (Article 19).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

from app.domain.loan import Loan, LoanTerms
from app.domain.repayment import WHOLE
from app.domain.schedule import schedule

MONTHS, DAYS = 12, 365
MAX_RATE = 1_000 * WHOLE  # parts per million
_EXACT = Context(prec=60)
_ROUGH = Context(prec=20)  # enough to find the rate; `_EXACT` then says whether it is right
_ROUNDED = Context(prec=40)  # without the last digits, in which a root is not exact


@dataclass(frozen=True)
class Payment:
    """What the borrower pays, in minor units, so many years after the draw."""

    amount: int
    years: Fraction


def effective_annual_rate(drawn: int, payments: Sequence[Payment]) -> int | None:
    """The rate in parts per million, rounded half up.

    None if there is no such rate from 0 to `MAX_RATE`: nothing is drawn, less is paid than was
    drawn, or so much more in so short a time that the rate would be larger.
    """
    if drawn <= 0 or sum(payment.amount for payment in payments) < drawn:
        return None
    if not _worth_more(drawn, payments, halves=1):
        return 0
    guess = _highest(drawn, payments, exact=_ROUGH)
    if guess <= MAX_RATE and _is_rate(drawn, payments, guess):
        return guess
    rate = _highest(drawn, payments, exact=_EXACT)
    return None if rate > MAX_RATE else rate


def _highest(drawn: int, payments: Sequence[Payment], *, exact: Context) -> int:
    """The rate by bisection; above `MAX_RATE` if there is none."""
    low, high = 0, MAX_RATE + 1  # the half below `low` is worth more than `drawn`, not so `high`
    if _worth_more(drawn, payments, halves=2 * high - 1, exact=exact):
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if _worth_more(drawn, payments, halves=2 * middle - 1, exact=exact):
            low = middle
        else:
            high = middle
    return low


def _is_rate(drawn: int, payments: Sequence[Payment], rate: int) -> bool:
    """Whether a rate, found in few digits, is the one of all digits."""
    return (rate == 0 or _worth_more(drawn, payments, halves=2 * rate - 1)) and not _worth_more(
        drawn, payments, halves=2 * rate + 1
    )


def _worth_more(
    drawn: int, payments: Sequence[Payment], *, halves: int, exact: Context = _EXACT
) -> bool:
    """Whether the payments are worth `drawn` or more at a rate, given in halves of a millionth."""
    growth = exact.divide(Decimal(2 * WHOLE + halves), Decimal(2 * WHOLE))
    # One root serves all payments: a twelfth and a day are whole multiples of its share of a year.
    root = exact.power(growth, exact.divide(Decimal(-1), Decimal(MONTHS * DAYS)))
    worth = Decimal(0)
    for payment in payments:
        steps = payment.years * MONTHS * DAYS
        discount = (
            exact.power(root, steps.numerator)
            if steps.denominator == 1
            else exact.power(growth, -_decimal(payment.years))
        )
        worth = exact.fma(Decimal(payment.amount), discount, worth)
    return (_ROUNDED.plus(worth) if exact is _EXACT else worth) >= drawn


def _decimal(number: Fraction) -> Decimal:
    return _EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))


def payments_of(terms: LoanTerms, *, principal: int) -> list[Payment]:
    """What the borrower pays if it pays each amount on its due day."""
    return [
        Payment(due.parts.total, _years_to(terms, due.number))
        for due in schedule(Loan.opened(terms, principal=principal))
    ]


def _years_to(terms: LoanTerms, number: int) -> Fraction:
    """From the draw to the due day of instalment `number`, in whole months and in days."""
    months, shift = terms.months_per_period, Fraction(terms.shift(number), DAYS)
    if not terms.scheduled:
        return Fraction(terms.due_day - terms.start_day, DAYS) + shift
    if not terms.due_day:
        return Fraction(number * months, MONTHS) + shift
    first = Fraction(terms.due_day - terms.start_day, DAYS)
    return first + Fraction((number - 1) * months, MONTHS) + shift


@lru_cache(maxsize=10_000)
def rate_of_terms(terms: LoanTerms, *, principal: int) -> int | None:
    """The effective annual rate of a loan as it was drawn, in parts per million."""
    return effective_annual_rate(principal, payments_of(terms, principal=principal))
