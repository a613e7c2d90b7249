"""Grades A to E, the haircut of each, and the days after which a grade falls.

The grade is the worst that any one measure gives: a good figure never hides a bad one. Decay, gap,
busiest, lost and days of stock have limits beyond which lots of the back-test lost more often; the
other limits are prudence, as too few lots there were beyond them to tell (docs/valuation.md). The
haircuts come from the back-test by the rule of app/domain/valuation/haircuts.py (decision 17).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from app.domain.valuation.measures import MOST_DAYS, Measures
from app.domain.valuation.model import MILLION


class Grade(IntEnum):
    """A is the best; E is not lent on."""

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
    """Haircut in parts per million, and days after which the grade falls one step."""

    haircut: int
    days: int


class Limit(NamedTuple):
    """The most that a measure may be for A, B, C and D, and why it counts."""

    measure: str
    most: tuple[int, int, int, int]
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
        "goods sold on few days have few buyers; the same shows where a file has holes",
    ),
    Limit(
        "busiest",
        (200_000, 300_000, 400_000, 600_000),
        "share",
        "a pace that one order made does not come again",
    ),
    Limit(
        "dispersion",
        (200_000, 300_000, 400_000, 600_000),
        "share",
        "how much less the cheapest tenth went for: what a seller in haste gets",
    ),
    Limit(
        "fall",
        (50_000, 100_000, 200_000, 350_000),
        "share",
        "a price that falls goes on falling while the lot is sold",
    ),
    Limit(
        "days_of_stock",
        (60, 75, 90, 120),
        "days",
        "the last piece of a large stock sells late, or never: lots of so many days lost as the "
        "next grade's do",
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
        "goods that break or vanish in the warehouse are no cover",
    ),
    Limit(
        "missing",
        (0, 14, 28, 56),
        "days",
        "less than the whole window was seen",
    ),
)
# The stock is not known: nothing says how long a sale would take.
GRADE_OF_UNKNOWN_STOCK = Grade.C

SHIPPED: Mapping[Grade, GradeTerms] = {
    Grade.A: GradeTerms(350_000, 14),
    Grade.B: GradeTerms(400_000, 14),
    Grade.C: GradeTerms(450_000, 14),
    Grade.D: GradeTerms(650_000, 14),
    # Not lent on: nothing is left of the value.
    Grade.E: GradeTerms(MILLION, 14),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one measure says: its figure, the grade it gives, and the most for that grade."""

    measure: str
    figure: int | None
    grade: Grade
    limit: Limit

    @property
    def most(self) -> int | None:
        """The limit that it keeps; None for E."""
        return None if self.grade is Grade.E else self.limit.most[self.grade]


def findings(measures: Measures) -> tuple[Finding, ...]:
    """The grade that each measure gives, in the order of LIMITS."""
    found = []
    for limit in LIMITS:
        figure: int | None = getattr(measures, limit.measure)
        found.append(Finding(limit.measure, figure, _grade(limit, figure), limit))
    return tuple(found)


def grade_of(measures: Measures) -> Grade:
    """The worst grade of any measure; raising any of them never makes it better."""
    return max(finding.grade for finding in findings(measures))


def _grade(limit: Limit, figure: int | None) -> Grade:
    if figure is None:
        return GRADE_OF_UNKNOWN_STOCK
    for grade, most in zip(Grade, limit.most, strict=False):
        if figure <= most:
            return grade
    return Grade.E


def rules_text(terms: Mapping[Grade, GradeTerms] = SHIPPED) -> str:
    """The rules in one line, as they enter the evidence: other limits, another hash."""
    limits = ";".join(f"{limit.measure}:{','.join(map(str, limit.most))}" for limit in LIMITS)
    rows = ";".join(f"{grade.name}:{terms[grade].haircut},{terms[grade].days}" for grade in Grade)
    return f"{limits}|stock unknown:{GRADE_OF_UNKNOWN_STOCK.name}|most days:{MOST_DAYS}|{rows}"
