"""Grades A to E, the haircut of each, and the days after which a grade falls.

The grade is the worst that any measure gives: a good figure never hides a bad one. For decay, gap,
busiest, lost and days of stock, lots of the back-test beyond the limits lost more often. The other
limits are prudence: too few lots were beyond them to tell (docs/explanation/valuation.md). The
haircuts come from the back-test by upper bounds (studies/bounds.py, decision 52).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from app.domain.valuation.measures import MAX_DAYS, Measures
from app.domain.valuation.model import MILLION


class Grade(IntEnum):
    """A is the best; nobody lends on E."""

    A = 0
    B = 1
    C = 2
    D = 3
    E = 4

    @property
    def next(self) -> Grade:
        """One step down; E stays."""
        return Grade(min(self + 1, Grade.E))


class GradeTerms(NamedTuple):
    """Haircut in parts per million, and the days after which the grade falls one step."""

    haircut: int
    days: int


class Limit(NamedTuple):
    """The maximum of a measure for A, B, C and D, and the reason for it."""

    measure: str
    maximum: tuple[int, int, int, int]
    unit: str
    reason: str


LIMITS: tuple[Limit, ...] = (
    Limit(
        "decay",
        (250_000, 400_000, 550_000, 750_000),
        "share",
        "goods going out of season or fashion: a lot sells at tomorrow's pace, not at yesterday's",
    ),
    Limit(
        "gap",
        (5, 8, 14, 28),
        "days",
        "goods sold on few days have few buyers; gaps in the file look the same",
    ),
    Limit(
        "busiest",
        (200_000, 300_000, 400_000, 600_000),
        "share",
        "a pace that one order made does not last",
    ),
    Limit(
        "dispersion",
        (200_000, 300_000, 400_000, 600_000),
        "share",
        "how much less the cheapest tenth sold for: what a seller in a hurry gets",
    ),
    Limit(
        "fall",
        (50_000, 100_000, 200_000, 350_000),
        "share",
        "a falling price keeps falling while the lot is sold",
    ),
    Limit(
        "days_of_stock",
        (60, 75, 90, 120),
        "days",
        "the last part of a large stock sells late, or never: such lots lost as often as those of "
        "the next grade",
    ),
    Limit(
        "returned",
        (40_000, 80_000, 150_000, 300_000),
        "share",
        "what comes back was not sold",
    ),
    Limit(
        "lost",
        (50_000, 100_000, 200_000, 400_000),
        "share",
        "goods that break or vanish in the warehouse are no collateral",
    ),
    Limit(
        "missing",
        (0, 14, 28, 56),
        "days",
        "part of the window has no data",
    ),
)
# The stock is not known, so nothing says how long a sale would take.
GRADE_OF_UNKNOWN_STOCK = Grade.C

SHIPPED: Mapping[Grade, GradeTerms] = {
    Grade.A: GradeTerms(500_000, 14),
    Grade.B: GradeTerms(550_000, 14),
    Grade.C: GradeTerms(650_000, 14),
    Grade.D: GradeTerms(750_000, 14),
    # Nobody lends on E: nothing is left of the value.
    Grade.E: GradeTerms(MILLION, 14),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one measure: its figure, the grade that it gives, and its limits."""

    measure: str
    figure: int | None
    grade: Grade
    limit: Limit

    @property
    def maximum(self) -> int | None:
        """The maximum of the grade; None for E."""
        return None if self.grade is Grade.E else self.limit.maximum[self.grade]


def findings(measures: Measures) -> tuple[Finding, ...]:
    """The grade that each measure gives, in the order of LIMITS."""
    results = []
    for limit in LIMITS:
        figure: int | None = getattr(measures, limit.measure)
        results.append(Finding(limit.measure, figure, _grade(limit, figure), limit))
    return tuple(results)


def grade_of(measures: Measures) -> Grade:
    """The worst grade of any measure; a higher measure never improves it."""
    return max(finding.grade for finding in findings(measures))


def _grade(limit: Limit, figure: int | None) -> Grade:
    if figure is None:
        return GRADE_OF_UNKNOWN_STOCK
    for grade, maximum in zip(Grade, limit.maximum, strict=False):
        if figure <= maximum:
            return grade
    return Grade.E


def rules_text(terms: Mapping[Grade, GradeTerms] = SHIPPED) -> str:
    """The rules in one line, as part of the evidence: other limits give another hash."""
    limits = ";".join(f"{limit.measure}:{','.join(map(str, limit.maximum))}" for limit in LIMITS)
    rows = ";".join(f"{grade.name}:{terms[grade].haircut},{terms[grade].days}" for grade in Grade)
    return f"{limits}|stock unknown:{GRADE_OF_UNKNOWN_STOCK.name}|most days:{MAX_DAYS}|{rows}"
