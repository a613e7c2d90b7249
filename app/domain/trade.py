"""What may be owed by proved trade. Twin of contracts/lending/TradeRecord.sol.

A month is a number: the year * 12 + the month of the year - 1. Amounts are minor units.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.calendar import date_of
from app.domain.catalogue import MILLION
from app.domain.product_terms import DECLARATIONS, EvidenceTerms

MONTHS = 12
_MONTH = re.compile(r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True)
class MonthOfTrade:
    """What was sold in a month, and what went back."""

    month: int
    amount: int
    returned: int = 0


@dataclass(frozen=True)
class TradeLimit:
    """What may be owed, and the trade that it follows from."""

    months: tuple[MonthOfTrade, ...]
    traded: int
    limit: int


def month_at(day: int) -> int:
    """The month of a day number."""
    when = date_of(day)
    return when.year * MONTHS + when.month - 1


def month_text(month: int) -> str:
    """A month as `2026-10`."""
    return f"{month // MONTHS:04d}-{month % MONTHS + 1:02d}"


def month_number(text: str) -> int:
    """The month in `2026-10`.

    Raises:
        ValueError: the text is no month.
    """
    if _MONTH.fullmatch(text) is None:
        raise ValueError(f"{text[:20]!r} is not a month: write it like 2026-10")
    year, month = text.split("-")
    return int(year) * MONTHS + int(month) - 1


def window(evidence: EvidenceTerms, *, today: int) -> range:
    """The months that count: of declarations up to today's, of reports those before it."""
    last = month_at(today) - (0 if evidence["basis"] == DECLARATIONS else 1)
    return range(last + 1 - evidence["months"], last + 1)


def trade_limit(
    evidence: EvidenceTerms, trade: Iterable[MonthOfTrade], *, today: int
) -> TradeLimit:
    """The share of the window's trade, rounded down; a month that is missing counts as no trade.

    Args:
        trade: several entries of one month add up.
    """
    months = window(evidence, today=today)
    sums = {month: [0, 0] for month in months}
    for entry in trade:
        if entry.month in months:
            sums[entry.month][0] += entry.amount
            sums[entry.month][1] += entry.returned
    sold = sum(amount for amount, _ in sums.values())
    traded = max(0, sold - sum(returned for _, returned in sums.values()))
    parts = evidence["months"] if evidence["mean"] else 1
    return TradeLimit(
        months=tuple(MonthOfTrade(month, *sums[month]) for month in months),
        traded=traded,
        limit=traded * evidence["share"] // (MILLION * parts),
    )
