"""Decisions about findings as stored: rows that nothing changes, the last one counts."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection

from app.gateway.gateway import Gateway
from app.oversight.crosschecks.standing import NamedFinding
from app.storage import record_of, run

_AT_ONCE = 500


class DecisionRow(msgspec.Struct, frozen=True):
    """A decision; its reason and the finding as it was are encrypted.

    Attributes:
        number: of the finding's decisions, from 1.
        person: the label of the caller's key.
        party: id in the directory; None: an official decided.
    """

    id: str
    finding_id: str
    number: int
    decision: str
    person: str
    party: str | None
    decided_at: float
    sealed: bytes


class DecisionContent(msgspec.Struct):
    """What the gateway encrypts of a decision: its reason, and the finding that it was about."""

    reason: str
    finding: NamedFinding


_SELECT = f"SELECT {', '.join(DecisionRow.__struct_fields__)} FROM finding_decisions "


def add(connection: Connection, row: DecisionRow) -> None:
    """Stores a decision."""
    marks = ", ".join("?" * len(DecisionRow.__struct_fields__))
    run(
        connection,
        f"INSERT INTO finding_decisions ({', '.join(DecisionRow.__struct_fields__)}) "
        f"VALUES ({marks})",
        msgspec.structs.astuple(row),
    )


def of_finding(connection: Connection, identifier: str) -> list[DecisionRow]:
    """The decisions about a finding, in their order."""
    rows = run(connection, _SELECT + "WHERE finding_id = ? ORDER BY number", (identifier,))
    return [_row(row) for row in rows]


def of_findings(
    connection: Connection, identifiers: Collection[str]
) -> dict[str, list[DecisionRow]]:
    """The decisions about each of these findings that has any, in their order."""
    decided: dict[str, list[DecisionRow]] = {}
    ordered = sorted(identifiers)
    for at in range(0, len(ordered), _AT_ONCE):
        part = tuple(ordered[at : at + _AT_ONCE])
        marks = ", ".join("?" * len(part))
        query = f"{_SELECT}WHERE finding_id IN ({marks}) ORDER BY finding_id, number"
        for row in run(connection, query, part):
            decided.setdefault(row.finding_id, []).append(_row(row))
    return decided


def last_of_each(connection: Connection) -> dict[str, str]:
    """The last decision about each finding that has any."""
    rows = run(
        connection,
        "SELECT d.finding_id, d.decision FROM finding_decisions d WHERE d.number = "
        "(SELECT max(o.number) FROM finding_decisions o WHERE o.finding_id = d.finding_id)",
    )
    return {row.finding_id: row.decision for row in rows}


def sealed(gateway: Gateway, identifier: str, content: DecisionContent) -> bytes:
    """The encrypted content of a decision."""
    return gateway.sealer.seal(msgspec.json.encode(content), about=f"finding decision {identifier}")


def opened(gateway: Gateway, row: DecisionRow) -> DecisionContent:
    """The content of a decision, decrypted."""
    plain = gateway.sealer.open(row.sealed, about=f"finding decision {row.id}")
    return msgspec.json.decode(plain, type=DecisionContent)


def _row(row: object) -> DecisionRow:
    return record_of(DecisionRow, row, sealed=bytes(row.sealed))  # type: ignore[attr-defined]
