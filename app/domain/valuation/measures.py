"""Measures of the sales and movements, in whole numbers: price, pace, trend, dispersion and others.

All look back over one window of twelve whole weeks, so that each weekday counts the same. Prices
are medians weighted by quantity: a mistyped price or one odd sale moves them little. Goods sold and
returned at the same price are taken out first, so a cancelled order of any size does not move them
at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import lcm

from app.domain.calendar import date_of
from app.domain.texts import say
from app.domain.valuation.model import (
    MILLION,
    History,
    HistoryInvalid,
    MovementKind,
    Sale,
    SaleKind,
)

WINDOW_DAYS = 84
RECENT_DAYS = 28
WEEK = 7
# Above any meaningful figure; stands for "for ever" when the pace is zero.
MAX_DAYS = 9_999


@dataclass(frozen=True, slots=True)
class Day:
    """Sales of one day: the quantity sold and the mean price paid, rounded down."""

    day: int
    quantity: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The graded measures. All but `price`, `sold` and `trend` are worse the higher they are.

    Attributes:
        price: the lower of the medians of the recent days and of the window, so that one recent
            mistyped price does not make it too high.
        sold: net quantity of the window; divided by WINDOW_DAYS it is the pace a day.
        trend: change of the price over RECENT_DAYS, as a share of the price; below zero it falls.
        fall: how far the trend falls; 0 if it rises.
        dispersion: how far below the median the lowest tenth of the window's goods sold.
        days_of_stock: stock divided by pace, rounded up; None if no movements are known.
        returned: share of the quantity sold that came back.
        lost: share of the goods received or held that was lost in the warehouse.
        decay: share by which the recent pace is below that of the weeks before.
        gap: maximum number of days in a row without a sale.
        busiest: share of the quantity sold that was sold on the busiest day.
        missing: days of the window before the first known sale.
    """

    price: int
    sold: int
    trend: int
    fall: int
    dispersion: int
    days_of_stock: int | None
    returned: int
    lost: int
    decay: int
    gap: int
    busiest: int
    missing: int


def measure(history: History, *, closed: Collection[int] = ()) -> Measures:
    """The measures of a history that has passed `check`.

    Args:
        closed: days on which the whole shop was shut; they are no part of a gap.

    Raises:
        HistoryInvalid: nothing was sold, net of returns, in the window.
    """
    first = history.as_of_day - WINDOW_DAYS + 1
    window = [sale for sale in history.sales if sale.day >= first]
    net_sales = _net(window)
    sold = _signed(window)
    if not net_sales or sold <= 0:
        raise HistoryInvalid(
            "sales.day",
            say(
                "after returns, nothing was sold in the {window_days} days up to {as_of_day:day}",
                window_days=WINDOW_DAYS,
                as_of_day=date_of(history.as_of_day),
            ),
            fix=say("goods that no longer sell have no value here: ask for an appraisal by hand"),
        )
    middle = quantile(net_sales, 500_000)
    recent_first = history.as_of_day - RECENT_DAYS + 1
    recent = [sale for sale in window if sale.day >= recent_first]
    price = min(middle, quantile(_net(recent) or net_sales, 500_000))
    slope = trend(window, first_day=first, price=price)
    return Measures(
        price=price,
        sold=sold,
        trend=slope,
        fall=max(0, -slope),
        dispersion=(middle - quantile(net_sales, 100_000)) * MILLION // middle,
        days_of_stock=_days_of_stock(history, sold),
        returned=_share_returned(window),
        lost=_share_lost(history, first),
        decay=_decay(sold, max(0, _signed(recent))),
        gap=_max_gap(window, first, history.as_of_day, closed),
        busiest=_share_of_busiest(window, sold),
        missing=max(0, min(sale.day for sale in history.sales) - first),
    )


def days_sold(history: History) -> tuple[Day, ...]:
    """Each day of the window with a sale: quantity and mean price."""
    first = history.as_of_day - WINDOW_DAYS + 1
    quantity: Counter[int] = Counter()
    money: Counter[int] = Counter()
    for sale in history.sales:
        if sale.day >= first and sale.kind is SaleKind.SALE:
            quantity[sale.day] += sale.quantity
            money[sale.day] += sale.quantity * sale.price
    return tuple(Day(day, quantity[day], money[day] // quantity[day]) for day in sorted(quantity))


def stock_of(history: History) -> int | None:
    """Stock at the close of the day; None if no movements are known."""
    if not history.movements:
        return None
    return sum(
        move.quantity if move.kind is MovementKind.RECEIVED else -move.quantity
        for move in history.movements
    )


def quantile(quantities: Mapping[int, int], share: int) -> int:
    """The price at or below which this share of the quantity was sold; the lower of two.

    Args:
        quantities: quantity by price, not empty.
        share: parts per million.
    """
    total, reached = sum(quantities.values()), 0
    for price in sorted(quantities):
        reached += quantities[price]
        if reached * MILLION >= total * share:
            return price
    raise ValueError("no quantities")


def trend(window: Iterable[Sale], *, first_day: int, price: int) -> int:
    """Median slope of the weekly prices (Theil and Sen's) per RECENT_DAYS, by the price.

    It is rounded down. A few odd weeks among twelve do not move it. The slopes have one common
    denominator, so the comparison is exact.
    """
    weeks: dict[int, list[Sale]] = {}
    for sale in window:
        weeks.setdefault((sale.day - first_day) // WEEK, []).append(sale)
    points = [
        (week, quantile(net_sales, 500_000))
        for week in sorted(weeks)
        if (net_sales := _net(weeks[week]))
    ]
    whole = lcm(*range(1, WINDOW_DAYS // WEEK))
    slopes = sorted(
        (later_price - price_before) * (whole // (later - before))
        for place, (before, price_before) in enumerate(points)
        for later, later_price in points[place + 1 :]
    )
    if not slopes:
        return 0
    # The sum of the two middle slopes, or twice the middle one: the denominator halves it.
    twice = slopes[(len(slopes) - 1) // 2] + slopes[len(slopes) // 2]
    return twice * (RECENT_DAYS // WEEK) * MILLION // (2 * whole * price)


def _net(sales: Iterable[Sale]) -> dict[int, int]:
    """Quantity by price, less returns at that price."""
    quantities: Counter[int] = Counter()
    for sale in sales:
        quantities[sale.price] += sale.quantity if sale.kind is SaleKind.SALE else -sale.quantity
    return {price: quantity for price, quantity in quantities.items() if quantity > 0}


def _signed(sales: Iterable[Sale]) -> int:
    return sum(sale.quantity if sale.kind is SaleKind.SALE else -sale.quantity for sale in sales)


def _days_of_stock(history: History, sold: int) -> int | None:
    stock = stock_of(history)
    return None if stock is None else min(MAX_DAYS, -(-stock * WINDOW_DAYS // sold))


def _share_returned(window: Iterable[Sale]) -> int:
    sold = returned = 0
    for sale in window:
        if sale.kind is SaleKind.SALE:
            sold += sale.quantity
        else:
            returned += sale.quantity
    return min(MILLION, returned * MILLION // sold)


def _share_lost(history: History, first: int) -> int:
    """Lost in the window, divided by the stock at its start plus receipts."""
    present = lost = 0
    for move in history.movements:
        if move.day >= first and move.kind is MovementKind.LOST:
            lost += move.quantity
        elif move.kind is MovementKind.RECEIVED:
            present += move.quantity
        elif move.day < first:
            present -= move.quantity
    return lost * MILLION // present if lost else 0


def _decay(sold: int, recent: int) -> int:
    """1 − recent pace ÷ earlier pace, not below zero."""
    before = sold - recent
    if before <= 0:
        return 0
    ratio = recent * (WINDOW_DAYS - RECENT_DAYS) * MILLION // (before * RECENT_DAYS)
    return max(0, MILLION - ratio)


def _max_gap(window: Iterable[Sale], first: int, last: int, closed: Collection[int]) -> int:
    days = sorted({sale.day for sale in window if sale.kind is SaleKind.SALE})
    edges = [first - 1, *days, last + 1]
    return max(
        sum(day not in closed for day in range(before + 1, after))
        for before, after in pairwise(edges)
    )


def _share_of_busiest(window: Iterable[Sale], sold: int) -> int:
    """One big order makes a pace that does not last; this share shows it."""
    by_day: Counter[int] = Counter()
    for sale in window:
        by_day[sale.day] += sale.quantity if sale.kind is SaleKind.SALE else -sale.quantity
    return min(MILLION, max(by_day.values()) * MILLION // sold)
