"""CSV tables (RFC 4180, UTF-8) from outside: read whole or refused, with every wrong line named.

This module does not know the columns' meaning; its callers do, and add their own findings.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.hidden_text import hidden_in, shown
from app.domain.texts import Text, say

MAX_CELL = 500
MAX_FINDINGS = 100
# No table has as many; each is looked for among the others.
_MAX_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One error in a table: the line, the field, and what is wrong with it.

    The header is line 1; 0 stands for the whole file.
    """

    line: int
    field: str
    detail: Text


class TableInvalid(ValueError):
    """The file is not valid; `findings` has at most MAX_FINDINGS lines, `total` counts all."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = findings[0]
        words = first.detail
        if first.field:
            words = say("{field}: {fault}", field=first.field, fault=words)
        if first.line:
            words = say("line {line}: {fault}", line=first.line, fault=words)
        super().__init__(words)
        self.findings = list(findings[:MAX_FINDINGS])
        self.total = len(findings)


@dataclass(frozen=True, slots=True)
class Line:
    """A line's number in the file and its cells by column."""

    number: int
    cells: dict[str, str]


def text_of(data: bytes) -> str:
    """The file's text.

    Raises:
        TableInvalid: it is not UTF-8, or holds a NUL character.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TableInvalid(
            [Finding(line, "", say("is not UTF-8: save the file as UTF-8"))]
        ) from error
    if "\0" in text:
        raise TableInvalid(
            [Finding(text[: text.index("\0")].count("\n") + 1, "", say("holds a NUL character"))]
        )
    return text


def read_table(
    data: bytes, *, columns: Sequence[str], optional: Sequence[str] = (), maximum: int
) -> list[Line]:
    """The lines under the header; no cell hides a character.

    Args:
        columns: the header must have them, in any order; `optional` may be left out.
        maximum: number of lines that are allowed.

    Raises:
        TableInvalid.
    """
    reader = csv.reader(io.StringIO(text_of(data), newline=""), strict=True)
    lines: list[Line] = []
    findings: list[Finding] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, columns=columns, optional=optional)
        for row in reader:
            if not row:
                continue
            number = reader.line_num
            if len(row) != len(header):
                detail = say(
                    "has {cells} cells, not {columns}", cells=len(row), columns=len(header)
                )
                findings.append(Finding(number, "", detail))
            elif len(max(row, key=len)) > MAX_CELL:
                detail = say("a cell has more than {max} characters", max=MAX_CELL)
                findings.append(Finding(number, "", detail))
            else:
                cells = dict(zip(header, (cell.strip() for cell in row), strict=True))
                findings += [
                    Finding(number, column, say("has {hidden}", hidden=hidden))
                    for column, cell in cells.items()
                    if (hidden := hidden_in(cell)) is not None
                ]
                lines.append(Line(number, cells))
            if len(lines) > maximum:
                detail = say("has more than {max:number} lines: send fewer", max=maximum)
                raise TableInvalid([Finding(number, "", detail)])
    except csv.Error as error:
        findings.append(Finding(reader.line_num, "", say("is not CSV: {error}", error=str(error))))
    if findings:
        raise TableInvalid(findings)
    if not lines:
        raise TableInvalid([Finding(0, "", say("the file has no line under its header"))])
    return lines


def _check_header(header: list[str], *, columns: Sequence[str], optional: Sequence[str]) -> None:
    known = (*columns, *optional)
    if len(header) > _MAX_COLUMNS:
        words = say(
            "it has {count:number} columns; the columns are {columns}",
            count=len(header),
            columns=", ".join(known),
        )
        raise TableInvalid([Finding(1, "header", words)])
    findings = [Finding(1, name, say("is missing")) for name in columns if name not in header]
    findings += [
        Finding(
            1,
            shown(name[:40]),
            say("is not a column; the columns are {columns}", columns=", ".join(known)),
        )
        for name in header
        if name not in known
    ]
    findings += [
        Finding(1, name, say("occurs twice")) for name in set(header) if header.count(name) > 1
    ]
    if findings:
        raise TableInvalid(findings)
