"""Past cases, and what a change of a card would have done to them.

A table (CSV) has a column `case`, and a column for each feature whose values are known; an empty
cell is unknown. JSON is a list of `{"case": "…", "values": {feature: value}}`. Values are written
as in a card.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.plain_json import JsonInvalid, read_json
from app.domain.scoring.card_file import read_value
from app.domain.scoring.judging import Judgement, judge
from app.domain.scoring.model import WORST_TIER, Card, Feature
from app.domain.scoring.problems import MAX_PROBLEMS, CasesInvalid, Path, Problem
from app.domain.scoring.values import Kind, Value, number_of_cell

MAX_CASES = 200_000
MAX_BYTES = 64 << 20
_CASE = "case"
_KEYS = ({_CASE, "values"},)


@dataclass(frozen=True)
class Case:
    """A past case, with values as they are written.

    Attributes:
        row: of the table, from 1; None: it is from JSON.
    """

    name: str
    cells: Mapping[str, Any]
    row: int | None = None


@dataclass(frozen=True)
class Cases:
    """Past cases.

    Attributes:
        table: they are from a table, where whole numbers are text.
    """

    cases: tuple[Case, ...]
    table: bool


@dataclass(frozen=True)
class Move:
    """What two cards say of a case."""

    case: str
    before: Judgement
    after: Judgement


@dataclass(frozen=True)
class Comparison:
    """What a new card does to cases, against an old one."""

    moves: tuple[Move, ...]

    def count(self, before: int, after: int) -> int:
        """How many cases go from a tier to a tier."""
        return self._counts()[before, after]

    def table(self) -> list[list[int]]:
        """For each tier of the old card, the cases by tier of the new card."""
        counts, tiers = self._counts(), range(1, WORST_TIER + 1)
        return [[counts[before, after] for after in tiers] for before in tiers]

    @property
    def moved(self) -> list[Move]:
        """Cases in another tier than before, the farthest first."""
        moved = [move for move in self.moves if move.before.tier.tier != move.after.tier.tier]
        return sorted(moved, key=lambda move: -abs(move.before.tier.tier - move.after.tier.tier))

    def _counts(self) -> Counter[tuple[int, int]]:
        return Counter((move.before.tier.tier, move.after.tier.tier) for move in self.moves)


def read_cases(data: bytes, *, table: bool) -> Cases:
    """The cases in a file.

    Args:
        table: CSV, not JSON.

    Raises:
        CasesInvalid: the file's shape is wrong, or a case occurs twice.
    """
    if len(data) > MAX_BYTES:
        raise _single("cases-too-large", f"the file has more than {MAX_BYTES} bytes", "split it")
    cases = _of_table(data) if table else _of_json(data)
    if not cases:
        raise _single("cases-missing", "the file has no case", "give at least one")
    if len(cases) > MAX_CASES:
        raise _single("cases-too-many", f"there are more than {MAX_CASES} cases", "split the file")
    first: dict[str, int] = {}
    problems = []
    for place, case in enumerate(cases):
        if case.name in first:
            detail = f"{case.name} is case {first[case.name]} already"
            fix = "give each case once"
            problems.append(Problem("case-twice", (place, _CASE), detail, fix, case.row))
        first.setdefault(case.name, place)
    if problems:
        raise CasesInvalid(problems)
    return Cases(tuple(cases), table)


def compare(cases: Cases, *, old: Card, new: Card) -> Comparison:
    """What both cards say of each case.

    A feature that only the other card has is left out; one that neither has is an error.

    Raises:
        CasesInvalid: a value is not valid for a card, or a feature is unknown to both.
    """
    features = {feature.name for card in (old, new) for feature in card.features}
    problems: list[Problem] = []
    moves = []
    for place, case in enumerate(cases.cases):
        for name in case.cells:
            if name not in features:
                detail = f"no card has a feature {name}"
                problems.append(Problem("feature-unknown", (place, name), detail, "leave it out"))
        values = [_values(card, case, place, cases.table, problems) for card in (old, new)]
        if not problems:
            moves.append(Move(case.name, judge(old, values[0]), judge(new, values[1])))
        if len(dict.fromkeys(problems)) >= MAX_PROBLEMS:  # both cards may name the same
            break
    if problems:
        raise CasesInvalid(list(dict.fromkeys(problems))[:MAX_PROBLEMS])
    return Comparison(tuple(moves))


def _values(
    card: Card, case: Case, place: int, table: bool, problems: list[Problem]
) -> dict[str, Value | None]:
    values: dict[str, Value | None] = {}
    for name, raw in case.cells.items():
        feature = card.feature(name)
        if feature is None:
            continue
        try:
            values[name] = cell_value(feature, raw, card.currency, table=table)
        except ValueError as error:
            path: Path = (place, name)
            detail = f"case {case.name}: {error}"
            problems.append(Problem("value-invalid", path, detail, "correct the value"))
    return values


def cell_value(feature: Feature, raw: Any, currency: str, *, table: bool) -> Value | None:
    """The value of a case; None: it is unknown.

    Args:
        raw: as it is written; in a table, whole numbers are text.

    Raises:
        ValueError.
    """
    if raw is None:
        return None
    if table and feature.kind is not Kind.CATEGORY:
        return number_of_cell(feature.kind, raw, currency=currency)
    return read_value(feature, raw, currency=currency)


def _of_table(data: bytes) -> list[Case]:
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _single("not-csv", str(error)[:200], "give CSV in UTF-8") from error
    head: Sequence[str] = rows[0] if rows else ()
    if _CASE not in head or len(set(head)) != len(head):
        raise _single(
            "columns-invalid", "the first row has no column `case`, or a column twice", "correct it"
        )
    cases = []
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        if len(row) != len(head):
            detail = f"the row has {len(row)} cells, the first row has {len(head)}"
            raise CasesInvalid([Problem("row-invalid", (), detail, "correct the row", number)])
        cells = {name: cell.strip() or None for name, cell in zip(head, row, strict=True)}
        name = cells.pop(_CASE)
        if name is None:
            detail = "the case has no name"
            raise CasesInvalid([Problem("case-missing", (_CASE,), detail, "name it", number)])
        cases.append(Case(name, cells, number))
    return cases


def _of_json(data: bytes) -> list[Case]:
    try:
        content = read_json(data)
    except JsonInvalid as error:
        raise _single("not-json", str(error), "correct the file") from error
    if not isinstance(content, list):
        raise _single("not-a-list", "the file is not a list of cases", "give a list")
    cases = []
    for place, each in enumerate(content):
        if (
            not isinstance(each, dict)
            or set(each) not in _KEYS
            or not isinstance(each[_CASE], str)
            or not isinstance(each["values"], dict)
        ):
            detail = "a case has `case`, its name, and `values`, and nothing else"
            raise CasesInvalid([Problem("case-invalid", (place,), detail, "correct it")])
        cases.append(Case(each[_CASE], each["values"]))
    return cases


def _single(name: str, detail: str, fix: str) -> CasesInvalid:
    return CasesInvalid([Problem(name, (), detail, fix)])
