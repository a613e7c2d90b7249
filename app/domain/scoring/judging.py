"""Points, confidence, tier and limit from values: the arithmetic of a card, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.catalogue import MILLION
from app.domain.scoring.model import Card, Feature, LimitFormula, Tier
from app.domain.scoring.values import Value


@dataclass(frozen=True)
class Part:
    """What one feature gives.

    Attributes:
        value: None: unknown.
        place: of the bin; None: unknown.
    """

    feature: Feature
    value: Value | None
    place: int | None
    points: int

    @property
    def lost(self) -> int:
        """Points below those of the best value."""
        return self.feature.best - self.points


@dataclass(frozen=True)
class Judgement:
    """What a card says of values.

    Attributes:
        confidence: weight of what is known, in parts per million of all weights, rounded down.
        limit: minor units of the card's currency.
    """

    parts: tuple[Part, ...]
    total: int
    confidence: int
    tier: Tier
    limit: int


def judge(card: Card, values: Mapping[str, Value | None]) -> Judgement:
    """What the card says of values; a feature without a value is unknown."""
    parts = tuple(_part(feature, values.get(feature.name)) for feature in card.features)
    total = card.base + sum(part.points for part in parts)
    weight = sum(part.feature.weight for part in parts if part.place is not None)
    confidence = share_down(weight, sum(feature.weight for feature in card.features))
    tier = tier_of(card, total=total, confidence=confidence)
    limit = limit_down(card.limit, tier, values)
    return Judgement(parts, total, confidence, tier, limit)


def share_down(part: int, whole: int) -> int:
    """The share of a part in a whole, in parts per million, rounded down."""
    return part * MILLION // whole


def tier_of(card: Card, *, total: int, confidence: int) -> Tier:
    """The best tier whose points and confidence are reached; the last one asks for nothing."""
    for tier in card.tiers[:-1]:
        if total >= tier.points and confidence >= tier.confidence:
            return tier
    return card.tiers[-1]


def limit_down(formula: LimitFormula, tier: Tier, values: Mapping[str, Value | None]) -> int:
    """The limit that the formula gives, rounded down once, at its end."""
    sales, months = values.get(formula.sales), values.get(formula.months)
    if not isinstance(sales, int) or not isinstance(months, int) or months < formula.min_months:
        return 0
    known = values.get(formula.concentration)
    concentration = known if isinstance(known, int) else formula.unknown_concentration
    above = max(0, concentration - formula.free_concentration)
    product = sales * tier.limit_share * min(months, formula.full_months) * (MILLION - above)
    exact = product // (MILLION * formula.full_months * MILLION)
    return min(exact - exact % formula.step, formula.max)


def _part(feature: Feature, value: Value | None) -> Part:
    if value is None:
        return Part(feature, None, None, feature.unknown.points)
    place = feature.place_of(value)
    return Part(feature, value, place, feature.bins[place].points)
