"""Rows of a party's files (CSV in UTF-8): cells read exactly; each wrong one named with its place.

A problem names the file, the row (the header is row 1), the column, what is wrong, and the fix.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar

from app.domain.calendar import day_of
from app.domain.catalogue import MILLION, share
from app.domain.csv_rows import Finding, Line, TableInvalid, read_table
from app.domain.money import AmountInvalid, minor_units
from app.domain.quantity import QuantityInvalid, thousandths
from app.domain.scoring.problems import MAX_PROBLEMS, EvidenceInvalid, Problem
from app.domain.scoring.values import MAX_VALUE

MAX_BYTES = 256 << 10
MAX_ROWS = 5_000
_DATE = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")
_ZERO = re.compile(r"0(?:\.0{1,6})?")
_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z:./_-]{1,63}")
Record = TypeVar("Record")
Read = TypeVar("Read")


def company_number(text: str) -> str:
    """A company's number without spaces, in capitals."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


class Cells:
    """The cells of one row; each reader raises `EvidenceInvalid` with the place of the cell."""

    def __init__(self, title: str, line: Line) -> None:
        self.title = title
        self.row = line.number
        self._cells = line.cells

    def wrong(
        self, column: str, detail: str, fix: str, *, name: str = "cell-invalid"
    ) -> EvidenceInvalid:
        """The error about a cell, to be raised."""
        return wrong(self.title, self.row, column, detail, fix, name=name)

    def text(self, column: str) -> str:
        """A cell that is not empty."""
        cell = self._cells.get(column, "")
        if not cell:
            raise self.wrong(column, "it is empty", "fill it in")
        return cell

    def optional(self, column: str, read: Callable[[str], Read]) -> Read | None:
        """What `read` makes of a cell; None: the column is left out, or the cell is empty."""
        return read(column) if self._cells.get(column) else None

    def word(self, column: str, words: Sequence[str]) -> str:
        """One of some words."""
        cell = self.text(column)
        if cell not in words:
            raise self.wrong(column, f"{cell[:40]!r} is unknown", f"use {', '.join(words)}")
        return cell

    def company(self, column: str) -> str:
        """The number of a company."""
        number = company_number(self.text(column))
        if _NUMBER.fullmatch(number) is None:
            detail = f"{number[:40]!r} is no number of a company"
            raise self.wrong(column, detail, "write its 2 to 64 letters and digits")
        return number

    def day(self, column: str) -> int:
        """A day of the years 1900 to 2199."""
        cell = self.text(column)
        try:
            if _DATE.fullmatch(cell) is None:
                raise ValueError
            return day_of(date.fromisoformat(cell))
        except ValueError:
            detail = f"{cell[:40]!r} is no day"
            raise self.wrong(column, detail, "write it like 2026-03-31") from None

    def period(self, first: str, last: str) -> tuple[int, int]:
        """The first and the last day of a period."""
        begins, ends = self.day(first), self.day(last)
        if ends < begins:
            raise self.wrong(last, f"it is before {first}", f"give the last day after {first}")
        return begins, ends

    def whole(self, column: str) -> int:
        """A whole number of at most nine digits, not below zero."""
        cell = self.text(column)
        if _WHOLE.fullmatch(cell) is None:
            raise self.wrong(column, f"{cell[:40]!r} is no whole number", "write it like 10")
        return int(cell)

    def share(self, column: str) -> int:
        """A percentage of at most all, in parts per million."""
        cell = self.text(column)
        try:
            parts = share(cell)
        except ValueError:
            raise self.wrong(column, f"{cell[:40]!r} is no percentage", "write 12.5%") from None
        if parts > MILLION:
            raise self.wrong(column, f"{cell} is more than all", "give at most 100%")
        return parts

    def quantity(self, column: str) -> int:
        """A quantity in thousandths, not below zero."""
        cell = self.text(column)
        if _ZERO.fullmatch(cell):
            return 0
        try:
            return thousandths(cell)
        except QuantityInvalid as error:
            raise self.wrong(column, str(error), "write it like 12.500") from error

    def amount(self, column: str, *, currency: str, signed: bool = False) -> int:
        """An amount in minor units.

        Args:
            signed: it may be below zero.
        """
        cell = self.text(column)
        try:
            amount = minor_units(cell, currency=currency)
        except AmountInvalid as error:
            raise self.wrong(column, str(error), "write it like 1250.00") from error
        if amount < 0 and not signed:
            raise self.wrong(column, f"{cell} is below zero", "give it without a sign")
        if abs(amount) > MAX_VALUE:
            raise self.wrong(column, f"{cell} is too large", f"{MAX_VALUE} minor units at most")
        return amount

    def currency(self, column: str, *, expected: str) -> None:
        """The currency is that of the card."""
        cell = self.text(column)
        if cell != expected:
            detail = f"{cell[:40]!r} is not the card's currency"
            raise self.wrong(column, detail, f"give amounts in {expected}")


def read_rows(
    data: bytes,
    read: Callable[[Cells], Record],
    *,
    title: str,
    columns: Sequence[str],
    optional: Sequence[str] = (),
) -> list[Record]:
    """What `read` makes of each row.

    Args:
        title: names the file in problems, like `stock file`.
        columns: the header must have them, in any order; `optional` may be left out.

    Raises:
        EvidenceInvalid: names each wrong row, up to `MAX_PROBLEMS`.
    """
    if len(data) > MAX_BYTES:
        detail = f"{title}: it has more than {MAX_BYTES:,} bytes"
        raise EvidenceInvalid([Problem("file-invalid", ("content",), detail, "shorten it")])
    try:
        lines = read_table(data, columns=columns, optional=optional, maximum=MAX_ROWS)
    except TableInvalid as error:
        problems = [_of_table(title, each, columns) for each in error.findings[:MAX_PROBLEMS]]
        raise EvidenceInvalid(problems) from error
    records: list[Record] = []
    wrong_rows: list[Problem] = []
    for line in lines:
        try:
            records.append(read(Cells(title, line)))
        except EvidenceInvalid as error:
            wrong_rows += error.problems
            if len(wrong_rows) >= MAX_PROBLEMS:
                break
    if wrong_rows:
        raise EvidenceInvalid(wrong_rows)
    return records


def agreed(cells: Iterable[tuple[int, Read]], *, title: str, column: str, fix: str) -> Read:
    """The value that a column has in each row.

    Args:
        cells: rows and their values; at least one.

    Raises:
        EvidenceInvalid: two rows contradict each other.
    """
    (first, value), *others = cells
    for row, other in others:
        if other != value:
            detail = f"it differs from row {first}"
            raise wrong(title, row, column, detail, fix, name="contradictory")
    return value


def once(keys: Iterable[tuple[int, object]], *, title: str, column: str, what: str) -> None:
    """No two rows speak of the same thing.

    Args:
        keys: rows, and what they speak of.

    Raises:
        EvidenceInvalid.
    """
    first: dict[object, int] = {}
    for row, key in keys:
        if key in first:
            detail = f"row {first[key]} has the same {what}"
            fix = "decide which one is right, and give only that one"
            raise wrong(title, row, column, detail, fix, name="contradictory")
        first[key] = row


def wrong(
    title: str, row: int, column: str, detail: str, fix: str, *, name: str = "cell-invalid"
) -> EvidenceInvalid:
    """The error about a cell of a file."""
    place = f"{title}, row {row}, column {column}"
    return EvidenceInvalid([Problem(name, ("content",), f"{place}: {detail}", fix)])


def _of_table(title: str, finding: Finding, columns: Sequence[str]) -> Problem:
    """What `read_table` says, as a problem of evidence."""
    if finding.line == 1 and finding.field:
        name, fix = "columns-invalid", f"begin the file with {','.join(columns)}"
    elif finding.line:
        name, fix = "row-invalid", "correct the row"
    else:
        name, fix = "file-invalid", "give a row for each record"
    place = title if not finding.line else f"{title}, row {finding.line}"
    place = f"{place}, column {finding.field}" if finding.field else place
    return Problem(name, ("content",), f"{place}: {finding.detail}", fix)
