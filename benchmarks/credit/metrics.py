"""Figures of a card's points against outcomes, without any library, so that tests need none.

More points are better; an outcome is true if the firm defaulted. Chance is seeded: the same points
give the same bounds.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

DRAWS = 500
LEVEL = 0.95
DECILES = 10
_NORMAL = 1.959963984540054  # 97.5 % of a standard normal distribution lie below
_STEPS = 50

Points = Sequence[int]
Outcomes = Sequence[bool]


class OneOutcome(ValueError):
    """All cases have the same outcome, so nothing can be told apart."""


@dataclass(frozen=True)
class Bounds:
    """A figure with its bounds at 95 %."""

    value: float
    low: float
    high: float


def auc(points: Points, outcomes: Outcomes) -> float:
    """The chance that a firm that defaulted has fewer points than one that did not.

    Equal points count half. It is the area under the curve of `sklearn.metrics.roc_auc_score`.

    Raises:
        OneOutcome.
    """
    good, bad = _counts(points, outcomes)
    below, pairs = 0, 0.0
    for value in sorted({*good, *bad}):
        pairs += good[value] * (below + bad[value] / 2)
        below += bad[value]
    return pairs / (sum(good.values()) * sum(bad.values()))


def ks(points: Points, outcomes: Outcomes) -> float:
    """The largest distance between the two distributions of points (Kolmogorov and Smirnov).

    Raises:
        OneOutcome.
    """
    good, bad = _counts(points, outcomes)
    goods, bads = sum(good.values()), sum(bad.values())
    good_below = bad_below = 0
    largest = 0.0
    for value in sorted({*good, *bad}):
        good_below += good[value]
        bad_below += bad[value]
        largest = max(largest, abs(bad_below / bads - good_below / goods))
    return largest


def _counts(points: Points, outcomes: Outcomes) -> tuple[Counter[int], Counter[int]]:
    good: Counter[int] = Counter()
    bad: Counter[int] = Counter()
    for value, default in zip(points, outcomes, strict=True):
        (bad if default else good)[value] += 1
    if not good or not bad:
        raise OneOutcome(
            f"{len(points)} cases have {sum(bad.values())} defaults: both outcomes are needed"
        )
    return good, bad


def roc(points: Points, outcomes: Outcomes) -> list[tuple[float, float]]:
    """The curve: of the good and of the defaulted, the share below each bound of points.

    Raises:
        OneOutcome.
    """
    good, bad = _counts(points, outcomes)
    goods, bads = sum(good.values()), sum(bad.values())
    curve, good_below, bad_below = [(0.0, 0.0)], 0, 0
    for value in sorted({*good, *bad}):
        good_below += good[value]
        bad_below += bad[value]
        curve.append((good_below / goods, bad_below / bads))
    return curve


@dataclass(frozen=True)
class Calibration:
    """The chance of default that points stand for: 1 / (1 + exp(-(intercept + slope x points)))."""

    intercept: float
    slope: float

    def chance(self, points: float) -> float:
        """The chance of default within a year."""
        return 1 / (1 + math.exp(-(self.intercept + self.slope * points)))


def calibrated(points: Points, outcomes: Outcomes) -> Calibration:
    """The calibration that fits best (maximum likelihood, by Newton's method).

    Raises:
        OneOutcome.
    """
    _counts(points, outcomes)
    count = len(points)
    middle = sum(points) / count
    spread = math.sqrt(sum((value - middle) ** 2 for value in points) / count) or 1.0
    scaled = [(value - middle) / spread for value in points]
    rate = sum(outcomes) / count
    intercept, slope = math.log(rate / (1 - rate)), 0.0
    for _ in range(_STEPS):
        first = second = both = twice = square = 0.0
        for value, default in zip(scaled, outcomes, strict=True):
            chance = 1 / (1 + math.exp(-(intercept + slope * value)))
            weight = chance * (1 - chance)
            first += default - chance
            second += (default - chance) * value
            twice += weight
            both += weight * value
            square += weight * value * value
        determinant = twice * square - both * both
        if determinant <= 0:
            break
        step = (
            (square * first - both * second) / determinant,
            (twice * second - both * first) / determinant,
        )
        intercept, slope = intercept + step[0], slope + step[1]
        if max(map(abs, step)) < 1e-10:  # noqa: PLR2004 - no figure of the card is that fine
            break
    return Calibration(intercept - slope * middle / spread, slope / spread)


def brier(chances: Sequence[float], outcomes: Outcomes) -> float:
    """The mean square of what each chance missed its outcome by."""
    return sum(
        (chance - default) ** 2 for chance, default in zip(chances, outcomes, strict=True)
    ) / (len(chances))


def log_loss(chances: Sequence[float], outcomes: Outcomes) -> float:
    """The mean of -log of the chance that each outcome had."""
    return -sum(
        math.log(chance if default else 1 - chance)
        for chance, default in zip(chances, outcomes, strict=True)
    ) / len(chances)


@dataclass(frozen=True)
class Decile:
    """A tenth of the cases, by their chance of default; the first has the lowest."""

    cases: int
    expected: float
    defaults: int
    rate: Bounds


def deciles(chances: Sequence[float], outcomes: Outcomes) -> list[Decile]:
    """Expected against observed defaults, by tenths of the cases."""
    ordered = sorted(zip(chances, outcomes, strict=True))
    edges = [len(ordered) * place // DECILES for place in range(DECILES + 1)]
    rows = []
    for start, end in pairwise(edges):
        part = ordered[start:end]
        if part:
            defaults = sum(default for _, default in part)
            expected = sum(chance for chance, _ in part) / len(part)
            rows.append(Decile(len(part), expected, defaults, share(defaults, len(part))))
    return rows


def share(part: int, whole: int) -> Bounds:
    """A share with Wilson's bounds, which hold for small counts and for none at all."""
    if whole == 0:
        return Bounds(0.0, 0.0, 1.0)
    rate, square = part / whole, _NORMAL * _NORMAL
    centre = (rate + square / (2 * whole)) / (1 + square / whole)
    width = (
        _NORMAL
        * math.sqrt(rate * (1 - rate) / whole + square / (4 * whole * whole))
        / (1 + square / whole)
    )
    return Bounds(rate, max(0.0, centre - width), min(1.0, centre + width))


def psi(before: Mapping[str, int], after: Mapping[str, int]) -> float:
    """How far a distribution moved (population stability index), from counts by name.

    0 is not at all; lenders commonly look into it above 0.1 and act above 0.25. An empty place
    counts as half a case.
    """
    names = {*before, *after}
    total_before = sum(max(0.5, before.get(name, 0)) for name in names)
    total_after = sum(max(0.5, after.get(name, 0)) for name in names)
    moved = 0.0
    for name in names:
        was = max(0.5, before.get(name, 0)) / total_before
        now = max(0.5, after.get(name, 0)) / total_after
        moved += (now - was) * math.log(now / was)
    return moved


def counts_by_edge(points: Points, edges: Sequence[int]) -> dict[str, int]:
    """How many points are in each place between edges; a place begins at its edge."""
    counts = {str(place): 0 for place in range(len(edges) + 1)}
    for value in points:
        counts[str(sum(value >= edge for edge in edges))] += 1
    return counts


def tenths(points: Points) -> list[int]:
    """The edges that cut points into ten places of about equal counts."""
    ordered = sorted(points)
    return sorted({ordered[len(ordered) * place // DECILES] for place in range(1, DECILES)})


def bootstrap(
    count: int,
    figures: Callable[[Sequence[int]], Sequence[float]],
    *,
    seed: int,
    draws: int = DRAWS,
) -> list[Bounds]:
    """Figures with bounds at 95 %, from drawing the cases anew with replacement.

    Args:
        count: how many cases there are.
        figures: figures of the cases at these places; raises OneOutcome for a draw that has none.
    """
    chance = random.Random(seed)
    values = figures(range(count))
    drawn: list[list[float]] = [[] for _ in values]
    for _ in range(draws):
        places = chance.choices(range(count), k=count)
        try:
            for column, value in zip(drawn, figures(places), strict=True):
                column.append(value)
        except OneOutcome:
            continue
    bounds = []
    for value, column in zip(values, drawn, strict=True):
        ordered = sorted(column) or [value]
        edge = int((1 - LEVEL) / 2 * len(ordered))
        bounds.append(Bounds(value, ordered[edge], ordered[-1 - edge]))
    return bounds
