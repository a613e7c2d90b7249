"""Spreadsheets, as their readers see them."""

from __future__ import annotations

import datetime

from openpyxl.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet


def pairs(sheet: Worksheet) -> dict[object, object]:
    """A sheet of two columns: the second by the first."""
    return {name: value for name, value in sheet.iter_rows(max_col=2, values_only=True)}


def date_in(cell: Cell | MergedCell) -> datetime.date:
    """The date or time that a cell holds as such."""
    assert isinstance(cell, Cell) and cell.is_date, cell
    assert isinstance(cell.value, datetime.datetime)
    return cell.value.date()
