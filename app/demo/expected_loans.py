"""The expected cost of a loan, computed independently with exact fractions.

Nothing is shared with the contracts or with the gateway's twin of them. Amounts are minor units,
rates parts per million a year of 360 days; a month has thirty days.
"""

from __future__ import annotations

import math
from fractions import Fraction

from app.demo.expected import MILLION, YEAR_DAYS, half_up


def interest(principal: int, *, rate: int, days: int) -> int:
    """Simple daily interest."""
    return interest_of([(principal, days)], rate=rate)


def interest_of(runs: list[tuple[int, int]], *, rate: int) -> int:
    """Interest of a loan whose principal changed: the sum of all runs, rounded once."""
    ran = sum(principal * days for principal, days in runs)
    return half_up(Fraction(ran * rate, MILLION * YEAR_DAYS))


def penalty(principal: int, *, rate: int, multiple: Fraction, days: int) -> int:
    """Penalty on overdue principal, from the due day."""
    return half_up(Fraction(principal * rate * days, MILLION * YEAR_DAYS) * multiple)


def max_drawn(limit: int, *, price: str) -> int:
    """The maximum that a limit in one currency allows in another, both with two decimals.

    At this price of one in the other, the drawn amount is at most the limit, to the cent.
    """
    return int(limit / Fraction(price))


def share(amount: int, *, parts: int) -> int:
    """A share in parts per million."""
    return half_up(Fraction(amount * parts, MILLION))


def sold_for(owed: int, *, unit: int, parts: int) -> tuple[int, int]:
    """Thousandths of a unit that pay a debt at a share of the unit's price, and their cost.

    Both are rounded up, to the smallest part and to the cent.
    """
    each = Fraction(unit * parts, 1_000 * MILLION)
    count = math.ceil(owed / each)
    return count, math.ceil(count * each)


def equal_instalments(
    principal: int, *, rate: int, months: int, first_days: int = 30
) -> list[tuple[int, int]]:
    """Interest and principal of each month; the last month takes the rest.

    Args:
        first_days: days of interest up to the first due day.
    """
    monthly = Fraction(rate, 12 * MILLION)
    growth = (1 + monthly) ** months
    instalment = half_up(principal * monthly * growth / (growth - 1))
    parts, left = [], principal
    for month in range(1, months + 1):
        days = first_days if month == 1 else 30
        cost = half_up(left * monthly * Fraction(days, 30))
        part = left if month == months else instalment - cost
        parts.append((cost, part))
        left -= part
    return parts


def equal_principal(principal: int, *, rate: int, months: int) -> list[tuple[int, int]]:
    """Interest and principal of each month; the last month takes the rest."""
    parts, left = [], principal
    for month in range(1, months + 1):
        cost = half_up(left * Fraction(rate, 12 * MILLION))
        part = left if month == months else half_up(Fraction(principal, months))
        parts.append((cost, part))
        left -= part
    return parts


def lendable(goods: list[tuple[int, int]], *, haircut: int) -> int:
    """What can be lent on goods: thousandths of a unit at minor units a unit, less the haircut."""
    left = MILLION - haircut
    return sum(count * price * left // (1_000 * MILLION) for count, price in goods)


def hedged(quantity: int, price: int, fallen: int, *, haircut: int, share: int) -> int:
    """What a hedge adds in a margin call: thousandths of a unit, prices in minor units a unit."""
    left = MILLION - haircut
    return quantity * (price - fallen) * left * share // (1_000 * MILLION * MILLION)
