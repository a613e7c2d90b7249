"""Goods with a market price: a grade from the monthly prices known when a loan is opened.

Sales lines of one shop say nothing here; what counts is how far the price has fallen before. The
grade comes from the worst tenth of the three-month changes of the last five years. Where the
price stood still for months it was a contract's, not a market's, and its calm promises nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from app.domain.valuation.grades import Grade
from app.domain.valuation.model import MILLION

PAST_MONTHS = 60
LEAST_MONTHS = 36
STEP_MONTHS = 3
# The most that the price fell over three months, the worst tenth of the time, for A to D.
MOST_FALL = (100_000, 150_000, 250_000, 400_000)
MOST_STILL_MONTHS = 3


class PricesInvalid(ValueError):
    """Prices that cannot be graded; the message says why."""


def market_grade(prices: Sequence[int]) -> Grade:
    """The grade by the prices of past months, the oldest first; only the last PAST_MONTHS count.

    Raises:
        PricesInvalid: too few, or one not above zero.
    """
    known = prices[-PAST_MONTHS:]
    if len(known) < LEAST_MONTHS:
        raise PricesInvalid(f"{len(known)} months of prices: at least {LEAST_MONTHS} are needed")
    if min(known) <= 0:
        raise PricesInvalid(f"price {min(known)} is not above zero")
    fall = usual_worst_fall(known)
    found = next((grade for grade in Grade if grade < 4 and fall <= MOST_FALL[grade]), Grade.E)
    return max(found, Grade.D) if months_still(known) > MOST_STILL_MONTHS else found


def usual_worst_fall(prices: Sequence[int]) -> int:
    """The fall over three months that one in ten was worse than; parts per million, 0 for none."""
    falls = sorted(
        max(0, before - after) * MILLION // before
        for before, after in zip(prices, prices[STEP_MONTHS:], strict=False)
    )
    return falls[(len(falls) - 1) * 9 // 10]


def months_still(prices: Sequence[int]) -> int:
    """The longest run of months in which the price did not move."""
    longest = run = 0
    for before, after in pairwise(prices):
        run = run + 1 if before == after else 0
        longest = max(longest, run)
    return longest
