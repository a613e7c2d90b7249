"""Lines that a person pastes: parties with amounts, or cells of a table with given columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from app.pages.languages import t
from app.pages.typed import Unreadable

MAX_LINE = 300
_MAX_LINES, _MAX_SEPARATORS = 1_000, 20
_SEPARATOR = re.compile(r"[\t;；,，]")
_QUOTED = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?:[\t;；,，](.*))?')
# Digits behind a currency's sign or code, whatever separates thousands: the API says what is wrong.
_AMOUNT = re.compile(r"(?:[A-Z]{3}|[A-Z]{0,3}[^\w\s,，;；.\"'’-])?\s?-?\d[\d.,，'’_ \u00a0\u202f]*")


@dataclass(frozen=True)
class Unread:
    """A line that is no party with an amount.

    Attributes:
        number: of the line, from 1.
    """

    number: int
    text: str


@dataclass
class Pasted:
    """What was read of a pasted table.

    Attributes:
        rows: `toPartyId` and `amount` of each line that could be read.
        unread: the lines that could not.
        rest: the lines after the last one for which there was room.
    """

    rows: list[dict[str, str]] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)

    @property
    def left(self) -> str:
        """The lines that are no rows yet."""
        return "\n".join([*(line.text for line in self.unread), *self.rest])


def pasted_rows(text: str, known: Mapping[str, str], *, room: int) -> Pasted:
    """Reads line by line: what stands before the amount is a party's id or its name.

    A tab, a comma or a semicolon separates them, and names and amounts may hold commas:
    `Castor Co., Ltd.,120,000.00`. Empty lines and a heading are no rows.

    Args:
        known: ids of parties by name.
        room: how many rows there may be.
    """
    pasted, ids = Pasted(), set(known.values())
    parties = known.keys() | ids
    lines = re.split(r"\r\n|\r|\n", text.rstrip("\r\n"))
    for place, line in enumerate(lines):
        if not line.strip():
            continue
        if len(pasted.rows) == room or place == _MAX_LINES:
            pasted.rest = lines[place:]
            break
        party, amount = _parted(line, parties) if len(line) <= MAX_LINE else ("", "")
        if party and _AMOUNT.fullmatch(amount):
            to = party if party in ids else known.get(party, party)
            pasted.rows.append({"toPartyId": to, "amount": amount})
        elif place or not _is_heading(party, amount, parties):
            pasted.unread.append(Unread(place + 1, line))
    return pasted


def _is_heading(party: str, amount: str, parties: Set[str]) -> bool:
    """Whether these are names of columns: without digits, and no party of that name."""
    words = party and amount and not re.search(r"\d", party + amount)
    return bool(words) and party not in parties


def _parted(line: str, parties: Set[str]) -> tuple[str, str]:
    """The party and the amount of a line; "" for what it lacks.

    The longest known name wins, then the first place behind which an amount stands.
    """
    if line.lstrip().startswith('"'):
        quoted = _QUOTED.fullmatch(line)
        return ("", "") if quoted is None else (_unquoted(quoted[1]), _cell(quoted[2] or ""))
    places = [match.start() for match in _SEPARATOR.finditer(line)]
    if len(places) > _MAX_SEPARATORS:
        return "", ""
    pairs = [(line[:place].strip(), _cell(line[place + 1 :])) for place in places]
    for party, amount in reversed(pairs):
        if party in parties:
            return party, amount
    return next((pair for pair in pairs if _AMOUNT.fullmatch(pair[1])), (pairs or [("", "")])[0])


def _unquoted(text: str) -> str:
    return text.replace('""', '"').strip()


def _cell(text: str) -> str:
    """An amount without quotes around it and without empty cells behind it."""
    text = text.strip().rstrip("\t;；,，").strip()
    quoted = _QUOTED.fullmatch(text)
    return text if quoted is None or quoted[2] else _unquoted(quoted[1])


@dataclass
class Table:
    """What was read of a table.

    Attributes:
        rows: cells by column.
        lines: the number of each row's line, from 1.
    """

    rows: list[dict[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def table_rows(text: str, columns: Sequence[str]) -> Table:
    """The rows of a table that was pasted or typed, as CSV or with tabs; empty lines are none.

    A first line with the names of the columns is a heading.

    Raises:
        Unreadable: a line has more or fewer cells, or there are too many lines.
    """
    table = Table()
    lines = [
        (number, line)
        for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1)
        if line.strip()
    ]
    if len(lines) > _MAX_LINES:
        raise Unreadable(t("There are more than {count} lines.", count=_MAX_LINES))
    for number, line in lines:
        cells = _cells(line)
        heading = [cell.lstrip("\ufeff").casefold() for cell in cells]
        if not table.rows and heading == [name.casefold() for name in columns]:
            continue
        if len(cells) != len(columns):
            raise Unreadable(
                t("Line {number} does not have {count} cells.", number=number, count=len(columns))
            )
        table.rows.append(dict(zip(columns, cells, strict=True)))
        table.lines.append(number)
    return table


def _cells(line: str) -> list[str]:
    """The cells of a line of CSV, or of one with tabs."""
    separator = "\t" if "\t" in line else ","
    try:
        (cells,) = csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True)
    except csv.Error:  # a quote within a cell, or a cell of more than 131,072 characters
        return []
    return [cell.strip() for cell in cells]
