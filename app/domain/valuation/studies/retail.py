"""One retailer's sales lines, read from a file into histories.

Columns: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice. An invoice number that
begins with C is a cancellation: its quantity came back. Lines without a price correct the stock:
below zero they are losses, above zero they say nothing. Codes that do not begin with five digits
are postage, fees and vouchers.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from app.domain.calendar import day_of
from app.domain.money import digits_of
from app.domain.valuation.measures import WINDOW_DAYS
from app.domain.valuation.model import (
    MILLION,
    PARTS_OF_A_UNIT,
    History,
    Movement,
    MovementKind,
    Sale,
    SaleKind,
)
from app.domain.valuation.studies.files import FileInvalid, bad, opened, rows, scaled

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice")
_GOODS = re.compile(r"\d{5}[A-Z]{0,2}")
_CANCELS = "C"
# Two days are a weekend; from three days on a shop without any sale was shut.
CLOSURE_DAYS = 3


@dataclass(slots=True)
class Goods:
    """All lines of one SKU; by day after `sort`."""

    sku: str
    name: str
    sales: list[Sale] = field(default_factory=list)
    losses: list[Movement] = field(default_factory=list)
    days: list[int] = field(default_factory=list)

    def sort(self) -> int:
        """Sorts the lines, and leaves out returns of goods that the file never shows sold.

        Returns:
            How many lines were left out.
        """
        self.sales.sort(key=lambda sale: sale.day)
        held, sales = 0, []
        for sale in self.sales:
            change = sale.quantity if sale.kind is SaleKind.SALE else -sale.quantity
            if held + change >= 0:
                held += change
                sales.append(sale)
        left_out = len(self.sales) - len(sales)
        self.sales, self.days = sales, [sale.day for sale in sales]
        return left_out

    def between(self, first: int, last: int) -> list[Sale]:
        """Sales and returns from day `first` to day `last`."""
        return self.sales[bisect_left(self.days, first) : bisect_right(self.days, last)]


@dataclass(slots=True)
class Shop:
    """A file's content. `counts` says in words how its lines were used."""

    currency: str
    goods: dict[str, Goods]
    first_day: int
    last_day: int
    counts: Counter[str]


def read_shop(path: Path, *, currency: str) -> Shop:
    """Reads the file, line by line.

    Raises:
        FileInvalid: it names line and column.
        CurrencyUnknown.
    """
    with opened(path) as text:
        shop = _read(rows(text, path=path, columns=COLUMNS), path=path, currency=currency)
    if not shop.goods:
        raise FileInvalid(f"{path}: no line has a StockCode of goods (five digits, then letters)")
    shop.counts["returns of goods that the file never shows sold, left out"] = sum(
        goods.sort() for goods in shop.goods.values()
    )
    return shop


def _read(lines: Iterable[tuple[int, tuple[str, ...]]], *, path: Path, currency: str) -> Shop:
    days: dict[str, int] = {}
    prices: dict[str, int] = {}
    scale = 10 ** digits_of(currency) * MILLION // PARTS_OF_A_UNIT
    shop = Shop(currency, {}, 0, 0, Counter())
    for line, (invoice, code, name, quantity, moment, price) in lines:
        shop.counts["lines"] += 1
        when = days.get(moment[:10])
        if when is None:
            when = days[moment[:10]] = _day(moment, path=path, line=line)
        each = prices.get(price)
        if each is None:
            each = prices[price] = _price(price, scale=scale, path=path, line=line)
        number = _quantity(quantity, path=path, line=line)
        sku = code.strip().upper()
        if not _GOODS.fullmatch(sku):
            shop.counts["postage, fees, vouchers"] += 1
            continue
        if each < 0:
            raise bad(path, line, "UnitPrice", price, "a price of goods: it is below zero")
        goods = shop.goods.get(sku)
        if goods is None:
            goods = shop.goods[sku] = Goods(sku, name.strip())
        goods.name = goods.name or name.strip()
        reference, amount = f"{invoice}:{line}", abs(number) * PARTS_OF_A_UNIT
        if each and (number > 0) == invoice.startswith(_CANCELS):
            expected = "a quantity for this InvoiceNo: below zero if, and only if, it begins with C"
            raise bad(path, line, "Quantity", quantity, expected)
        if each:
            kind = SaleKind.SALE if number > 0 else SaleKind.RETURN
            goods.sales.append(Sale(reference, when, amount, each, currency, kind))
            shop.counts[f"{kind.value}s"] += 1
        elif number < 0:
            goods.losses.append(Movement(reference, when, amount, MovementKind.LOST))
            shop.counts["losses of stock"] += 1
        else:
            shop.counts["found or given away, left out"] += 1
    if days:
        shop.first_day, shop.last_day = min(days.values()), max(days.values())
    return shop


def _day(moment: str, *, path: Path, line: int) -> int:
    try:
        return day_of(date.fromisoformat(moment[:10]))
    except ValueError:
        raise bad(path, line, "InvoiceDate", moment, "a date such as 2011-03-31") from None


def _quantity(text: str, *, path: Path, line: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise bad(path, line, "Quantity", text, "a whole number") from None
    if number == 0:
        raise bad(path, line, "Quantity", text, "a quantity: it moves nothing")
    return number


def _price(text: str, *, scale: int, path: Path, line: int) -> int:
    try:
        return scaled(text, scale=scale)
    except ValueError:
        raise bad(path, line, "UnitPrice", text, "a price as a decimal number") from None


def history_of(goods: Goods, *, currency: str, as_of_day: int) -> History:
    """The goods' sales known at the close of a day, without losses."""
    known = tuple(goods.sales[: bisect_right(goods.days, as_of_day)])
    return History(sku=goods.sku, currency=currency, as_of_day=as_of_day, sales=known)


def stocked(history: History, goods: Goods, *, quantity: int) -> History:
    """The history with a stock of this quantity at its close.

    The file has no stock. The assumed stock, received in one movement before all losses that the
    file does show, is the lot lent on plus those losses.
    """
    first = history.as_of_day - WINDOW_DAYS + 1
    lost = tuple(move for move in goods.losses if first <= move.day <= history.as_of_day)
    received = quantity + sum(move.quantity for move in lost)
    entry = Movement("assumed stock", first - 1, received, MovementKind.RECEIVED)
    return replace(history, movements=(entry, *lost))


def closures(shop: Shop) -> frozenset[int]:
    """Days of the file on which the shop was shut: it sold nothing at all, three days or more.

    A gap in the sales of one kind of goods says that nobody bought it. A closure says nothing.
    """
    sold_on = {
        sale.day
        for goods in shop.goods.values()
        for sale in goods.sales
        if sale.kind is SaleKind.SALE
    }
    closed: set[int] = set()
    for before, after in pairwise(sorted(sold_on)):
        if after - before > CLOSURE_DAYS:
            closed.update(range(before + 1, after))
    return frozenset(closed)


def best_sellers(shop: Shop, *, count: int, first: int, last: int) -> list[Goods]:
    """The goods with the most money taken, net of returns, from day `first` to day `last`."""
    taken = []
    for goods in shop.goods.values():
        money = sum(
            sale.quantity * sale.price * (1 if sale.kind is SaleKind.SALE else -1)
            for sale in goods.between(first, last)
        )
        if money > 0:
            taken.append((-money, goods.sku))
    return [shop.goods[sku] for _, sku in sorted(taken)[:count]]
