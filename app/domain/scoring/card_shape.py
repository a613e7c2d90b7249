"""The shape of a scorecard's file: which keys it has and what they hold."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from app.domain.catalogue import MILLION, share
from app.domain.hidden_text import hidden_in
from app.domain.scoring.model import Trend
from app.domain.scoring.values import Kind
from app.domain.texts import say

MAX_FEATURES = 40
MAX_BINS = 12
MAX_POINTS = 10_000
MAX_DAYS = 3_660
NAME = r"^[a-z][a-z0-9-]{0,39}$"
Percent = Annotated[int, BeforeValidator(share), Field(ge=0, le=MILLION)]
Points = Annotated[int, Field(ge=-MAX_POINTS, le=MAX_POINTS)]


def _visible(text: str) -> str:
    hidden = hidden_in(text)
    if hidden is not None:
        raise ValueError(
            say("it has {hidden}: write visible characters in one line", hidden=hidden)
        )
    return text


Name = Annotated[str, Field(pattern=NAME)]
#: A text that others read, on a terminal too.
Visible = Annotated[str, AfterValidator(_visible)]
Category = Annotated[Visible, Field(max_length=100)]


def _kind(raw: Any) -> Kind:
    if raw not in list(Kind):
        raise ValueError(f"{raw!r} is no kind of values; use one of {', '.join(Kind)}")
    return Kind(raw)


def _trend(raw: Any) -> Trend:
    if raw not in list(Trend):
        raise ValueError(f"{raw!r} is no trend; use one of {', '.join(Trend)}")
    return Trend(raw)


class Part(BaseModel):
    """A part of the file; an unknown key and a number that is not whole are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TextPart(Part):
    """A text in both languages."""

    en: Visible = Field(min_length=1, max_length=400)
    zh: Visible = Field(min_length=1, max_length=400)


class BinPart(Part):
    """A bin: `from` (inclusive) and `below` (exclusive) of numbers, or `categories`."""

    from_: Any = Field(None, alias="from")
    below: Any = None
    categories: list[Category] | None = Field(None, min_length=1, max_length=50)
    points: Points
    reason: TextPart


class UnknownPart(Part):
    """What an unknown value gives."""

    points: Points
    reason: TextPart


class FeaturePart(Part):
    """A feature."""

    name: Name
    kind: Annotated[Kind, BeforeValidator(_kind)]
    title: TextPart
    weight: int = Field(ge=1, le=1000)
    document: Name
    changeable: bool
    max_age_days: int = Field(ge=1, le=MAX_DAYS)
    trend: Annotated[Trend, BeforeValidator(_trend)] = Trend.FREE
    bins: list[BinPart] = Field(min_length=1, max_length=MAX_BINS)
    unknown: UnknownPart


class TierPart(Part):
    """A tier; the last one has no minimum of points and confidence."""

    tier: int
    points: int | None = None
    confidence: Percent | None = None
    limit_share: Percent


class LimitPart(Part):
    """The formula of the limit."""

    sales: Name
    months: Name
    concentration: Name
    min_months: int = Field(ge=1, le=600)
    full_months: int = Field(ge=1, le=600)
    free_concentration: Percent
    unknown_concentration: Percent
    step: str
    max: str


class ExamplePart(Part):
    """A worked example; a feature that `values` does not name is unknown."""

    name: Visible = Field(min_length=1, max_length=200)
    values: dict[str, Any] = Field(max_length=MAX_FEATURES)
    points: int
    confidence: Percent
    tier: int
    limit: str


class CardPart(Part):
    """The whole file."""

    name: Name
    version: int = Field(ge=1, le=1_000_000)
    title: TextPart
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    base: Points
    valid_days: int = Field(ge=1, le=MAX_DAYS)
    documents: dict[str, TextPart] = Field(min_length=1, max_length=MAX_FEATURES)
    features: list[FeaturePart] = Field(min_length=1, max_length=MAX_FEATURES)
    tiers: list[TierPart]
    limit: LimitPart
    examples: list[ExamplePart] = Field(min_length=1, max_length=50)
