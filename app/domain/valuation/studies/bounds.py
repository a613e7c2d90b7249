"""Upper bounds on loss rates, and haircuts chosen by them.

Lots of the same goods, and lots of the same month, make losses together. So the bound resamples
whole goods and whole months with replacement, both at once (the pigeonhole bootstrap: A. B. Owen,
"The pigeonhole bootstrap", Annals of Applied Statistics 1, 2007): a lot counts as often as its
goods were drawn, times as often as its month was. The bound is one-sided, at 95%. If no lot made a
loss, resampling says nothing; the bound on the frequency is then the exact binomial one for as many
trials as there are goods.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.domain.valuation.grades import Grade
from app.domain.valuation.haircuts import Tolerance
from app.domain.valuation.lots import Losses, Outcome, losses
from app.domain.valuation.model import MILLION

CONFIDENCE = 950_000
SAMPLES = 1_000
SEED = 2011
# Fewer months say nothing about how months differ.
MIN_MONTHS = 2


@dataclass(frozen=True, slots=True)
class Lot:
    """An outcome with its two clusters: the goods and the day of valuation."""

    sku: str
    day: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Bounds:
    """Upper bounds of the frequency and the rate of losses, parts per million."""

    frequency: int
    rate: int


@dataclass(frozen=True, slots=True)
class BoundedChoice:
    """A grade's haircut, its losses, and their bounds; no bounds where nothing was resampled."""

    grade: Grade
    haircut: int
    losses: Losses
    bounds: Bounds | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Sample:
    """One resampling of a grade's lots: their number, their value, and the lots' weights."""

    lots: int
    value: int
    weights: list[int]


class Resampled:
    """The lots of one grade, resampled once; each haircut is judged on the same samples.

    Args:
        lots: of one grade, not empty.
        samples: how often goods and months are drawn anew.
        seed: of the draws: the same lots give the same bounds on any machine.
    """

    def __init__(self, lots: Sequence[Lot], *, samples: int = SAMPLES, seed: int = SEED) -> None:
        self._lots = sorted(lots, key=lambda lot: (lot.sku, lot.day))
        self._goods = sorted({lot.sku for lot in lots})
        months = sorted({lot.day for lot in lots})
        drawn = random.Random(seed)
        self._samples = []
        for _ in range(samples):
            goods = Counter(drawn.choices(self._goods, k=len(self._goods)))
            days = Counter(drawn.choices(months, k=len(months)))
            weights = [goods[lot.sku] * days[lot.day] for lot in self._lots]
            value = sum(
                weight * lot.outcome.value
                for weight, lot in zip(weights, self._lots, strict=True)
                if weight
            )
            # A sample can miss all lots of the grade; it then says nothing.
            if value:
                self._samples.append(_Sample(sum(weights), value, weights))

    def bounds(self, haircut: int) -> Bounds:
        """The upper bounds of frequency and rate at a haircut."""
        share = MILLION - haircut
        short = [
            (place, lot.outcome.value * (share - lot.outcome.recovery))
            for place, lot in enumerate(self._lots)
            if lot.outcome.recovery < share
        ]
        if not short:
            return Bounds(_without_a_loss(len(self._goods)), 0)
        frequencies, rates = [], []
        for sample in self._samples:
            weights = sample.weights
            lost_lots = sum(weights[place] for place, _ in short)
            lost = sum(weights[place] * money for place, money in short)
            frequencies.append(lost_lots * MILLION // sample.lots)
            rates.append(lost * MILLION // (sample.value * share))
        return Bounds(_quantile(frequencies), _quantile(rates))


def choose_by_bounds(
    lots: Sequence[Lot], *, tolerance: Tolerance | None = None, samples: int = SAMPLES
) -> list[BoundedChoice]:
    """The smallest haircut of each grade whose upper bounds are within the tolerance.

    The whole value for E, for a grade with too few lots, and for lots of too few months.
    """
    rule = tolerance or Tolerance()
    months = len({lot.day for lot in lots})
    choices = []
    minimum = 0
    for grade in Grade:
        of_grade = [lot for lot in lots if lot.outcome.grade is grade]
        haircut, bounds = MILLION, None
        if grade is Grade.E:
            reason = "nobody lends on it"
        elif months < MIN_MONTHS:
            reason = f"fewer than {MIN_MONTHS} months"
        elif len(of_grade) < rule.min_lots:
            reason = f"fewer than {rule.min_lots} lots"
        else:
            haircut, bounds = _smallest(of_grade, rule, minimum=minimum, samples=samples)
            reason = "its bounds are within the tolerance" if bounds else "no haircut is enough"
            minimum = haircut
        result = losses((lot.outcome for lot in of_grade), haircuts={grade: haircut})
        choices.append(BoundedChoice(grade, haircut, result, bounds, reason))
    return choices


def under(lots: Sequence[Lot], outcomes: Sequence[Outcome]) -> list[Lot]:
    """The same lots with other outcomes, in the same order."""
    return [replace(lot, outcome=item) for lot, item in zip(lots, outcomes, strict=True)]


def _smallest(
    lots: Sequence[Lot], rule: Tolerance, *, minimum: int, samples: int
) -> tuple[int, Bounds | None]:
    resampled = Resampled(lots, samples=samples)
    for haircut in range(minimum, MILLION, rule.step):
        bounds = resampled.bounds(haircut)
        if bounds.frequency <= rule.frequency and bounds.rate <= rule.rate:
            return haircut, bounds
    return MILLION, None


def _quantile(figures: list[int]) -> int:
    """The smallest figure that at least CONFIDENCE of them do not exceed."""
    place = -(-len(figures) * CONFIDENCE // MILLION) - 1
    return sorted(figures)[place]


def _without_a_loss(trials: int) -> int:
    """Clopper and Pearson's upper bound for no loss in so many trials, rounded up."""
    alpha = (MILLION - CONFIDENCE) / MILLION
    return math.ceil((1 - math.pow(alpha, 1 / trials)) * MILLION)
