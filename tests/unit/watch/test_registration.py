"""Frozen, held and lapsed parties; tiers that fell or ended."""

from __future__ import annotations

import pytest

from app.domain.watch.facts import PartyStanding, TierPoint
from app.domain.watch.model import Level, Signal, Unknown
from app.domain.watch.registration import registration_signals, tier_signal
from tests.support.watch import DAY, NOW, kinds

LATER = NOW + 300 * DAY


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (PartyStanding(valid_until=LATER), []),
        (None, []),
        (PartyStanding(frozen=True, valid_until=LATER), [("frozen", Level.ALARM)]),
        (PartyStanding(held_until=NOW + 1, valid_until=LATER), [("frozen", Level.ALARM)]),
        (PartyStanding(held_until=NOW, valid_until=LATER), []),
        (PartyStanding(valid_until=NOW), [("lapsed", Level.WARNING)]),
        (PartyStanding(valid_until=NOW + 1), [("validity-ending", Level.WATCH)]),
        (PartyStanding(valid_until=NOW + 30 * DAY), [("validity-ending", Level.WATCH)]),
        (PartyStanding(valid_until=NOW + 30 * DAY + 1), []),
    ],
)
def test_registration(standing: PartyStanding | None, expected: list[tuple[str, Level]]) -> None:
    assert kinds(registration_signals(7, standing, now=NOW)) == expected


def tier(*points: tuple[int, int]) -> Signal | Unknown | None:
    """Tiers attested so many days ago; each holds for 300 days."""
    changes = [
        TierPoint(NOW - days * DAY, number, NOW + (300 - days) * DAY, f"0x{days:x}")
        for days, number in points
    ]
    return tier_signal(7, changes, now=NOW)


@pytest.mark.parametrize(
    ("points", "kind", "level"),
    [
        ([(100, 2), (5, 3)], "tier-fall", Level.WARNING),
        ([(100, 2), (5, 4)], "tier-fall", Level.ALARM),
        ([(100, 1), (50, 3), (5, 3)], "tier-fall", Level.ALARM),  # repeated, and still fallen
        ([(290, 2), (179, 3)], "tier-fall", Level.WARNING),
        ([(100, 2), (5, 0)], "tier-ended", Level.ALARM),
        ([(301, 2)], "tier-ended", Level.WARNING),
    ],
)
def test_tier_that_fell_or_ended(points: list[tuple[int, int]], kind: str, level: Level) -> None:
    signal = tier(*points)
    assert isinstance(signal, Signal)
    assert (signal.kind, signal.level) == (kind, level)
    assert signal.evidence == ("party:7", f"transaction:0x{points[-1][0]:x}")


@pytest.mark.parametrize(
    "points",
    [
        [(100, 2)],
        [(100, 3), (5, 2)],  # a better one
        [(100, 3), (5, 3)],
        [(290, 1), (181, 3)],  # it fell before the window
        [(100, 0), (5, 3)],  # revoked, and attested again
    ],
)
def test_tier_that_did_not_fall_lately_is_no_signal(points: list[tuple[int, int]]) -> None:
    assert tier(*points) is None


def test_party_without_a_tier_is_unknown() -> None:
    outcome = tier()
    assert isinstance(outcome, Unknown)
    assert (outcome.kind, outcome.about) == ("tier-fall", "party:7")
