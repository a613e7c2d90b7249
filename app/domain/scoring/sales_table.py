"""A platform's table of a party's sales and returns by month, and the figures that it shows.

CSV with the columns `month` (like 2026-03), `sales` and `returns`, in the currency of the card; a
row for each month in their order, without a gap: a month without sales has 0.00.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.calendar import add_months, day_of
from app.domain.catalogue import MILLION
from app.domain.money import AmountInvalid, decimal_text, minor_units
from app.domain.scoring.problems import EvidenceInvalid, Problem
from app.domain.scoring.values import MAX_CHANGE, percent_text
from app.domain.texts import Text, say

COLUMNS = ("month", "sales", "returns")
FEATURES = ("months-of-trade", "yearly-sales", "sales-trend", "return-share")
MAX_MONTHS = 240
YEAR = 12
_MONTH = re.compile(r"((?:19|20|21)[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class SalesTable:
    """Sales and returns by month, in minor units, the oldest month first.

    Attributes:
        as_of: the first day on which all of its months are over.
    """

    sales: tuple[int, ...]
    returns: tuple[int, ...]
    currency: str
    as_of: int

    def values(self) -> dict[str, int | str | dict[str, str]]:
        """What it shows, by the features of the shipped card, as evidence writes values.

        What it does not show is left out: the trend needs two years, shares need sales.
        """
        year = sum(self.sales[-YEAR:])
        values: dict[str, int | str | dict[str, str]] = {
            "months-of-trade": len(self.sales),
            "yearly-sales": {
                "amount": decimal_text(year, currency=self.currency),
                "currency": self.currency,
            },
        }
        before = sum(self.sales[-2 * YEAR : -YEAR])
        if len(self.sales) >= 2 * YEAR and before > 0:
            change = min(MAX_CHANGE, (year - before) * MILLION // before)
            values["sales-trend"] = percent_text(change)
        if year > 0:
            returned = sum(self.returns[-YEAR:])
            values["return-share"] = percent_text(min(MILLION, -(-returned * MILLION // year)))
        return values


def read_sales_table(data: bytes, *, currency: str) -> SalesTable:
    """The table in a CSV file.

    Raises:
        EvidenceInvalid: names the first row that is wrong.
    """
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _invalid(
            "not-csv", say("{error}", error=str(error)[:200]), say("give CSV in UTF-8")
        ) from error
    rows = [row for row in rows if row]
    if not rows or tuple(rows[0]) != COLUMNS:
        raise _invalid(
            "columns-invalid",
            say("the first row is another one"),
            say("begin the file with {columns}", columns=",".join(COLUMNS)),
        )
    if not 1 <= len(rows) - 1 <= MAX_MONTHS:
        raise _invalid(
            "months-invalid",
            say("it has {rows} months", rows=len(rows) - 1),
            say("give from 1 to {max_months} months", max_months=MAX_MONTHS),
        )
    first = _month_of(rows[1], row=2)
    sales, returns = [], []
    for place, row in enumerate(rows[1:]):
        number = place + 2
        if len(row) != len(COLUMNS):
            detail = say("row {row} has {count} cells", row=number, count=len(row))
            raise _invalid("row-invalid", detail, say("give {count} cells", count=len(COLUMNS)))
        if _month_of(row, row=number) != add_months(first, place):
            raise _invalid(
                "months-invalid",
                say(
                    "row {row} is {month}, which does not follow the month before",
                    row=number,
                    month=row[0],
                ),
                say("give each month once, in order; a month without sales has 0.00"),
            )
        sales.append(_amount(row, 1, row_number=number, currency=currency))
        returns.append(_amount(row, 2, row_number=number, currency=currency))
    as_of = add_months(first, len(sales))
    return SalesTable(tuple(sales), tuple(returns), currency, as_of)


def _month_of(cells: Sequence[str], *, row: int) -> int:
    """The first day of a row's month."""
    written = _MONTH.fullmatch(cells[0])
    if written is None:
        raise _invalid(
            "month-invalid",
            say("row {row}: {cell} is no month", row=row, cell=repr(cells[0][:40])),
            say("write 2026-03"),
        )
    return day_of(date(int(written[1]), int(written[2]), 1))


def _amount(cells: Sequence[str], place: int, *, row_number: int, currency: str) -> int:
    try:
        amount = minor_units(cells[place], currency=currency)
    except AmountInvalid as error:
        detail = say("row {row}: {error}", row=row_number, error=error)
        raise _invalid("amount-invalid", detail, say("write it like 1250.00")) from error
    if amount < 0:
        detail = say("row {row}: {cell} is below zero", row=row_number, cell=cells[place])
        raise _invalid("amount-invalid", detail, say("write returns as an amount of their own"))
    return amount


def _invalid(name: str, detail: Text, fix: Text) -> EvidenceInvalid:
    return EvidenceInvalid([Problem(name, ("content",), detail, fix)])
