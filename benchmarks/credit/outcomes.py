"""Cases with real outcomes, from a table.

CSV with a row for each case and the columns `case` (its name), `as_of` (the day on which the
values were known, like 2024-03-31), `outcome` (`good`: no default within a year, `default`,
`refused`: it got no loan), and a column for each feature of the card whose values are known, as
the card writes them; an empty cell is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.calendar import add_months, date_of, day_of
from app.domain.scoring.cases import Case, cell_value, read_cases
from app.domain.scoring.model import Card
from app.domain.scoring.problems import Path, Problem, Refused
from app.domain.scoring.values import Value
from benchmarks.credit.cases import AS_OF, DEFAULT, GOOD, OUTCOME, REFUSED, StudyCase
from benchmarks.credit.parts import HORIZON

MAX_PROBLEMS = 20
_OUTCOMES = (GOOD, DEFAULT, REFUSED)


class OutcomesInvalid(Refused):
    """The table of outcomes is not valid."""


@dataclass(frozen=True)
class Outcomes:
    """Cases whose outcome is known, and how many were left out.

    Attributes:
        refused: firms that got no loan, so nobody knows what they would have done.
        too_young: cases whose year is not over, so that only their defaults could be known.
    """

    cases: tuple[StudyCase, ...]
    refused: int
    too_young: int


def read_outcomes(data: bytes, *, card: Card, today: int) -> Outcomes:
    """The cases of a table.

    Args:
        today: day number; an outcome is known once a year is over.

    Raises:
        CasesInvalid: the file is no table of cases.
        OutcomesInvalid: names row and column of what is wrong, 20 at most.
    """
    table = read_cases(data, table=True)
    _check_columns(table.cases[0], card)
    problems: list[Problem] = []
    known: list[StudyCase] = []
    refused = too_young = 0
    for case in table.cases:
        read = _Row(case, card, today)
        problems += read.problems
        if len(problems) >= MAX_PROBLEMS:
            break
        if read.problems:
            continue
        if read.outcome == REFUSED:
            refused += 1
        elif add_months(read.day, HORIZON) > today:
            too_young += 1
        else:
            known.append(StudyCase(case.name, read.day, read.values, read.outcome == DEFAULT))
    if problems:
        raise OutcomesInvalid(problems[:MAX_PROBLEMS])
    return Outcomes(tuple(known), refused, too_young)


def _check_columns(case: Case, card: Card) -> None:
    names = {feature.name for feature in card.features}
    problems = [
        Problem("column-missing", (name,), f"there is no column {name}", "add it", 1)
        for name in (AS_OF, OUTCOME)
        if name not in case.cells
    ]
    problems += [
        Problem("column-unknown", (name,), f"the card has no feature {name}", "leave it out", 1)
        for name in case.cells
        if name not in names | {AS_OF, OUTCOME}
    ]
    if not names & set(case.cells):
        detail = "no column is a feature of the card"
        problems.append(Problem("column-missing", (), detail, f"add {', '.join(sorted(names))}", 1))
    if problems:
        raise OutcomesInvalid(problems)


class _Row:
    """A row that is read, with what is wrong in it."""

    def __init__(self, case: Case, card: Card, today: int) -> None:
        self.case = case
        self.problems: list[Problem] = []
        self.day = self._day(today)
        self.outcome = self._outcome(today)
        self.values = self._values(card)

    def _report(self, name: str, column: str, detail: str, fix: str) -> None:
        path: Path = (column,)
        detail = f"case {self.case.name}: {detail}"
        self.problems.append(Problem(name, path, detail, fix, self.case.row))

    def _day(self, today: int) -> int:
        raw: Any = self.case.cells[AS_OF]
        try:
            day = day_of(date.fromisoformat(raw or ""))
            plain = date_of(day).isoformat() == raw
        except ValueError:
            plain = False
        if not plain:
            self._report(
                "day-invalid", AS_OF, f"{raw or ''!r} is no day", "write it like 2024-03-31"
            )
            return today
        if day > today:
            self._report(
                "day-in-future",
                AS_OF,
                f"{raw} is after {date_of(today)}",
                "give the day of the case",
            )
        return day

    def _outcome(self, today: int) -> str:
        raw: Any = self.case.cells[OUTCOME]
        if raw not in _OUTCOMES:
            self._report(
                "outcome-invalid",
                OUTCOME,
                f"{raw or ''!r} is no outcome",
                f"write {', '.join(_OUTCOMES)}; leave out a case whose outcome is not known",
            )
            return ""
        ends = add_months(self.day, HORIZON)
        if raw == GOOD and not self.problems and ends > today:
            self._report(
                "outcome-too-early",
                OUTCOME,
                f"its year ends on {date_of(ends)}, so nobody knows yet that it is {GOOD}",
                "leave the case out until then",
            )
        return str(raw)

    def _values(self, card: Card) -> dict[str, Value | None]:
        values: dict[str, Value | None] = {}
        for feature in card.features:
            raw = self.case.cells.get(feature.name)
            try:
                values[feature.name] = cell_value(feature, raw, card.currency, table=True)
            except ValueError as error:
                self._report("value-invalid", feature.name, str(error), "correct the value")
        return values
