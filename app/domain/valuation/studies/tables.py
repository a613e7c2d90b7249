"""Writes tables: CSV for machines, Markdown for people, JSON for programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.domain.calendar import date_of
from app.domain.money import decimal_text

Row = Sequence[object]


def percent(parts: int) -> str:
    """Parts per million as a percentage with two decimals, rounded half up."""
    sign, hundredths = ("−" if parts < 0 else ""), (abs(parts) + 50) // 100
    return f"{sign}{hundredths // 100}.{hundredths % 100:02d}%"


def whole_percent(parts: int) -> str:
    """Parts per million that are whole percents, without decimals."""
    return percent(parts).replace(".00%", "%")


def money(millionths: int, *, currency: str) -> str:
    """Quantity times price in whole minor units, rounded down, with separated thousands."""
    text = decimal_text(millionths // 1_000_000, currency=currency)
    whole, point, rest = text.partition(".")
    return f"{int(whole):,}{point}{rest}"


def day_text(day: int) -> str:
    """A day as 2011-03-31."""
    return date_of(day).isoformat()


def markdown(header: Row, rows: Iterable[Row]) -> str:
    """A table; figures are aligned right, words of the first column left."""
    lines = [_line(header), "| " + " | ".join(["---", *["---:"] * (len(header) - 1)]) + " |"]
    return "\n".join([*lines, *map(_line, rows)]) + "\n"


def _line(cells: Row) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def write_csv(path: Path, header: Row, rows: Iterable[Row]) -> None:
    """A CSV file of plain numbers and words."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_json(path: Path, document: Any) -> None:
    """A JSON file, with its keys in the given order; a dataclass becomes an object."""
    text = json.dumps(document, ensure_ascii=False, indent=1, default=asdict)
    path.write_text(f"{text}\n", encoding="utf-8")
