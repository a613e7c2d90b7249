"""The files that a valuation starts from: sales as CSV, movements of stock as warehouses send them.

Nothing is guessed: what cannot be read to the last digit is refused with its line.
"""

from __future__ import annotations

import datetime
import re

from app.domain.calendar import day_of
from app.domain.csv_rows import Finding, Line, TableInvalid, read_table
from app.domain.money import CurrencyUnknown
from app.domain.quantity import QuantityInvalid, thousandths
from app.domain.valuation.model import Movement, MovementKind, Sale, SaleKind
from app.goods.prices.items import PriceInvalid, value_of
from app.goods.stock.model import ADJUSTED
from app.goods.stock.model import Movement as StockMovement

SALES_COLUMNS = ("reference", "date", "kind", "quantity", "unit", "price", "currency")
MOST_SALES = 50_000
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PRICE = re.compile(r"[0-9]{1,18}(\.[0-9]{1,12})?")


def read_sales(data: bytes, *, unit: str) -> tuple[list[Sale], list[int]]:
    """Sales, and the line that each stands at.

    Raises:
        TableInvalid.
    """
    lines = read_table(data, columns=SALES_COLUMNS, most=MOST_SALES)
    found: list[Finding] = []
    sales = []
    for line in lines:
        wrong = _wrong(line, unit)
        found += wrong
        if not wrong:
            sales.append(_sale(line))
    if found:
        raise TableInvalid(found)
    return sales, [line.number for line in lines]


def _wrong(line: Line, unit: str) -> list[Finding]:
    cells, found = line.cells, []

    def say(field: str, detail: str) -> None:
        found.append(Finding(line.number, field, detail))

    if not cells["reference"]:
        say("reference", "is empty")
    try:
        if _DATE.fullmatch(cells["date"]) is None:
            raise ValueError
        datetime.date.fromisoformat(cells["date"])
    except ValueError:
        say("date", f"{cells['date'][:40]!r} is no date such as 2026-03-01")
    if cells["kind"] not in [kind.value for kind in SaleKind]:
        say("kind", f"{cells['kind'][:40]!r} is neither sale nor return")
    try:
        thousandths(cells["quantity"])
    except QuantityInvalid as error:
        say("quantity", str(error))
    if cells["unit"] != unit:
        say("unit", f"{cells['unit'][:40]!r} is not the unit of the goods, {unit}")
    try:
        _price(cells)
    except PriceInvalid as error:
        say("price", str(error))
    except CurrencyUnknown as error:
        say("currency", str(error))
    return found


def _price(cells: dict[str, str]) -> int:
    if _PRICE.fullmatch(cells["price"]) is None:
        raise PriceInvalid(f"{cells['price'][:40]!r} is no price: give decimals such as 12.50")
    return value_of(cells["price"], item="0x", currency=cells["currency"])


def _sale(line: Line) -> Sale:
    cells = line.cells
    return Sale(
        reference=cells["reference"],
        day=day_of(datetime.date.fromisoformat(cells["date"])),
        quantity=thousandths(cells["quantity"]),
        price=_price(cells),
        currency=cells["currency"],
        kind=SaleKind(cells["kind"]),
    )


def as_history(movements: list[StockMovement], *, unit: str) -> list[Movement]:
    """Movements of stock as a valuation takes them: what was adjusted came in, or was lost.

    Raises:
        TableInvalid: another unit.
    """
    found = [
        Finding(one.line, "unit", f"{one.unit!r} is not the unit of the goods, {unit}")
        for one in movements
        if one.unit != unit
    ]
    if found:
        raise TableInvalid(found)
    return [Movement(one.movement_id, one.day, abs(one.quantity), _kind(one)) for one in movements]


def _kind(one: StockMovement) -> MovementKind:
    if one.kind != ADJUSTED:
        return MovementKind(one.kind)
    return MovementKind.RECEIVED if one.quantity > 0 else MovementKind.LOST
