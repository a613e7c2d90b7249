"""Facts of the watch, for tests of its signals and levels."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from app.domain.calendar import day_of
from app.domain.trade import month_at
from app.domain.watch.facts import (
    Debt,
    Facts,
    Lot,
    MonthSales,
    PricePoint,
    PriceSeries,
    TradeSeries,
    WatchedLoan,
)
from app.domain.watch.model import Level, Signal

DAY = 86_400
TODAY = day_of(datetime.date(2026, 10, 15))
NOW = TODAY * DAY
MONTH = month_at(TODAY)  # October, so the last whole month is September


def loan(number: int = 1, **values: Any) -> WatchedLoan:
    """A loan of party 7 that is not overdue."""
    fields: dict[str, Any] = {"product": 1, "currency": "CNY", "borrower": 7, "outstanding": 1_000}
    return WatchedLoan(number=number, **fields | values)


def debt(number: int = 3, **values: Any) -> Debt:
    """A debt of party 50 that is due in ten days."""
    fields: dict[str, Any] = {"debtor": 50, "due_day": TODAY + 10, "unpaid": 1_000}
    return Debt(receivable=number, **fields | values)


def lot(number: int = 4, **values: Any) -> Lot:
    """A lot of 1,000 units in warehouse 60, all counted."""
    fields: dict[str, Any] = {
        "item": "0x01",
        "warehouse": 60,
        "outstanding": 1_000_000,
        "counted": 1_000_000,
    }
    return Lot(number=number, **fields | {"counted_day": TODAY - 1} | values)


def facts(*loans: WatchedLoan, **values: Any) -> Facts:
    """Facts as of 2026-10-15."""
    return Facts(today=TODAY, now=NOW, month=MONTH, loans=loans, **values)


def trade(sales: Sequence[int | None], *, returned: Sequence[int] = ()) -> TradeSeries:
    """Trade on platform 9 up to September 2026, oldest first; None: not reported."""
    first = MONTH - len(sales)
    months = {
        first + place: MonthSales(amount, returned[place] if returned else 0, f"0x{place:x}")
        for place, amount in enumerate(sales)
        if amount is not None
    }
    return TradeSeries(platform=9, currency="CNY", months=months)


def prices(*points: tuple[int, int], max_age: int = 40 * DAY) -> PriceSeries:
    """Prices in force: days before now, and the value; each is valid for 40 days."""
    return PriceSeries(
        points=tuple(
            PricePoint(NOW - days * DAY, value, NOW + (40 - days) * DAY, f"0x{days:x}")
            for days, value in points
        ),
        max_age=max_age,
    )


def kinds(signals: Sequence[Signal]) -> list[tuple[str, Level]]:
    """Kind and level of each signal."""
    return [(signal.kind, signal.level) for signal in signals]
