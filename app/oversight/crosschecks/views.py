"""Findings in JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import cast

from app.domain.crosschecks.records import Kind
from app.domain.crosschecks.weighing import LeftOut
from app.gateway.gateway import Gateway
from app.gateway.views import Names, party_view, time_view
from app.oversight.crosschecks import decisions, schemas
from app.oversight.crosschecks.decisions import DecisionRow
from app.oversight.crosschecks.register import Register
from app.oversight.crosschecks.schemas import STATUSES, DecisionName, StatusName
from app.oversight.crosschecks.standing import NamedFinding

_PARTY = re.compile(r"\bparty:([0-9]+)\b")


def status_of(rows: Sequence[DecisionRow]) -> StatusName:
    """The last decision; open if there is none."""
    return cast(StatusName, rows[-1].decision) if rows else "open"


def finding_view(
    gateway: Gateway,
    finding: NamedFinding,
    rows: Sequence[DecisionRow],
    *,
    register: Register,
    names: Names,
    lasts: bool,
) -> schemas.Finding:
    """A finding with the decisions about it."""
    contents = [decisions.opened(gateway, row) for row in rows]
    return {
        "id": finding.id,
        "kind": Kind(finding.kind),
        "weight": finding.weight,
        "reason": _named(finding.reason, register),
        "status": status_of(rows),
        "lasts": lasts,
        "explained": finding.explained,
        "changed": bool(contents) and contents[-1].finding.basis != finding.basis,
        "parties": [
            party_view(register.account_of[number], names)
            for number in finding.parties
            if number in register.account_of
        ],
        "receivableIds": list(finding.receivables),
        "lotIds": list(finding.lots),
        "evidence": list(finding.evidence),
        "decisions": [
            {
                "id": row.id,
                "decision": cast(DecisionName, row.decision),
                "reason": content.reason,
                "person": row.person,
                "partyId": row.party,
                "decidedAt": time_view(row.decided_at),
            }
            for row, content in zip(rows, contents, strict=True)
        ],
    }


def _named(reason: str, register: Register) -> str:
    """The reason with names of parties in the place of their numbers."""

    def name(match: re.Match[str]) -> str:
        return register.name_of.get(int(match[1]), match[0])

    return _PARTY.sub(name, reason)


def statuses(each: Iterable[StatusName]) -> list[schemas.StatusCount]:
    """How many have each status."""
    counts = Counter(each)
    return [{"status": status, "count": counts[status]} for status in STATUSES]


def left_out(entries: Iterable[LeftOut]) -> list[schemas.LeftOutView]:
    """What the checks did not look at."""
    return [
        {"check": entry.check, "count": entry.count, "reason": entry.reason} for entry in entries
    ]
