"""The expected tier, limit and signals of the story of credit, computed independently.

Nothing is shared with the scorecard's code, the watch or the ledger. The figures are those that a
reader finds in `scorecards/trade.yaml`; shares are exact fractions, money is minor units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.demo.expected import MILLION, half_up


@dataclass(frozen=True)
class Feature:
    """A feature of the card: its weight in per cent, its points if unknown, and its document."""

    weight: int
    unknown: int
    document: str


@dataclass(frozen=True)
class Tier:
    """A tier: points and confidence (per cent) that it asks for, and its share of the sales."""

    number: int
    points: int
    confidence: int
    share: Fraction


LEDGER, SALES, TAX, REGISTER = "ledger", "platform-sales", "tax-certificate", "business-register"
FEATURES = {
    "days-paid-late": Feature(14, 45, LEDGER),
    "defaults": Feature(12, 40, LEDGER),
    "disputed-share": Feature(8, 30, LEDGER),
    "credit-note-share": Feature(5, 20, LEDGER),
    "largest-buyer-share": Feature(8, 20, LEDGER),
    "limit-use": Feature(6, 25, LEDGER),
    "months-of-trade": Feature(10, 10, SALES),
    "yearly-sales": Feature(9, 10, SALES),
    "sales-trend": Feature(7, 20, SALES),
    "return-share": Feature(4, 15, SALES),
    "tax-standing": Feature(7, 15, TAX),
    "registration-months": Feature(5, 5, REGISTER),
    "ownership": Feature(5, 5, REGISTER),
}
TIERS = (
    Tier(1, 800, 90, Fraction(25, 100)),
    Tier(2, 680, 80, Fraction(20, 100)),
    Tier(3, 550, 65, Fraction(12, 100)),
    Tier(4, 420, 50, Fraction(6, 100)),
)
REFUSED = Tier(5, 0, 0, Fraction(0))
FULL_MONTHS, FREE_CONCENTRATION, STEP = 24, Fraction(40, 100), 1_000_00


@dataclass(frozen=True)
class Judged:
    """What the card gives.

    Attributes:
        confidence: parts per million.
        helpful: documents that would show what is unknown, the most helpful first.
    """

    points: int
    confidence: int
    tier: Tier
    helpful: tuple[str, ...]


def judged(known: Mapping[str, int]) -> Judged:
    """The judgement of a party.

    Args:
        known: points of each feature that the evidence shows; the others are unknown.
    """
    points = sum(known.get(name, feature.unknown) for name, feature in FEATURES.items())
    shown = sum(FEATURES[name].weight for name in known)
    tier = next(
        (tier for tier in TIERS if points >= tier.points and shown >= tier.confidence), REFUSED
    )
    missing: dict[str, int] = {}
    for name, feature in FEATURES.items():
        if name not in known:
            missing[feature.document] = missing.get(feature.document, 0) + feature.weight
    helpful = sorted(missing, key=lambda document: -missing[document])
    return Judged(points, shown * MILLION // 100, tier, tuple(helpful))


def limit(*, sales: int, tier: Tier, months: int, largest: Fraction) -> int:
    """What a tier may owe: a share of a year's sales, less for a short trade and for one buyer.

    Args:
        largest: the share of the largest buyer.
    """
    spread = 1 - max(Fraction(0), largest - FREE_CONCENTRATION)
    exact = sales * tier.share * Fraction(min(months, FULL_MONTHS), FULL_MONTHS) * spread
    return exact.__floor__() // STEP * STEP


def days_late(payments: Sequence[tuple[int, int]]) -> int:
    """Days late on average, of amounts with their days."""
    return half_up(
        Fraction(
            sum(amount * days for amount, days in payments), sum(amount for amount, _ in payments)
        )
    )


def part_of(part: int, whole: int) -> str:
    """A share as evidence writes it, to the millionth."""
    parts = half_up(Fraction(part * MILLION, whole))
    return f"{parts / 10_000:.4f}".rstrip("0").rstrip(".") + "%"


def fall(before: Sequence[int], after: Sequence[int]) -> int:
    """By how much sales fell, in parts per million, rounded down."""
    return (Fraction(sum(before) - sum(after), sum(before)) * MILLION).__floor__()
