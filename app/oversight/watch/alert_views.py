"""Alerts and proposed steps in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy import Connection

from app.domain.watch.model import Level, SubjectKind
from app.domain.watch.steps import STEPS
from app.gateway.gateway import Gateway
from app.gateway.said import localized
from app.gateway.views import Names, party_view, time_view
from app.oversight.watch import alert_rows, proposal_rows, views
from app.oversight.watch.alert_rows import AcknowledgementRow, AlertRow
from app.oversight.watch.alert_schemas import (
    Alert,
    AlertAcknowledgement,
    DecisionOutcome,
    ProposalState,
    StepDecision,
    StepProposal,
)
from app.oversight.watch.proposal_rows import DecisionRow, ProposalRow
from app.oversight.watch.schemas import LEVEL_NAMES
from app.parties.registry import repository as parties


def sealed(gateway: Gateway, words: str, *, about: str) -> bytes:
    """What a person wrote, encrypted."""
    return gateway.sealer.seal(words.encode(), about=about)


def note_of(identifier: str) -> str:
    """What the sealed note of an acknowledgement is about."""
    return f"watch acknowledgement {identifier}"


def reason_of(identifier: str) -> str:
    """What the sealed reason of a decision is about."""
    return f"watch decision {identifier}"


def alerts(gateway: Gateway, connection: Connection, rows: Sequence[AlertRow]) -> list[Alert]:
    """Alerts with what people did about them."""
    identifiers = [row.id for row in rows]
    acknowledged = alert_rows.acknowledgements(connection, identifiers)
    proposed = proposal_rows.of_alerts(connection, identifiers)
    undone = alert_rows.undone(connection, {row.block_hash for row in rows})
    names = _names(connection, [account for row in rows for account in (row.lender, row.account)])
    return [
        _alert(
            row,
            names=names,
            undone=row.block_hash in undone,
            acknowledgement=_acknowledgement(gateway, acknowledged.get(row.id)),
            proposals=proposed.get(row.id, []),
        )
        for row in rows
    ]


def _names(connection: Connection, accounts: Iterable[str | None]) -> Names:
    return parties.names(connection, {account for account in accounts if account is not None})


def _alert(
    row: AlertRow,
    *,
    names: Names,
    undone: bool,
    acknowledgement: AlertAcknowledgement | None,
    proposals: list[str],
) -> Alert:
    reasons, subject = row.reasons, cast(SubjectKind, row.subject)
    return {
        "id": row.id,
        "lender": party_view(row.lender, names),
        "subject": subject,
        "party": None if row.account is None else party_view(row.account, names),
        "productId": row.subject_key if subject == "product" else None,
        "fromLevel": LEVEL_NAMES[row.level_before],
        "toLevel": LEVEL_NAMES[row.level_after],
        "raised": localized(reasons.raised) if reasons.raised else None,
        "nextStep": localized(STEPS[subject, Level(row.level_after)]),
        "signals": [views.signal(signal) for signal in reasons.signals],
        "began": list(reasons.began),
        "ended": [views.signal(signal) for signal in reasons.ended],
        "block": {
            "blockNumber": row.block_number,
            "blockHash": row.block_hash,
            "timestamp": time_view(row.timestamp),
            "undone": undone,
        },
        "afterReorganisation": row.undone_hash is not None,
        "acknowledgement": acknowledgement,
        "proposalIds": proposals,
    }


def _acknowledgement(
    gateway: Gateway, row: AcknowledgementRow | None
) -> AlertAcknowledgement | None:
    if row is None:
        return None
    note = gateway.sealer.open(row.sealed, about=note_of(row.id)).decode()
    return {"person": row.person, "takenAt": time_view(row.taken_at), "note": note}


def proposals(
    gateway: Gateway, connection: Connection, rows: Sequence[ProposalRow]
) -> list[StepProposal]:
    """Proposed steps with what was decided about them."""
    decided = proposal_rows.decisions(connection, [row.id for row in rows])
    names = _names(connection, [account for row in rows for account in (row.lender, row.borrower)])
    return [
        {
            "id": row.id,
            "step": "suspend-draws",
            "state": cast(ProposalState, row.state),
            "alertId": row.alert_id,
            "lender": party_view(row.lender, names),
            "borrower": party_view(row.borrower, names),
            "facilityId": row.facility_id,
            "level": LEVEL_NAMES[row.level],
            "ruleSet": row.rule_set,
            "source": row.source,
            "createdAt": time_view(row.created_at),
            "expiresAt": time_view(row.expires_at),
            "decisions": [_decision(gateway, decision) for decision in decided.get(row.id, [])],
        }
        for row in rows
    ]


def _decision(gateway: Gateway, row: DecisionRow) -> StepDecision:
    reason = None
    if row.sealed is not None:
        reason = gateway.sealer.open(row.sealed, about=reason_of(row.id)).decode()
    return {
        "outcome": cast(DecisionOutcome, row.outcome),
        "person": row.person,
        "takenAt": time_view(row.taken_at),
        "reason": reason,
        "operationId": row.operation_id,
    }
