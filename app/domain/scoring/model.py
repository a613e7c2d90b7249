"""A scorecard: features with bins, points and reasons; tiers; the formula of the limit.

All numbers are whole: points, parts per million, minor units of the card's currency, days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.scoring.values import Kind, Value, number_text

LANGUAGES = ("en", "zh")
WORST_TIER = 5


@dataclass(frozen=True)
class Text:
    """A text in English and in Chinese."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        """The text in `en` or `zh`."""
        return self.zh if language == "zh" else self.en


class Trend(StrEnum):
    """How points move as a feature's value rises."""

    RISING = "rising"  # more is never worse
    FALLING = "falling"  # more is never better
    FREE = "free"  # the card promises nothing


@dataclass(frozen=True)
class Bin:
    """Values that get the same points.

    Attributes:
        lower: the smallest number in it; None: no bound.
        upper: the smallest number above it; None: no bound.
        categories: in place of numbers.
        reason: why it has these points; `{value}` stands for the value.
    """

    lower: int | None
    upper: int | None
    categories: tuple[str, ...]
    points: int
    reason: Text

    def holds(self, value: Value) -> bool:
        """Whether the value is in the bin."""
        if isinstance(value, str):
            return value in self.categories
        return (
            not self.categories
            and (self.lower is None or value >= self.lower)
            and (self.upper is None or value < self.upper)
        )


@dataclass(frozen=True)
class Unknown:
    """What a feature gives if its value is unknown."""

    points: int
    reason: Text


@dataclass(frozen=True)
class Feature:
    """A property of a party by which it gets points.

    Attributes:
        weight: what a known value adds to the confidence, beside other features' weights.
        document: name of the document that would show the value.
        changeable: the party can change it by what it does.
        max_age_days: evidence older than this on the day of the score is stale.
        bins: in the order of their numbers.
    """

    name: str
    kind: Kind
    title: Text
    weight: int
    document: str
    changeable: bool
    max_age_days: int
    trend: Trend
    bins: tuple[Bin, ...]
    unknown: Unknown

    def place_of(self, value: Value) -> int:
        """The place of the bin that holds a value.

        Raises:
            ValueError: there is none; a card that was checked has one for each value.
        """
        for place, each in enumerate(self.bins):
            if each.holds(value):
                return place
        raise ValueError(f"{self.name}: no bin holds {value!r}")

    @property
    def best(self) -> int:
        """The highest points that a known value gets."""
        return max(each.points for each in self.bins)

    @property
    def worst(self) -> int:
        """The lowest points that a known value gets."""
        return min(each.points for each in self.bins)

    @property
    def categories(self) -> tuple[str, ...]:
        """All categories; none for numbers."""
        return tuple(name for each in self.bins for name in each.categories)

    def text_of(self, value: Value, *, currency: str) -> str:
        """A value as people write it."""
        if isinstance(value, str):
            return value
        return number_text(self.kind, value, currency=currency)


@dataclass(frozen=True)
class Tier:
    """A tier, 1 the best.

    Attributes:
        points: the minimum.
        confidence: the minimum, in parts per million.
        limit_share: of yearly sales, in parts per million; 0: no limit is granted.
    """

    tier: int
    points: int
    confidence: int
    limit_share: int


@dataclass(frozen=True)
class LimitFormula:
    """The formula of the limit, in minor units.

        sales x share of the tier
          x min(months, full months) / full months
          x (1 - the part of the concentration above what is free)

    rounded down to a multiple of the step, and at most the maximum. Below the minimum of months,
    and without sales or months, there is no limit.

    Attributes:
        sales: name of the feature with yearly sales.
        months: name of the feature with the months of trade.
        concentration: name of the feature with the share of the largest buyer.
        unknown_concentration: the share to assume if it is unknown, in parts per million.
    """

    sales: str
    months: str
    concentration: str
    min_months: int
    full_months: int
    free_concentration: int
    unknown_concentration: int
    step: int
    max: int


@dataclass(frozen=True)
class Example:
    """A worked example that must hold."""

    name: str
    values: Mapping[str, Value]
    points: int
    confidence: int
    tier: int
    limit: int


@dataclass(frozen=True)
class Card:
    """A scorecard that was checked.

    Attributes:
        currency: of its amounts and limits.
        base: points that every party gets.
        tiers: from the best to the worst.
        digest: SHA-256 of the card's canonical bytes, 0x and 64 digits.
        content: the value of the file, of which the canonical bytes are made.
    """

    name: str
    version: int
    title: Text
    currency: str
    base: int
    valid_days: int
    documents: Mapping[str, Text]
    features: tuple[Feature, ...]
    tiers: tuple[Tier, ...]
    limit: LimitFormula
    examples: tuple[Example, ...]
    digest: str
    content: Mapping[str, object]

    def feature(self, name: str) -> Feature | None:
        """A feature by its name."""
        return next((feature for feature in self.features if feature.name == name), None)

    @property
    def model_version(self) -> str:
        """The text whose hash an attestation names as its model."""
        return f"{self.name} {self.version} {self.digest}"
