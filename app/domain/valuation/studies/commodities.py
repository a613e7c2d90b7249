"""Monthly prices of commodities, read from a file with one column for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from app.domain.calendar import add_months, date_of, day_of
from app.domain.valuation.model import MILLION, PARTS_OF_A_UNIT
from app.domain.valuation.studies.files import FileInvalid, bad, opened, rows, scaled
from app.domain.valuation.studies.tables import day_text

DATE = "Date"
CURRENCY = "USD"


class Commodity(NamedTuple):
    """Its name here, its column in the file, and how many cents the column's figures stand for."""

    name: str
    column: str
    cents: int
    unit: str


_OIL = "Crude Oil - petroleum-simple average of three spot prices"
_IRON_ORE = "China import Iron Ore Fines 62% FE spot"
COMMODITIES = (
    Commodity("copper", "Copper", 100, "USD a tonne"),
    Commodity("iron ore", _IRON_ORE, 100, "USD a dry tonne"),
    Commodity("cotton", "Cotton", 1, "US cents a pound"),
    Commodity("rubber", "Rubber", 1, "US cents a pound"),
    Commodity("oil", _OIL, 100, "USD a barrel"),
)


@dataclass(frozen=True, slots=True)
class Series:
    """Prices month by month without a gap, from the day `first`; in the ledger's unit."""

    commodity: Commodity
    first: int
    prices: tuple[int, ...]

    def month_of(self, day: int) -> int:
        """The place of the month with this day.

        Raises:
            FileInvalid: the day is before the first month or after the last.
        """
        start, month = date_of(self.first), date_of(day)
        place = (month.year - start.year) * 12 + month.month - start.month
        if not 0 <= place < len(self.prices):
            raise FileInvalid(
                f"column {self.commodity.column}: no price for {day_text(day)}; it has "
                f"{len(self.prices)} months from {day_text(self.first)}"
            )
        return place


def read_commodities(path: Path) -> list[Series]:
    """Reads the columns that the replay needs.

    The months before a column's first price may be empty; later months may not.

    Raises:
        FileInvalid: it names line and column.
    """
    columns = (DATE, *(commodity.column for commodity in COMMODITIES))
    with opened(path) as text:
        return _read(rows(text, path=path, columns=columns), path=path)


def _read(lines: Iterable[tuple[int, Sequence[str]]], *, path: Path) -> list[Series]:
    first: dict[str, int] = {}
    prices: dict[str, list[int]] = {commodity.column: [] for commodity in COMMODITIES}
    before: int | None = None
    for line, (when, *cells) in lines:
        day = _month(when, path=path, line=line)
        if before is not None and day != add_months(before, 1):
            raise bad(path, line, DATE, when, f"the month after {day_text(before)}")
        before = day
        for commodity, cell in zip(COMMODITIES, cells, strict=True):
            column = commodity.column
            if not cell and column not in first:
                continue
            first.setdefault(column, day)
            prices[column].append(_price(cell, commodity, path=path, line=line))
    for commodity in COMMODITIES:
        if commodity.column not in first:
            raise FileInvalid(f"{path}: column {commodity.column} has no price")
    return [
        Series(commodity, first[commodity.column], tuple(prices[commodity.column]))
        for commodity in COMMODITIES
    ]


def _month(text: str, *, path: Path, line: int) -> int:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise bad(path, line, DATE, text, "a date such as 2008-01-01") from None
    if day.day != 1:
        raise bad(path, line, DATE, text, "the first day of a month")
    return day_of(day)


def _price(text: str, commodity: Commodity, *, path: Path, line: int) -> int:
    """The price in millionths of a cent for a thousandth of the unit, rounded to the nearest."""
    scale = commodity.cents * MILLION // PARTS_OF_A_UNIT
    try:
        price = scaled(text, scale=scale, rounded=True)
    except ValueError:
        raise bad(path, line, commodity.column, text, "a price as a decimal number") from None
    if price <= 0:
        raise bad(path, line, commodity.column, text, "a price above zero")
    return price
