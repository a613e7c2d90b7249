"""Queries of credit tiers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run

_AT_ONCE = 500  # values in one list of a query


class CreditRow(msgspec.Struct, frozen=True):
    """The last attestation of a party as the ledger records it; tier 0: it was revoked."""

    rater: str
    tier: int
    currency: str
    credit_limit: int
    trading_since_day: int
    model_version: str
    evidence_root: str
    issued_at: int
    expires_at: int


class TierChange(msgspec.Struct, frozen=True):
    """From a position on, a party has a tier until a time in UTC seconds; 0: none.

    Attributes:
        at: time of its block, in UTC seconds.
    """

    position: int
    tier: int
    until: int
    at: int
    transaction_hash: str


_SELECT = f"SELECT {', '.join(CreditRow.__struct_fields__)} FROM credit_tiers "


def of_party(connection: Connection, ledger_party_id: int) -> CreditRow | None:
    """The last attestation of a party."""
    row = run(connection, f"{_SELECT}WHERE party_id = ?", (ledger_party_id,)).first()
    return None if row is None else record_of(CreditRow, row)


class UnderWay(msgspec.Struct, frozen=True):
    """An attestation that the gateway signed and that is in no block yet.

    Attributes:
        operation_id: its operation.
        party_id: who gave the command.
        issued_at: UTC seconds.
    """

    operation_id: str
    party_id: str | None
    issued_at: int


def last_issued(connection: Connection, ledger_party_id: int) -> int:
    """The time (UTC seconds) after which an attestation of the party must be issued; 0: any.

    It is that of the last attestation, or of the revocation's block if that was revoked.
    """
    tier = of_party(connection, ledger_party_id)
    if tier is None:
        return 0
    if tier.tier:
        return tier.issued_at
    changes = tier_changes(connection, [ledger_party_id])
    return max(tier.issued_at, changes[ledger_party_id][-1].at)


def under_way(connection: Connection, ledger_party_id: int) -> list[UnderWay]:
    """Attestations of the party in custody that the chain has not carried out, oldest first."""
    rows = run(
        connection,
        "SELECT id, party_id, arguments_json FROM operations "
        "WHERE state IN ('accepted', 'submitted') AND custody = 1 "
        "AND contract = 'CreditRegistry' AND function = 'attest' ORDER BY id",
    )
    attestations = ((row, msgspec.json.decode(row.arguments_json)[0]) for row in rows)
    return [
        UnderWay(row.id, row.party_id, int(attestation["issuedAt"]))
        for row, attestation in attestations
        if int(attestation["partyId"]) == ledger_party_id
    ]


def tier_changes(
    connection: Connection, ledger_party_ids: Collection[int]
) -> dict[int, list[TierChange]]:
    """All attestations and revocations of these parties' tiers, oldest first."""
    changes: defaultdict[int, list[TierChange]] = defaultdict(list)
    for row in _events(connection, sorted(ledger_party_ids)):
        arguments = msgspec.json.decode(row.arguments_json)
        attestation = arguments.get("attestation")
        party = int((attestation or arguments)["partyId"])
        tier = 0 if attestation is None else int(attestation["tier"])
        until = 0 if attestation is None else int(attestation["expiresAt"])
        change = TierChange(row.position, tier, until, row.timestamp, row.transaction_hash)
        changes[party].append(change)
    return dict(changes)


def _events(connection: Connection, ledger_party_ids: Sequence[int]) -> Iterator[Any]:
    for start in range(0, len(ledger_party_ids), _AT_ONCE):
        some = ledger_party_ids[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        yield from run(
            connection,
            "SELECT DISTINCT e.position, e.arguments_json, e.timestamp, e.transaction_hash "
            "FROM event_subjects s JOIN events e ON e.position = s.position "
            f"WHERE s.subject IN ({marks}) AND e.contract = 'CreditRegistry' "
            "AND e.name IN ('CreditAttested', 'CreditRevoked') ORDER BY e.position",
            tuple(f"party:{party}" for party in some),
        )
