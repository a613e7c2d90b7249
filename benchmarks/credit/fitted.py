"""A fit of bins and their weights, and the whole-number points that it comes to.

No library is needed here: `benchmarks.credit.fitting` asks one where to cut and how much each
feature weighs, and the rest is counting. The *weight of evidence* of a bin is

    log(share of the good that are in it / share of the defaulted that are in it)

above zero for bins that are better than the average.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from app.domain.catalogue import MILLION
from app.domain.scoring.model import Trend
from app.domain.scoring.values import Kind, Value
from benchmarks.credit.metrics import Calibration

PERCENT = MILLION // 100


@dataclass(frozen=True)
class FittedBin:
    """A bin of numbers from `lower` to below `upper`, or of categories; or of the unknown.

    Attributes:
        evidence: its weight of evidence.
    """

    lower: int | None
    upper: int | None
    categories: tuple[str, ...]
    goods: int
    defaults: int
    evidence: float

    @property
    def cases(self) -> int:
        """Cases of the training part in it."""
        return self.goods + self.defaults

    def holds(self, value: Value) -> bool:
        """Whether a value is in it."""
        if isinstance(value, str):
            return value in self.categories
        return (self.lower is None or value >= self.lower) and (
            self.upper is None or value < self.upper
        )


@dataclass(frozen=True)
class FittedFeature:
    """A feature with its bins.

    Attributes:
        weight: what its evidence is multiplied with in the logarithm of the odds of default;
            below zero. Zero: it was left out, because it said the contrary of its evidence.
    """

    name: str
    bins: tuple[FittedBin, ...]
    unknown: FittedBin
    weight: float = 0.0

    def evidence_of(self, value: Value | None) -> float:
        """The weight of evidence of a value."""
        if value is None:
            return self.unknown.evidence
        return next(each for each in self.bins if each.holds(value)).evidence

    @property
    def information(self) -> float:
        """The information value of the known bins: how much they part good from defaulted."""
        goods = sum(each.goods for each in self.bins) or 1
        defaults = sum(each.defaults for each in self.bins) or 1
        return sum(
            (each.goods / goods - each.defaults / defaults) * each.evidence for each in self.bins
        )


@dataclass(frozen=True)
class Fit:
    """Features and the intercept of the logarithm of the odds of default."""

    intercept: float
    features: tuple[FittedFeature, ...]

    def log_odds(self, values: Mapping[str, Value | None]) -> float:
        """The logarithm of the odds of default."""
        return self.intercept + sum(
            feature.weight * feature.evidence_of(values.get(feature.name))
            for feature in self.features
            if feature.weight
        )


@dataclass(frozen=True)
class FeaturePoints:
    """The points of a feature's bins, in their order, and of the unknown."""

    bins: tuple[int, ...]
    unknown: int


@dataclass(frozen=True)
class FitPoints:
    """A fit in whole numbers."""

    base: int
    features: Mapping[str, FeaturePoints]

    def total(self, fit: Fit, values: Mapping[str, Value | None]) -> int:
        """The points of a case."""
        total = self.base
        for feature in fit.features:
            points, value = self.features[feature.name], values.get(feature.name)
            if value is None:
                total += points.unknown
            else:
                total += next(
                    part
                    for each, part in zip(feature.bins, points.bins, strict=True)
                    if each.holds(value)
                )
        return total


def points_of(fit: Fit, scale: Calibration) -> FitPoints:
    """The points of a fit on a scale: as many points mean the same odds of default as there.

    In each feature the worst bin gets none, and the base takes the rest. Halves are rounded up.
    """
    offset = (fit.intercept - scale.intercept) / scale.slope
    features = {}
    for feature in fit.features:
        exact = [feature.weight * each.evidence / scale.slope for each in feature.bins]
        unknown = feature.weight * feature.unknown.evidence / scale.slope
        lowest = min([*exact, unknown])
        offset += lowest
        features[feature.name] = FeaturePoints(
            tuple(_half_up(value - lowest) for value in exact), _half_up(unknown - lowest)
        )
    return FitPoints(_half_up(offset), features)


def _half_up(value: float) -> int:
    return math.floor(value + 0.5)


def readable(kind: Kind, cut: float) -> int:
    """A bound near a cut that people can read: whole numbers, per cent, two digits of an amount.

    Numbers from the cut on are from the bound on, but for what rounding moves.
    """
    if kind in (Kind.SHARE, Kind.CHANGE):
        step = PERCENT // 10 if abs(cut) < 10 * PERCENT else PERCENT
        return _half_up(cut / step) * step
    if kind is Kind.AMOUNT:
        digits = len(str(int(abs(cut)))) - 2
        power: int = 10 ** max(0, digits)
        return _half_up(cut / power) * power
    return math.ceil(cut)


def numeric_bins(
    cuts: Sequence[int], known: Sequence[tuple[int, bool]], *, trend: Trend, total: tuple[int, int]
) -> tuple[FittedBin, ...]:
    """Bins between cuts, merged until each has cases and none breaks the trend.

    Args:
        known: value and outcome of each case whose value is known.
        total: good and defaulted of all cases, whatever they know.
    """
    edges = [None, *sorted(set(cuts)), None]
    bins = []
    for lower, upper in pairwise(edges):
        empty = FittedBin(lower, upper, (), 0, 0, 0.0)
        inside = [default for value, default in known if empty.holds(value)]
        bins.append(weighed(_filled(empty, inside), total))
    while (place := _to_merge(bins, trend)) is not None:
        before, after = bins[place], bins[place + 1]
        merged = FittedBin(
            before.lower,
            after.upper,
            (),
            before.goods + after.goods,
            before.defaults + after.defaults,
            0.0,
        )
        bins[place : place + 2] = [weighed(merged, total)]
    return tuple(bins)


def _filled(part: FittedBin, outcomes: Sequence[bool]) -> FittedBin:
    return replace(part, goods=len(outcomes) - sum(outcomes), defaults=sum(outcomes))


def _to_merge(bins: Sequence[FittedBin], trend: Trend) -> int | None:
    """The place of the first of two bins to merge."""
    for place, (before, after) in enumerate(pairwise(bins)):
        broken = (trend is Trend.RISING and after.evidence < before.evidence) or (
            trend is Trend.FALLING and after.evidence > before.evidence
        )
        if broken or before.cases == 0 or after.cases == 0:
            return place
    return None


def category_bins(
    groups: Sequence[Sequence[str]],
    known: Sequence[tuple[str, bool]],
    *,
    categories: Sequence[str],
    total: tuple[int, int],
) -> tuple[FittedBin, ...]:
    """Bins of categories; one that no case has joins the worst bin.

    Args:
        categories: all that the card has.
    """
    bins = []
    for group in groups:
        inside = [default for value, default in known if value in group]
        part = FittedBin(None, None, tuple(group), 0, 0, 0.0)
        bins.append(weighed(_filled(part, inside), total))
    placed = {name for group in groups for name in group}
    if others := tuple(name for name in categories if name not in placed):
        if not bins:
            return (FittedBin(None, None, others, 0, 0, 0.0),)
        worst = min(range(len(bins)), key=lambda place: bins[place].evidence)
        bins[worst] = replace(bins[worst], categories=(*bins[worst].categories, *others))
    return tuple(bins)


def unknown_bin(
    outcomes: Sequence[bool], bins: Sequence[FittedBin], *, total: tuple[int, int]
) -> FittedBin:
    """The bin of the unknown: as its cases did, but never better than the average of the known.

    So nobody gains over the average by hiding a value.
    """
    fitted = weighed(_filled(FittedBin(None, None, (), 0, 0, 0.0), outcomes), total)
    cases = sum(each.cases for each in bins)
    average = sum(each.cases * each.evidence for each in bins) / cases if cases else 0.0
    evidence = fitted.evidence if fitted.cases else average
    return replace(fitted, evidence=min(evidence, average))


def weighed(part: FittedBin, total: tuple[int, int]) -> FittedBin:
    """The bin with its weight of evidence; half a case is added to each count."""
    goods, defaults = total
    evidence = math.log((part.goods + 0.5) / (goods + 0.5)) - math.log(
        (part.defaults + 0.5) / (defaults + 0.5)
    )
    return replace(part, evidence=evidence)
