"""Signals of a party's registration and credit tier."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from app.domain.texts import say
from app.domain.watch.facts import PartyStanding, TierPoint
from app.domain.watch.model import Level, Signal, Unknown, Value, evidence_of
from app.domain.watch.parameters import ENDING_DAYS, EVENTS, THRESHOLDS, TIER_DAYS

_DAY = 86_400


def registration_signals(party: int, standing: PartyStanding | None, *, now: int) -> list[Signal]:
    """Whether a party is frozen, held, or no longer registered; None: the ledger has no party."""
    about = f"party:{party}"
    if standing is None:
        return []
    signals: list[Signal] = []
    if standing.frozen or standing.held_until > now:
        words = (
            say("The party is frozen by an order.")
            if standing.frozen
            else say("The party is held by a regulator.")
        )
        level = EVENTS["frozen"].level
        signals.append(Signal("frozen", level, about, words, (), evidence_of(about)))
    left = standing.valid_until - now
    if left <= 0:
        level = EVENTS["lapsed"].level
        reason = say("The party's registration ended {past:days} ago.", past=-left // _DAY)
        signals.append(Signal("lapsed", level, about, reason, (), evidence_of(about)))
    elif left <= ENDING_DAYS * _DAY:
        days = left // _DAY
        signals.append(
            Signal(
                "validity-ending",
                EVENTS["validity-ending"].level,
                about,
                say("The party's registration ends in {left:days}.", left=days),
                (Value("daysLeft", days, "days"),),
                evidence_of(about),
            )
        )
    return signals


def tier_signal(party: int, points: Sequence[TierPoint], *, now: int) -> Signal | Unknown | None:
    """Whether a party's tier fell or ended. A tier is better the lower its number.

    Args:
        points: oldest first.
    """
    about = f"party:{party}"
    if not points:
        return Unknown("tier-fall", about, say("No rater has attested a tier of the party."))
    last = points[-1]
    evidence = evidence_of(about, [f"transaction:{last.transaction}"] if last.transaction else [])
    if not last.tier:
        reason = say("The rater revoked the party's tier.")
        return Signal("tier-ended", Level.ALARM, about, reason, (), evidence)
    if last.until <= now:
        days = (now - last.until) // _DAY
        return Signal(
            "tier-ended",
            EVENTS["tier-ended"].level,
            about,
            say("The party's tier expired {past:days} ago.", past=days),
            (Value("daysExpired", days, "days"),),
            evidence,
        )
    begin = now - TIER_DAYS * _DAY
    # A tier counts if it was in force at some time of the window: until the next one, or its end.
    earlier = [
        point.tier
        for point, following in pairwise(points)
        if point.tier and min(following.at, point.until) > begin
    ]
    fall = last.tier - min(earlier, default=last.tier)
    level = THRESHOLDS["tier-fall"].level(fall)
    if not level:
        return None
    return Signal(
        "tier-fall",
        level,
        about,
        say(
            "The party's tier is {tier}; within {count} days it was {before}.",
            tier=last.tier,
            count=TIER_DAYS,
            before=last.tier - fall,
        ),
        (Value("tiers", fall, "count"),),
        evidence,
    )
