"""Default haircuts from a back-test: for each grade the smallest haircut with tolerable losses.

The rule (decision 17): in steps of five points, the first haircut at which, over all lots of the
grade, no more than one lot in twenty made a loss and no more than one per cent of the money was
lost. A worse grade never gets a smaller haircut than a better one. Nobody lends on E.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.valuation.grades import Grade
from app.domain.valuation.lots import Losses, Outcome, by_grade, losses
from app.domain.valuation.model import MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """The losses that are tolerated; parts per million."""

    frequency: int = 50_000
    rate: int = 10_000
    step: int = 50_000
    min_lots: int = 30

    def holds(self, result: Losses) -> bool:
        """Whether the losses are within the tolerance."""
        return result.frequency <= self.frequency and result.rate <= self.rate


# A grade is trusted until, at an even rate, one in five of its goods would have fallen.
MAX_FALLEN = 200_000
MONTH_DAYS = 30
MAX_TRUSTED_DAYS = 28


def days_until_fall(fallen: int, *, maximum: int = MAX_TRUSTED_DAYS) -> int:
    """Whole weeks after which a grade falls, from the share that fell within a month.

    Args:
        fallen: share of the grade's goods that had a worse grade a month later, parts per million.
        maximum: the days of the better grade.
    """
    days = MAX_FALLEN * MONTH_DAYS // fallen if fallen else maximum
    return min(maximum, max(7, (days + 3) // 7 * 7))


@dataclass(frozen=True, slots=True)
class Choice:
    """A grade's haircut and the losses that it would have had; 100% if there are too few lots."""

    grade: Grade
    haircut: int
    losses: Losses
    reason: str


def choose(outcomes: Sequence[Outcome], *, tolerance: Tolerance | None = None) -> list[Choice]:
    """The haircut of each grade, from A to E."""
    rule = tolerance or Tolerance()
    choices: list[Choice] = []
    minimum = 0
    for grade, lots in by_grade(outcomes).items():
        if grade is Grade.E:
            haircut, reason = MILLION, "nobody lends on it"
        elif len(lots) < rule.min_lots:
            haircut, reason = MILLION, f"fewer than {rule.min_lots} lots"
        else:
            haircut = smallest(lots, grade=grade, tolerance=rule, minimum=minimum)
            reason = "the smallest within the tolerance"
            minimum = haircut
        choices.append(Choice(grade, haircut, losses(lots, haircuts={grade: haircut}), reason))
    return choices


def smallest(
    lots: Sequence[Outcome], *, grade: Grade, tolerance: Tolerance, minimum: int = 0
) -> int:
    """The smallest haircut within the tolerance; the whole value if none is."""
    for haircut in range(minimum, MILLION, tolerance.step):
        if tolerance.holds(losses(lots, haircuts={grade: haircut})):
            return haircut
    return MILLION


def curve(lots: Sequence[Outcome], *, grade: Grade, step: int = 10_000) -> list[tuple[int, Losses]]:
    """The losses at each haircut, for a plot."""
    return [
        (haircut, losses(lots, haircuts={grade: haircut})) for haircut in range(0, 900_001, step)
    ]
