"""Tables for people: a spreadsheet with real numbers and dates, and CSV.

A cell is a text, a number, a `Money`, a date, a time (UTC) or None for an empty cell. No cell
starts a formula: in a spreadsheet texts are texts, and CSV follows OWASP's "CSV Injection".
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from openpyxl import Workbook
from openpyxl.cell import Cell as WrittenCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from app.domain.hidden_text import shown
from app.domain.money import DIGITS, decimal_text
from app.gateway.formats import day
from app.gateway.languages import CHINESE, current

# A spreadsheet stores 15 digits of a number: a longer one is written as text, which is exact.
EXACT_DIGITS = 15
MIN_WIDTH, MAX_WIDTH = 8, 60
MAX_TEXT = 32_767  # the limit of a spreadsheet cell
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PART = re.compile(r"([;,\t|])([=+\-@＝＋－＠])")
_DAY, _CHINESE_DAY = "yyyy-mm-dd", 'yyyy"年"m"月"d"日"'
_BOLD = Font(bold=True)
_RIGHT = Alignment(horizontal="right")


class Money(msgspec.Struct, frozen=True):
    """An amount in minor units of a currency; in whole units of an unknown token."""

    amount: int
    currency: str

    def __str__(self) -> str:
        if self.currency not in DIGITS:
            return str(self.amount)
        return decimal_text(self.amount, currency=self.currency)

    @property
    def format(self) -> str:
        """The spreadsheet's number format: with as many digits as the currency has."""
        digits = DIGITS.get(self.currency, 0)
        return "#,##0" + (f".{'0' * digits}" if digits else "")


Cell = str | int | Decimal | Money | datetime.date | datetime.datetime | None


class Sheet(msgspec.Struct):
    """A table with its name; the first row holds the column titles."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def xlsx(sheets: Iterable[Sheet]) -> bytes:
    """A workbook: headers stay visible, columns are as wide as their content."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        page.freeze_panes = "A2"
        for place, width in enumerate(_widths(sheet), start=1):
            page.column_dimensions[get_column_letter(place)].width = width
        header = []
        for title in sheet.columns:
            cell = _text_cell(page, title)
            cell.font = _BOLD
            header.append(cell)
        page.append(header)
        for row in sheet.rows:
            page.append([_cell(page, value) for value in row])
        if sheet.rows:
            last = get_column_letter(len(sheet.columns))
            page.auto_filter.ref = f"A1:{last}{len(sheet.rows) + 1}"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _cell(page: WriteOnlyWorksheet, value: Cell) -> WrittenCell | None:
    match value:
        case None:
            return None
        case str():
            return _text_cell(page, value)
        case Money():
            return _number_cell(page, str(value), value.format)
        case int():
            return _number_cell(page, str(value), "0")
        case Decimal():
            return _number_cell(page, format(value, "f"), "#,##0.00########")
        case datetime.datetime():
            cell = _new_cell(page, value.astimezone(datetime.UTC).replace(tzinfo=None))
            cell.number_format = "yyyy-mm-dd hh:mm:ss"
        case _:
            cell = _new_cell(page, value)
            cell.number_format = _CHINESE_DAY if current.get() == CHINESE else _DAY
    return cell


def _new_cell(page: WriteOnlyWorksheet, value: Any) -> WrittenCell:
    """A cell of any type: openpyxl takes dates and exact numbers, but its type hints do not."""
    return WriteOnlyCell(page, value)


def _text_cell(page: WriteOnlyWorksheet, text: str) -> WrittenCell:
    """A text cell that stays text, also when a reader edits it."""
    cell = _new_cell(page, shown(text)[:MAX_TEXT])
    cell.data_type = "s"
    if text.startswith(_FORMULA):
        cell.quotePrefix = True
    return cell


def _number_cell(page: WriteOnlyWorksheet, text: str, number_format: str) -> WrittenCell:
    if sum(character.isdigit() for character in text) > EXACT_DIGITS:
        cell = _text_cell(page, text)
        cell.alignment = _RIGHT
        return cell
    cell = _new_cell(page, Decimal(text))
    cell.number_format = number_format
    return cell


def _widths(sheet: Sheet) -> list[float]:
    widths = [width_of(title) for title in sheet.columns]
    for row in sheet.rows:
        for place, value in enumerate(row):
            widths[place] = max(widths[place], width_of(_shown(value)))
    return [min(max(width + 2, MIN_WIDTH), MAX_WIDTH) for width in widths]


def width_of(text: str) -> float:
    """How wide a text is, in letters; a Chinese character takes two."""
    if text.isascii():
        return len(text) * 1.1 + text.count("000") * 0.3
    return sum(2.1 if unicodedata.east_asian_width(letter) in "WF" else 1.1 for letter in text)


def _shown(value: Cell) -> str:
    if type(value) is datetime.date and current.get() == CHINESE:
        return day(value)
    return _plain(value)


def _plain(value: Cell) -> str:
    match value:
        case None:
            return ""
        case datetime.datetime():
            return value.astimezone(datetime.UTC).isoformat(timespec="seconds")[:19] + "Z"
        case Money() if value.currency in DIGITS:
            return str(value)
        case _:
            return str(value)


def csv_text(sheet: Sheet) -> str:
    """The table as CSV (RFC 4180): amounts as decimals, days and times as ISO 8601."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(sheet.columns)
    for row in sheet.rows:
        writer.writerow([guarded(value) if type(value) is str else _plain(value) for value in row])
    return out.getvalue()


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe precedes a formula sign.

    Also behind a sign at which a spreadsheet may part the cell, if it reads the file with another
    separator than the comma.
    """
    if text.startswith(_FORMULA):
        return "'" + text[0] + _PART.sub(r"\1'\2", text[1:])
    return _PART.sub(r"\1'\2", text)
