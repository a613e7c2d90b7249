"""A party's list of stock as of one day, and the figures that it shows.

CSV with a row for each lot of goods:

| column | holds |
| --- | --- |
| company | the number of the party as a company, the same in each row |
| asOf | the day of the count, the same in each row |
| sku | the goods |
| quantity | how much there is, such as 12.500; 0 if nothing is left |
| unitCost | what one unit cost |
| currency | of the cost: that of the card |
| received (optional) | the day on which the lot came |
| sold (optional) | how much of the goods was sold in the 90 days before the count |
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.scoring.file_figures import (
    STOCK,
    Fact,
    FileFigures,
    days_up,
    known,
    money,
    share_up,
)
from app.domain.scoring.file_rows import Cells, agreed, once, read_rows
from app.domain.texts import say

TITLE = say("stock file")
COLUMNS = ("company", "asOf", "sku", "quantity", "unitCost", "currency")
OPTIONAL = ("received", "sold")
FEATURES = ("stock-value", "stock-days", "old-stock-share")
#: Goods that came longer ago than this are old.
OLD_DAYS = 180
SOLD_DAYS = 90
_THOUSAND = 1_000


@dataclass(frozen=True)
class Lot:
    """A row: quantities in thousandths, the cost of one unit in minor units."""

    row: int
    company: str
    as_of: int
    sku: str
    quantity: int
    unit_cost: int
    received: int | None
    sold: int | None

    @property
    def value(self) -> int:
        """In thousandths of a minor unit."""
        return self.quantity * self.unit_cost


def read_stock_table(data: bytes, *, currency: str) -> FileFigures:
    """The figures of a list of stock.

    `stock-value` is rounded half up; `stock-days` says how long the stock lasts at the pace of the
    last 90 days, `old-stock-share` which part of its value came more than 180 days ago; both are
    rounded up. A figure for which a lot lacks its cell is unknown.

    Raises:
        EvidenceInvalid: names the file, the rows and the columns that are wrong.
    """
    lots = read_rows(
        data,
        lambda cells: _lot(cells, currency=currency),
        title=TITLE,
        columns=COLUMNS,
        optional=OPTIONAL,
    )
    company = agreed(
        ((lot.row, lot.company) for lot in lots),
        title=TITLE,
        column="company",
        fix=say("give the stock of one company"),
    )
    as_of = agreed(
        ((lot.row, lot.as_of) for lot in lots),
        title=TITLE,
        column="asOf",
        fix=say("give the stock of one day"),
    )
    keys = ((lot.row, (lot.sku, lot.received)) for lot in lots)
    once(keys, title=TITLE, column="sku", what=say("goods of the same day"))
    value = sum(lot.value for lot in lots)
    amount = (2 * value + _THOUSAND) // (2 * _THOUSAND)
    values = {
        "stock-value": money(amount, currency=currency),
        "stock-days": _days(lots, value),
        "old-stock-share": _old(lots, value, as_of),
    }
    return FileFigures(
        company,
        known(values, as_of=as_of),
        f"{len(lots)} lots of stock",
        facts=(Fact(STOCK, as_of, as_of, amount),),
    )


def _lot(cells: Cells, *, currency: str) -> Lot:
    cells.currency("currency", expected=currency)
    as_of, received = cells.day("asOf"), cells.optional("received", cells.day)
    unit_cost = cells.amount("unitCost", currency=currency)
    if unit_cost == 0:
        fix = say("write what one unit cost, or leave the row out")
        raise cells.wrong("unitCost", say("goods cost nothing"), fix)
    if received is not None and received > as_of:
        raise cells.wrong("received", say("it is after the count"), say("correct the day"))
    return Lot(
        row=cells.row,
        company=cells.company("company"),
        as_of=as_of,
        sku=cells.text("sku"),
        quantity=cells.quantity("quantity"),
        unit_cost=unit_cost,
        received=received,
        sold=cells.optional("sold", cells.quantity),
    )


def _days(lots: list[Lot], value: int) -> int | None:
    sold = 0
    for lot in lots:
        if lot.sold is None:
            return None
        sold += lot.sold * lot.unit_cost
    return days_up(value, sold, days=SOLD_DAYS)


def _old(lots: list[Lot], value: int, as_of: int) -> str | None:
    old = 0
    for lot in lots:
        if lot.received is None:
            if lot.quantity:
                return None
        elif as_of - lot.received > OLD_DAYS:
            old += lot.value
    return share_up(old, value)
