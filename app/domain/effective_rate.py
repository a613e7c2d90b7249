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

from app.domain.loan import Loan, LoanTerms, Style
from app.domain.repayment import WHOLE

MONTHS, DAYS = 12, 365
MAX_RATE = 1_000 * WHOLE  # parts per million
_EXACT = Context(prec=60)
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
    low, high = 0, MAX_RATE + 1  # the half below `low` is worth more than `drawn`, not so `high`
    if _worth_more(drawn, payments, halves=2 * high - 1):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _worth_more(drawn, payments, halves=2 * middle - 1):
            low = middle
        else:
            high = middle
    return low


def _worth_more(drawn: int, payments: Sequence[Payment], *, halves: int) -> bool:
    """Whether the payments are worth `drawn` or more at a rate, given in halves of a millionth."""
    growth = _EXACT.divide(Decimal(2 * WHOLE + halves), Decimal(2 * WHOLE))
    # One root serves all payments: a twelfth and a day are whole multiples of its share of a year.
    root = _EXACT.power(growth, _EXACT.divide(Decimal(-1), Decimal(MONTHS * DAYS)))
    worth = Decimal(0)
    for payment in payments:
        steps = payment.years * MONTHS * DAYS
        discount = (
            _EXACT.power(root, steps.numerator)
            if steps.denominator == 1
            else _EXACT.power(growth, -_decimal(payment.years))
        )
        worth = _EXACT.fma(Decimal(payment.amount), discount, worth)
    return _ROUNDED.plus(worth) >= drawn


def _decimal(number: Fraction) -> Decimal:
    return _EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))


def payments_of(terms: LoanTerms, *, principal: int) -> list[Payment]:
    """What the borrower pays if it pays each amount on its due day."""
    loan, payments = Loan.opened(terms, principal=principal), []
    for number in range(1, terms.periods + 1):
        day = terms.due_day_of(number)
        loan.roll(day)
        due = loan.payoff if terms.style is Style.BILLING_CYCLE else loan.amount_due
        loan.pay(due.total)
        payments.append(Payment(due.total, _years_to(terms, number)))
    return payments


def _years_to(terms: LoanTerms, number: int) -> Fraction:
    """From the draw to the due day of instalment `number`, in whole months and in days."""
    months, shift = terms.months_per_period, Fraction(terms.shift(number), DAYS)
    if not terms.scheduled:
        return Fraction(terms.due_day - terms.start_day, DAYS) + shift
    if not terms.due_day:
        return Fraction(number * months, MONTHS) + shift
    first = Fraction(terms.due_day - terms.start_day, DAYS)
    return first + Fraction((number - 1) * months, MONTHS) + shift


def rate_of_terms(terms: LoanTerms, *, principal: int) -> int | None:
    """The effective annual rate of a loan as it was drawn, in parts per million."""
    return effective_annual_rate(principal, payments_of(terms, principal=principal))
