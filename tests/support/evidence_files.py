"""Files of a party in tests: the samples, with other cells, numbers and days."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping

import pytest

from app.demo.sample import filled_in
from app.domain.calendar import date_of
from app.domain.scoring.file_figures import FileFigures, Shown
from app.domain.scoring.problems import EvidenceInvalid, Problem
from app.places import ROOT

FOLDER = ROOT / "samples" / "credit" / "files"
#: The company that the samples are about, and the day of the newest ones.
COMPANY = "91610133MA7H2Q5L80"
DAY = "2026-03-31"
#: Cells to change: by the row of the file (the header is row 1) and the column.
Cells = Mapping[tuple[int, str], str]


def sample(kind: str) -> str:
    """The sample of a kind of file."""
    return (FOLDER / f"{kind}.csv").read_text()


def edited(kind: str, cells: Cells, *, without: tuple[str, ...] = ()) -> bytes:
    """The sample with other cells.

    Args:
        without: columns to leave out.
    """
    rows = list(csv.DictReader(io.StringIO(sample(kind))))
    for (row, column), value in cells.items():
        assert column in rows[0], column
        rows[row - 2][column] = value
    names = [name for name in rows[0] if name not in without]
    out = io.StringIO()
    writer = csv.DictWriter(out, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def moved(kind: str, *, company: str, day: str) -> str:
    """The sample about another company, with the day `DAY` moved to another one."""
    changes = {COMPANY: company} if company != COMPANY else {}
    return filled_in(sample(kind), changes | {DAY: day})


def values_of(figures: FileFigures) -> dict[str, Shown]:
    """The value of each feature that a file shows."""
    return {name: figure.value for name, figure in figures.figures.items()}


def days_of(figures: FileFigures) -> dict[str, str]:
    """The day of each figure."""
    return {name: date_of(figure.as_of).isoformat() for name, figure in figures.figures.items()}


def problems_of(read: Callable[..., FileFigures], data: bytes) -> tuple[Problem, ...]:
    """What is wrong with a file; each problem says what to do."""
    with pytest.raises(EvidenceInvalid) as error:
        read(data, currency="CNY")
    assert all(problem.fix for problem in error.value.problems)
    return error.value.problems
