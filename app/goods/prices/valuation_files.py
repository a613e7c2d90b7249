"""The files that a valuation starts from: sales as CSV, and movement files as for stock.

The readers guess nothing: they refuse a line that they cannot read exactly, and name it.
"""

from __future__ import annotations

import datetime
import re

from app.domain.calendar import day_of
from app.domain.csv_rows import Finding, Line, TableInvalid, read_table
from app.domain.item_prices import PriceInvalid, value_of
from app.domain.money import CurrencyUnknown
from app.domain.quantity import QuantityInvalid, thousandths
from app.domain.texts import Text, say, text_of
from app.domain.valuation.model import Movement, MovementKind, Sale, SaleKind
from app.goods.stock.model import ADJUSTED
from app.goods.stock.model import Movement as StockMovement

SALES_COLUMNS = ("reference", "date", "kind", "quantity", "unit", "price", "currency")
MAX_SALES = 50_000
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PRICE = re.compile(r"[0-9]{1,18}(\.[0-9]{1,12})?")


def read_sales(data: bytes, *, unit: str) -> tuple[list[Sale], list[int]]:
    """Sales, and the line of each.

    Raises:
        TableInvalid.
    """
    lines = read_table(data, columns=SALES_COLUMNS, maximum=MAX_SALES)
    findings: list[Finding] = []
    sales = []
    for line in lines:
        line_findings = _findings(line, unit)
        findings += line_findings
        if not line_findings:
            sales.append(_sale(line))
    if findings:
        raise TableInvalid(findings)
    return sales, [line.number for line in lines]


def _findings(line: Line, unit: str) -> list[Finding]:
    cells, findings = line.cells, []

    def add_finding(field: str, detail: Text) -> None:
        findings.append(Finding(line.number, field, detail))

    if not cells["reference"]:
        add_finding("reference", say("is empty"))
    try:
        if _DATE.fullmatch(cells["date"]) is None:
            raise ValueError
        datetime.date.fromisoformat(cells["date"])
    except ValueError:
        add_finding(
            "date", say("{date} is no date such as 2026-03-01", date=repr(cells["date"][:40]))
        )
    if cells["kind"] not in [kind.value for kind in SaleKind]:
        add_finding("kind", say("{kind} is neither sale nor return", kind=repr(cells["kind"][:40])))
    try:
        thousandths(cells["quantity"])
    except QuantityInvalid as error:
        add_finding("quantity", text_of(error))
    if cells["unit"] != unit:
        add_finding("unit", _other_unit(cells["unit"][:40], unit))
    try:
        _price(cells)
    except PriceInvalid as error:
        add_finding("price", text_of(error))
    except CurrencyUnknown as error:
        add_finding("currency", text_of(error))
    return findings


def _other_unit(stated: str, unit: str) -> Text:
    return say("{stated} is not the unit of the goods, {unit}", stated=repr(stated), unit=unit)


def _price(cells: dict[str, str]) -> int:
    if _PRICE.fullmatch(cells["price"]) is None:
        raise PriceInvalid(
            say("{price} is no price: give decimals such as 12.50", price=repr(cells["price"][:40]))
        )
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
    """Stock movements for a valuation: an adjustment counts as received or as lost.

    Raises:
        TableInvalid: a movement has another unit.
    """
    findings = [
        Finding(movement.line, "unit", _other_unit(movement.unit, unit))
        for movement in movements
        if movement.unit != unit
    ]
    if findings:
        raise TableInvalid(findings)
    return [
        Movement(movement.movement_id, movement.day, abs(movement.quantity), _kind(movement))
        for movement in movements
    ]


def _kind(movement: StockMovement) -> MovementKind:
    if movement.kind != ADJUSTED:
        return MovementKind(movement.kind)
    return MovementKind.RECEIVED if movement.quantity > 0 else MovementKind.LOST
