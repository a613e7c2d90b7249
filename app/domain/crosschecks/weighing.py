"""How sure a check is: evidence for and against, added up in decibans.

A deciban is a tenth of a factor of ten in the odds: +10 says that fraud became ten times likelier
against an honest explanation, -10 ten times less likely, and 0 is even. Points of independent facts
add up, so an officer can read how a weight came about, and change one fact without the rest.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.domain.crosschecks.records import Finding, Kind

MILLION = 1_000_000
# Findings below these decibans (some 9 %) are not made, whatever the weight that is reported.
NEGLIGIBLE = -10
_MAX_IDS = 1_000

# Bounds with the points of a value up to each bound; the last bound is None: any higher value.
Steps = tuple[tuple[int | None, int], ...]


def weight_of(decibans: int) -> int:
    """The probability in parts per million, rounded to thousands, from 1 % to 99 %."""
    odds = math.pow(10, max(-20, min(20, decibans)) / 10)
    return round(1_000 * odds / (1 + odds)) * 1_000


def points_of(value: int, steps: Steps) -> int:
    """The points of the first step whose bound is not below the value."""
    for bound, points in steps:
        if bound is None or value <= bound:
            return points
    return 0


def share(part: int, whole: int) -> int:
    """Part of a whole in parts per million, rounded down; 0 of nothing."""
    return part * MILLION // whole if whole else 0


def log_of(amount: int) -> int:
    """Natural logarithm in millionths, so that a factor becomes a difference."""
    return round(math.log(max(1, amount)) * MILLION)


def median(values: Sequence[int]) -> int:
    """The middle value; of two middle values the lower."""
    return sorted(values)[(len(values) - 1) // 2]


def quantile(ordered: Sequence[int], ppm: int) -> int:
    """The value below which this share of the ordered values lies."""
    return ordered[min(len(ordered) - 1, len(ordered) * ppm // MILLION)]


def between(days: Sequence[int], first: int, last: int) -> range:
    """Positions of the ordered days from `first` to `last`, both included."""
    return range(bisect_left(days, first), bisect_left(days, last + 1))


def nearest(days: Sequence[int], day: int, count: int) -> range:
    """At most so many positions of the ordered days before `day`, and so many from it on."""
    at = bisect_left(days, day)
    return range(max(0, at - count), min(len(days), at + count))


def percent(ppm: int) -> str:
    """Parts per million as percent with at most one decimal."""
    tenths = (ppm + 500) // 1_000
    return f"{tenths // 10}.{tenths % 10} %" if tenths % 10 else f"{tenths // 10} %"


def quantity_text(quantity: int) -> str:
    """Thousandths of a unit as people read them."""
    whole, rest = divmod(quantity, 1_000)
    return f"{whole}.{rest:03}".rstrip("0") if rest else str(whole)


@dataclass(slots=True)
class Case:
    """What speaks for and against one finding; the clauses make its reason."""

    decibans: int
    clauses: list[str] = field(default_factory=list)

    def add(self, points: int, clause: str = "") -> None:
        """Adds points; the clause is told only if the points speak for the finding."""
        self.decibans += points
        if clause and points > 0:
            self.clauses.append(clause)

    def finding(
        self, kind: Kind, subjects: Iterable[str], headline: str, evidence: Iterable[str]
    ) -> Finding:
        """The finding; ids in order, each once."""
        reason = "; ".join((headline, *self.clauses))
        return Finding(
            kind=kind,
            subjects=tuple(sorted(set(subjects))),
            weight=weight_of(self.decibans),
            reason=reason[:1].upper() + reason[1:] + ".",
            evidence=tuple(sorted(set(evidence))[:_MAX_IDS]),
        )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a check did not look at, and why."""

    check: str
    count: int
    reason: str


@dataclass(slots=True)
class Outcome:
    """What one check found, and what it left out."""

    findings: list[Finding] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
