"""The effective annual rates of the draws that terms of financing allow.

As Directive 2008/48/EC, Annex I, part II assumes: all of the amount is drawn at once, and repaid as
it falls due. The shortest and the longest tenor of each style are the bounds between which the
others lie.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from app.domain.catalogue import MAX_PERIODS
from app.domain.draw_terms import NO_FEES, DrawFees, loan_terms
from app.domain.effective_rate import rate_of_terms
from app.domain.loan import SCHEDULES, AfterPrepayment, LoanTerms, Style
from app.domain.product_terms import ProductTerms

# Months count as twelfths of a year and days by their number, so the day of the draw is of no
# account. A day in the middle of a month, so that no due day is on the end of a shorter one.
_DAY = 20_468


class RateExample(NamedTuple):
    """A draw and its effective annual rate.

    Attributes:
        tenor: days of a bullet, months of a schedule, 0 for a bill.
        rate: in parts per million; None: there is none.
    """

    style: Style
    tenor: int
    rate: int | None


def rate_examples(
    product: ProductTerms, *, annual_rate: int, amount: int, fees: DrawFees = NO_FEES
) -> list[RateExample]:
    """The rates of the shortest and of the longest draw of each style.

    Args:
        amount: what is drawn, in minor units. A purchase on a bill is drawn on the closing day.
    """
    return [
        RateExample(
            style,
            tenor,
            rate_of_terms(
                example_terms(product, style, tenor, annual_rate=annual_rate, fees=fees),
                principal=amount,
            ),
        )
        for style in Style
        if product["styles"] >> style & 1
        for tenor in dict.fromkeys(bounds(product, style))
    ]


def bounds(product: ProductTerms, style: Style) -> Iterator[int]:
    """The shortest and the longest tenor of a style."""
    if style is Style.BULLET:
        yield from (product["minDays"], product["maxDays"])
    elif style is Style.BILLING_CYCLE:
        yield 0
    else:
        months = [month for month in range(MAX_PERIODS + 1) if product["months"] >> month & 1]
        yield from (months[0], months[-1])


def example_terms(
    product: ProductTerms, style: Style, tenor: int, *, annual_rate: int, fees: DrawFees
) -> LoanTerms:
    """Terms of a loan of some day; a purchase on a bill is drawn on the closing day."""
    days = product["freeDays"] if style is Style.BILLING_CYCLE else tenor
    scheduled = style in SCHEDULES
    terms = loan_terms(
        product,
        style=style,
        annual_rate=annual_rate,
        start_day=_DAY,
        periods=tenor // product["monthsPerPeriod"] if scheduled else 1,
        due_day=0 if scheduled else _DAY + days,
        after_prepayment=AfterPrepayment.PAY_AHEAD,
    )
    return fees.added_to(terms)
