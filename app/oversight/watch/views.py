"""Warning levels in JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from app.domain.watch.assessing import Assessment
from app.domain.watch.model import Level, Signal, Unknown
from app.domain.watch.parameters import (
    EVENTS,
    THRESHOLDS,
    WARNINGS_TO_ALARM,
    WATCHES_TO_WARNING,
)
from app.domain.watch.steps import STEPS
from app.gateway.money import money_view
from app.gateway.said import localized
from app.gateway.views import Names, party_view
from app.oversight.watch import schemas
from app.oversight.watch.schemas import LEVEL_NAMES

_MAX_LOANS = 200


def assessment(
    item: Assessment, *, names: Names, account_of: Mapping[int, str]
) -> schemas.Assessment:
    """How a subject stands."""
    is_party = item.subject in ("borrower", "debtor")
    return {
        "party": party_view(account_of[item.key], names) if is_party else None,
        "productId": item.key if item.subject == "product" else None,
        "level": LEVEL_NAMES[item.level],
        "raised": localized(item.raised) if item.raised else None,
        "nextStep": localized(item.next_step),
        "signals": [signal(each) for each in item.signals],
        "unknown": [_unknown(unknown) for unknown in item.unknown],
        "principal": [
            money_view(amount, currency=currency) for currency, amount in item.principal.items()
        ],
        "loanCount": len(item.loans),
        "loanIds": list(item.loans[:_MAX_LOANS]),
    }


def signal(item: Signal) -> schemas.WatchSignal:
    """One thing that speaks for trouble."""
    return {
        "id": item.id,
        "kind": item.kind,
        "level": LEVEL_NAMES[item.level],
        "reason": localized(item.reason),
        "values": [
            {"name": value.name, "number": value.number, "unit": value.unit}
            for value in item.values
        ],
        "evidence": list(item.evidence),
    }


def _unknown(unknown: Unknown) -> schemas.UnknownSignal:
    return {"kind": unknown.kind, "about": unknown.about, "reason": localized(unknown.reason)}


def levels(items: Sequence[Assessment]) -> list[schemas.LevelCount]:
    """How many are at each level, the worst first."""
    counts = Counter(item.level for item in items)
    return [
        {"level": LEVEL_NAMES[level], "count": counts[level]} for level in reversed(list(Level))
    ]


def rules() -> schemas.WatchRules:
    """The rules from which warning levels follow."""
    return {
        "thresholds": [
            {
                "kind": kind,
                "unit": threshold.unit,
                "watch": threshold.watch,
                "warning": threshold.warning,
                "alarm": threshold.alarm,
                "reason": localized(threshold.reason),
            }
            for kind, threshold in THRESHOLDS.items()
        ],
        "events": [
            {"kind": kind, "level": LEVEL_NAMES[event.level], "reason": localized(event.reason)}
            for kind, event in EVENTS.items()
        ],
        "steps": [
            {"subject": subject, "level": LEVEL_NAMES[level], "nextStep": localized(words)}
            for (subject, level), words in STEPS.items()
        ],
        "watchesToWarning": WATCHES_TO_WARNING,
        "warningsToAlarm": WARNINGS_TO_ALARM,
    }
