"""Reads tables from CSV files, plain or gzipped, with errors that name line and column."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, cast

_GZIP = b"\x1f\x8b"


class FileInvalid(ValueError):
    """A file that cannot be used; the message names line and column if there is one."""


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """The file's text, unpacked if it is gzipped.

    Raises:
        FileInvalid: the file does not exist, cannot be unpacked, or is not UTF-8.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            binary = cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if packed else raw)
            with io.TextIOWrapper(binary, encoding="utf-8-sig", newline="") as text:
                yield text
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileInvalid(f"{path}: cannot be unpacked: {error}") from error
    except UnicodeDecodeError as error:
        raise FileInvalid(f"{path}: is not UTF-8 text: {error}") from error
    except OSError as error:
        raise FileInvalid(f"{path}: {error.strerror or error}") from error


def rows(
    text: IO[str], *, path: Path, columns: Sequence[str]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line number and the requested columns of each row, in the requested order.

    Raises:
        FileInvalid: a column is missing, or a row has another number of fields.
    """
    reader = csv.reader(text)
    header = next(reader, None)
    if header is None:
        raise FileInvalid(f"{path}: is empty")
    missing = [name for name in columns if name not in header]
    if missing:
        raise FileInvalid(
            f"{path}, line 1: no column {missing[0]!r}; the columns are {', '.join(header)}"
        )
    places = [header.index(name) for name in columns]
    try:
        for row in reader:
            if len(row) != len(header):
                raise FileInvalid(
                    f"{path}, line {reader.line_num}: {len(row)} fields, but {len(header)} columns"
                )
            yield reader.line_num, tuple(row[place] for place in places)
    except csv.Error as error:
        raise FileInvalid(f"{path}, line {reader.line_num}: {error}") from error


def bad(path: Path, line: int, column: str, value: str, expected: str) -> FileInvalid:
    """The error for one field."""
    return FileInvalid(f"{path}, line {line}, column {column}: {value!r} is not {expected}")


def scaled(text: str, *, scale: int, rounded: bool = False) -> int:
    """A decimal text times a scale, as a whole number.

    Args:
        rounded: rounds a finer number to the nearest, half up; otherwise it is refused.

    Raises:
        ValueError: not a plain number, or finer than the scale.
    """
    try:
        value = Decimal(text) * scale
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite():
        raise ValueError(text)
    if rounded:
        value = (value + Decimal("0.5")).to_integral_value(rounding="ROUND_FLOOR")
    if value != value.to_integral_value():
        raise ValueError(text)
    return int(value)
