"""The file of cases: CSV, plain or compressed by gzip, read strictly.

Columns: id, source, rule, inputs (a JSON object), quantity, expected, convention. An amount is in
hundredths, a day is an ISO date. The convention is `same`, or says why a figure may differ.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

COLUMNS = ("id", "source", "rule", "inputs", "quantity", "expected", "convention")
SAME = "same"
NOT_SUPPORTED = "NOT SUPPORTED HERE"
# The peer's figure before rounding, which some rows repeat; whoever answers must not see it.
_PEERS_FIGURE = "value"
_GZIP = b"\x1f\x8b"
_FIGURE = re.compile(r"-?[0-9]{1,30}|[0-9]{4}-[0-9]{2}-[0-9]{2}|True|False")


class FileInvalid(ValueError):
    """The file is no file of cases; the message names row and field."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a row asks: everything but the figure that is expected.

    Attributes:
        row: number of the row in the file; the header is row 1.
    """

    row: int
    id: str
    source: str
    rule: str
    inputs: dict[str, object]
    quantity: str

    def invalid(self, field: str, problem: str) -> FileInvalid:
        """The error that names this row and a field of it."""
        return FileInvalid(f"row {self.row} (id {self.id}), {field}: {problem}")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A question, the figure that its source gives, and the convention."""

    question: Question
    expected: str
    convention: str


def read_cases(path: Path) -> list[Case]:
    """The cases of a file.

    Raises:
        FileInvalid: no such file, a column is missing, a field is empty or wrong, or no rows.
    """
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        header = next(reader, [])
        missing = [column for column in COLUMNS if column not in header]
        if missing:
            raise FileInvalid(f"row 1, {missing[0]}: the column is missing")
        cases = [_case(number, fields) for number, fields in _rows(reader, header)]
    except csv.Error as error:
        raise FileInvalid(f"line {reader.line_num}: not CSV: {error}") from error
    if not cases:
        raise FileInvalid("row 2: the file has no cases")
    return cases


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        if raw.startswith(_GZIP):
            raw = gzip.decompress(raw)
        return raw.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        problem = getattr(error, "strerror", None) or error
        raise FileInvalid(f"cannot be read: {problem}") from error


def _rows(reader: Iterator[list[str]], header: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, values in enumerate(reader, 2):
        if not values:
            continue
        if len(values) != len(header):
            raise FileInvalid(
                f"row {number}, {header[min(len(values), len(header) - 1)]}: "
                f"the row has {len(values)} fields, and the header {len(header)}"
            )
        yield number, dict(zip(header, values, strict=True))


def _case(row: int, fields: dict[str, str]) -> Case:
    for column in COLUMNS:
        if not fields[column].strip():
            raise FileInvalid(f"row {row} (id {fields['id']}), {column}: is empty")
    question = Question(
        row=row,
        id=fields["id"],
        source=fields["source"],
        rule=fields["rule"],
        inputs=_inputs(row, fields),
        quantity=fields["quantity"],
    )
    expected = fields["expected"].strip()
    if not _FIGURE.fullmatch(expected):
        raise question.invalid(
            "expected", f"{expected!r} is no whole number of hundredths, ISO date, True or False"
        )
    return Case(question=question, expected=expected, convention=fields["convention"].strip())


def _inputs(row: int, fields: dict[str, str]) -> dict[str, object]:
    place = f"row {row} (id {fields['id']}), inputs"
    try:
        inputs = json.loads(fields["inputs"], parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise FileInvalid(f"{place}: not JSON: {error}") from error
    if not isinstance(inputs, dict):
        raise FileInvalid(f"{place}: is no JSON object")
    inputs.pop(_PEERS_FIGURE, None)
    return inputs


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
