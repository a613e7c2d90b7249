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
from app.domain.money import AmountInvalid, decimal_text, minor_units
from app.domain.quantity import QuantityInvalid, thousandths
from app.domain.scoring.problems import MAX_PROBLEMS, EvidenceInvalid, Problem
from app.domain.scoring.values import MAX_VALUE
from app.domain.texts import Text, say, text_of

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

    def __init__(self, title: Text, line: Line) -> None:
        self.title = title
        self.row = line.number
        self._cells = line.cells

    def wrong(
        self, column: str, detail: Text, fix: Text, *, name: str = "cell-invalid"
    ) -> EvidenceInvalid:
        """The error about a cell, to be raised."""
        return wrong(self.title, self.row, column, detail, fix, name=name)

    def text(self, column: str) -> str:
        """A cell that is not empty."""
        cell = self._cells.get(column, "")
        if not cell:
            raise self.wrong(column, say("it is empty"), say("fill it in"))
        return cell

    def optional(self, column: str, read: Callable[[str], Read]) -> Read | None:
        """What `read` makes of a cell; None: the column is left out, or the cell is empty."""
        return read(column) if self._cells.get(column) else None

    def word(self, column: str, words: Sequence[str]) -> str:
        """One of some words."""
        cell = self.text(column)
        if cell not in words:
            raise self.wrong(
                column,
                say("{cell} is unknown", cell=repr(cell[:40])),
                say("use {words}", words=", ".join(words)),
            )
        return cell

    def company(self, column: str) -> str:
        """The number of a company."""
        number = company_number(self.text(column))
        if _NUMBER.fullmatch(number) is None:
            detail = say("{number} is no number of a company", number=repr(number[:40]))
            raise self.wrong(column, detail, say("write its 2 to 64 letters and digits"))
        return number

    def day(self, column: str) -> int:
        """A day of the years 1900 to 2199."""
        cell = self.text(column)
        try:
            if _DATE.fullmatch(cell) is None:
                raise ValueError
            return day_of(date.fromisoformat(cell))
        except ValueError:
            detail = say("{cell} is no day", cell=repr(cell[:40]))
            raise self.wrong(column, detail, say("write it like 2026-03-31")) from None

    def period(self, first: str, last: str) -> tuple[int, int]:
        """The first and the last day of a period."""
        begins, ends = self.day(first), self.day(last)
        if ends < begins:
            raise self.wrong(
                last,
                say("it is before {first}", first=first),
                say("give the last day after {first}", first=first),
            )
        return begins, ends

    def whole(self, column: str) -> int:
        """A whole number of at most nine digits, not below zero."""
        cell = self.text(column)
        if _WHOLE.fullmatch(cell) is None:
            raise self.wrong(
                column,
                say("{cell} is no whole number", cell=repr(cell[:40])),
                say("write it like 10"),
            )
        return int(cell)

    def share(self, column: str) -> int:
        """A percentage of at most all, in parts per million."""
        cell = self.text(column)
        try:
            parts = share(cell)
        except ValueError:
            raise self.wrong(
                column, say("{cell} is no percentage", cell=repr(cell[:40])), say("write 12.5%")
            ) from None
        if parts > MILLION:
            raise self.wrong(
                column, say("{cell} is more than all", cell=cell), say("give at most 100%")
            )
        return parts

    def quantity(self, column: str) -> int:
        """A quantity in thousandths, not below zero."""
        cell = self.text(column)
        if _ZERO.fullmatch(cell):
            return 0
        try:
            return thousandths(cell)
        except QuantityInvalid as error:
            raise self.wrong(column, text_of(error), say("write it like 12.500")) from error

    def amount(self, column: str, *, currency: str, signed: bool = False) -> int:
        """An amount in minor units.

        Args:
            signed: it may be below zero.
        """
        cell = self.text(column)
        try:
            amount = minor_units(cell, currency=currency)
        except AmountInvalid as error:
            raise self.wrong(column, text_of(error), say("write it like 1250.00")) from error
        if amount < 0 and not signed:
            raise self.wrong(
                column, say("{cell} is below zero", cell=cell), say("give it without a sign")
            )
        if abs(amount) > MAX_VALUE:
            raise self.wrong(
                column,
                say("{cell} is too large", cell=cell),
                say("{max} at most", max=decimal_text(MAX_VALUE, currency=currency)),
            )
        return amount

    def currency(self, column: str, *, expected: str) -> None:
        """The currency is that of the card."""
        cell = self.text(column)
        if cell != expected:
            detail = say("{cell} is not the card's currency", cell=repr(cell[:40]))
            raise self.wrong(column, detail, say("give amounts in {expected}", expected=expected))


def read_rows(
    data: bytes,
    read: Callable[[Cells], Record],
    *,
    title: Text,
    columns: Sequence[str],
    optional: Sequence[str] = (),
) -> list[Record]:
    """What `read` makes of each row.

    Args:
        title: names the file in problems, like "stock file".
        columns: the header must have them, in any order; `optional` may be left out.

    Raises:
        EvidenceInvalid: names each wrong row, up to `MAX_PROBLEMS`.
    """
    if len(data) > MAX_BYTES:
        detail = say("{title}: it has more than {max:number} bytes", title=title, max=MAX_BYTES)
        raise EvidenceInvalid([Problem("file-invalid", ("content",), detail, say("shorten it"))])
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


def agreed(cells: Iterable[tuple[int, Read]], *, title: Text, column: str, fix: Text) -> Read:
    """The value that a column has in each row.

    Args:
        cells: rows and their values; at least one.

    Raises:
        EvidenceInvalid: two rows contradict each other.
    """
    (first, value), *others = cells
    for row, other in others:
        if other != value:
            detail = say("it differs from row {first}", first=first)
            raise wrong(title, row, column, detail, fix, name="contradictory")
    return value


def once(keys: Iterable[tuple[int, object]], *, title: Text, column: str, what: Text) -> None:
    """No two rows speak of the same thing.

    Args:
        keys: rows, and what they speak of.

    Raises:
        EvidenceInvalid.
    """
    first: dict[object, int] = {}
    for row, key in keys:
        if key in first:
            detail = say("row {first} has the same {what}", first=first[key], what=what)
            fix = say("decide which one is right, and give only that one")
            raise wrong(title, row, column, detail, fix, name="contradictory")
        first[key] = row


def wrong(
    title: Text, row: int, column: str, detail: Text, fix: Text, *, name: str = "cell-invalid"
) -> EvidenceInvalid:
    """The error about a cell of a file."""
    place = say("{file}, row {row}, column {column}", file=title, row=row, column=column)
    words = say("{place}: {fault}", place=place, fault=detail)
    return EvidenceInvalid([Problem(name, ("content",), words, fix)])


def _of_table(title: Text, finding: Finding, columns: Sequence[str]) -> Problem:
    """What `read_table` says, as a problem of evidence."""
    if finding.line == 1 and finding.field:
        name = "columns-invalid"
        fix = say("begin the file with {columns}", columns=",".join(columns))
    elif finding.line:
        name, fix = "row-invalid", say("correct the row")
    else:
        name, fix = "file-invalid", say("give a row for each record")
    place = title
    if finding.line:
        place = say("{file}, row {row}", file=place, row=finding.line)
    if finding.field:
        place = say("{place}, column {column}", place=place, column=finding.field)
    words = say("{place}: {fault}", place=place, fault=finding.detail)
    return Problem(name, ("content",), words, fix)
