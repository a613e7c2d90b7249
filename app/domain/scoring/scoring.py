"""The score of a party: points by feature with reasons, tier, limit, and what would help."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.scoring.changes import Change, next_tier, smallest_changes
from app.domain.scoring.evidence import Evidence, Item, known_of
from app.domain.scoring.judging import Judgement, Part, judge, share_down
from app.domain.scoring.model import Card, Feature, Tier
from app.domain.scoring.values import Value

MAX_REASONS = 4


@dataclass(frozen=True)
class Missing:
    """A document that would show what is unknown.

    Attributes:
        document: its name in the card.
        features: the unknown features that it shows.
        confidence: what it would add, in parts per million.
        points: the most that it could add.
    """

    document: str
    features: tuple[Feature, ...]
    confidence: int
    points: int


@dataclass(frozen=True)
class Score:
    """What a card says of evidence.

    Attributes:
        items: the item of evidence behind a feature, by its name.
        missing: documents that would show more, the most helpful first.
        reasons: the features that cost most points, the dearest first.
        short_of_points, short_of_confidence: what the next tier lacks; 0: it has enough.
        changes: the smallest changes that reach the next tier.
    """

    card: Card
    evidence: Evidence
    judgement: Judgement
    items: dict[str, Item]
    missing: tuple[Missing, ...]
    reasons: tuple[Part, ...]
    next_tier: Tier | None
    short_of_points: int
    short_of_confidence: int
    changes: tuple[Change, ...]

    @property
    def refused(self) -> bool:
        """Whether the tier grants no limit at all."""
        return self.judgement.tier.limit_share == 0

    @property
    def last_day(self) -> int:
        """The last day on which the score is valid."""
        return self.evidence.day + self.card.valid_days - 1


def score(card: Card, evidence: Evidence) -> Score:
    """The score of a party.

    Raises:
        EvidenceInvalid: see `known_of`.
    """
    known = known_of(card, evidence)
    judgement = judge(card, known.values)
    dearest = sorted(judgement.parts, key=lambda part: -part.lost)
    above = next_tier(card, judgement)
    return Score(
        card=card,
        evidence=evidence,
        judgement=judgement,
        items=dict(known.items),
        missing=missing_documents(card, judgement),
        reasons=tuple(part for part in dearest if part.lost > 0)[:MAX_REASONS],
        next_tier=above,
        short_of_points=0 if above is None else max(0, above.points - judgement.total),
        short_of_confidence=(
            0 if above is None else max(0, above.confidence - judgement.confidence)
        ),
        changes=smallest_changes(card, judgement),
    )


def missing_documents(card: Card, judgement: Judgement) -> tuple[Missing, ...]:
    """Documents that would show unknown features: by confidence, then by points, then by name."""
    unknown = [part for part in judgement.parts if part.place is None]
    weights = sum(feature.weight for feature in card.features)
    documents = []
    for name in dict.fromkeys(part.feature.document for part in unknown):
        parts = [part for part in unknown if part.feature.document == name]
        weight = sum(part.feature.weight for part in parts)
        documents.append(
            Missing(
                document=name,
                features=tuple(part.feature for part in parts),
                confidence=share_down(weight, weights),
                points=sum(part.lost for part in parts),
            )
        )
    return tuple(
        sorted(documents, key=lambda each: (-each.confidence, -each.points, each.document))
    )


def reason_of(card: Card, part: Part, language: str) -> str:
    """Why a feature has its points, in words."""
    if part.value is None or part.place is None:
        return part.feature.unknown.reason.in_language(language)
    text = part.feature.bins[part.place].reason.in_language(language)
    return text.replace("{value}", value_text(card, part.feature, part.value))


def value_text(card: Card, feature: Feature, value: Value) -> str:
    """A value in words; an amount with its currency."""
    text = feature.text_of(value, currency=card.currency)
    return f"{text} {card.currency}" if feature.kind == "amount" else text
