"""Default haircuts out of a back-test: the smallest at which lending would have lost little enough.

The rule (decision 17): in steps of five points, the first haircut at which, over all lots of the
grade, no more than one lot in twenty made a loss and no more than one per cent of the money was
lost. A worse grade never gets a smaller haircut than a better one. E is not lent on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.valuation.grades import Grade
from app.domain.valuation.lots import Losses, Outcome, by_grade, losses
from app.domain.valuation.model import MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How much may be lost; parts per million."""

    frequency: int = 50_000
    rate: int = 10_000
    step: int = 50_000
    least_lots: int = 30

    def holds(self, found: Losses) -> bool:
        """Whether so much may be lost."""
        return found.frequency <= self.frequency and found.rate <= self.rate


# A grade is trusted until one in five of its goods would have fallen, at an even rate.
MOST_FALLEN = 200_000
MONTH_DAYS = 30
MOST_TRUSTED_DAYS = 28


def days_until_fall(fallen: int, *, most: int = MOST_TRUSTED_DAYS) -> int:
    """Whole weeks after which a grade falls, from the share that fell within a month.

    Args:
        fallen: share of the grade's goods that was worse a month later, parts per million.
        most: no longer than the better grade.
    """
    days = MOST_FALLEN * MONTH_DAYS // fallen if fallen else most
    return min(most, max(7, (days + 3) // 7 * 7))


@dataclass(frozen=True, slots=True)
class Choice:
    """The haircut of a grade and what it would have lost; too few lots leave it E's."""

    grade: Grade
    haircut: int
    losses: Losses
    reason: str


def choose(outcomes: Sequence[Outcome], *, tolerance: Tolerance | None = None) -> list[Choice]:
    """The haircut of each grade, from A to E."""
    rule = tolerance or Tolerance()
    choices: list[Choice] = []
    least = 0
    for grade, lots in by_grade(outcomes).items():
        if grade is Grade.E:
            haircut, reason = MILLION, "not lent on"
        elif len(lots) < rule.least_lots:
            haircut, reason = MILLION, f"fewer than {rule.least_lots} lots to judge by"
        else:
            haircut = smallest(lots, grade=grade, tolerance=rule, least=least)
            reason = "the smallest that keeps to the tolerance"
            least = haircut
        choices.append(Choice(grade, haircut, losses(lots, haircuts={grade: haircut}), reason))
    return choices


def smallest(lots: Sequence[Outcome], *, grade: Grade, tolerance: Tolerance, least: int = 0) -> int:
    """The smallest haircut that keeps to the tolerance; the whole value where none below does."""
    for haircut in range(least, MILLION, tolerance.step):
        if tolerance.holds(losses(lots, haircuts={grade: haircut})):
            return haircut
    return MILLION


def curve(lots: Sequence[Outcome], *, grade: Grade, step: int = 10_000) -> list[tuple[int, Losses]]:
    """What each haircut would have lost, for a plot."""
    return [
        (haircut, losses(lots, haircuts={grade: haircut})) for haircut in range(0, 900_001, step)
    ]
