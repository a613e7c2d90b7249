"""Goods with a market price: a grade from the monthly prices known when a loan is opened.

The sales of one shop say nothing about such goods; what counts is how far the price fell before.
The grade comes from the worst tenth of the three-month changes of the last five years. A price that
did not move for months was a contract's, not a market's, so its calm promises nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from app.domain.valuation.grades import Grade
from app.domain.valuation.model import MILLION

PAST_MONTHS = 60
MIN_MONTHS = 36
STEP_MONTHS = 3
# The maximum fall over three months, exceeded one time in ten, for A to D.
MAX_FALL = (100_000, 150_000, 250_000, 400_000)
MAX_STILL_MONTHS = 3


class PricesInvalid(ValueError):
    """Prices without a grade; the message says why."""


def market_grade(prices: Sequence[int]) -> Grade:
    """The grade from the prices of past months, oldest first; the last PAST_MONTHS count.

    Raises:
        PricesInvalid: too few prices, or one that is not above zero.
    """
    known = prices[-PAST_MONTHS:]
    if len(known) < MIN_MONTHS:
        raise PricesInvalid(f"{len(known)} months of prices: at least {MIN_MONTHS} are needed")
    if min(known) <= 0:
        raise PricesInvalid(f"price {min(known)} is not above zero")
    fall = usual_worst_fall(known)
    steps = zip(Grade, MAX_FALL, strict=False)
    grade = next((step for step, maximum in steps if fall <= maximum), Grade.E)
    return max(grade, Grade.D) if months_still(known) > MAX_STILL_MONTHS else grade


def usual_worst_fall(prices: Sequence[int]) -> int:
    """The fall over three months that is exceeded one time in ten; parts per million."""
    falls = sorted(
        max(0, before - after) * MILLION // before
        for before, after in zip(prices, prices[STEP_MONTHS:], strict=False)
    )
    return falls[(len(falls) - 1) * 9 // 10]


def months_still(prices: Sequence[int]) -> int:
    """The maximum number of months in a row in which the price did not move."""
    maximum = run = 0
    for before, after in pairwise(prices):
        run = run + 1 if before == after else 0
        maximum = max(maximum, run)
    return maximum
