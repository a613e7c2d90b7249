"""Queries of steps that the gateway proposes, and of what people decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.lending.rows import FacilityRow
from app.storage import record_of, run


class ProposalRow(msgspec.Struct, frozen=True):
    """A proposed step as stored; times are UTC seconds.

    Attributes:
        borrower: account, as the facility has it.
        level: from which on the rule allows the step.
        rule_set: whose rule allows the step.
        state: proposed, confirmed, refused or expired.
    """

    id: str
    alert_id: int
    lender: str
    borrower: str
    facility_id: int
    level: int
    rule_set: str
    source: str
    state: str
    created_at: int
    expires_at: int
    operation_id: str | None = None


class DecisionRow(msgspec.Struct, frozen=True):
    """A decision; `person` is None where the gateway ended the proposal."""

    id: str
    proposal_id: str
    outcome: str
    person: str | None
    taken_at: float
    operation_id: str | None
    sealed: bytes | None
    person_way: str | None = None
    person_id: str | None = None


_PROPOSAL = f"SELECT {', '.join(ProposalRow.__struct_fields__)} FROM watch_proposals "
_DECISION = f"SELECT {', '.join(DecisionRow.__struct_fields__)} FROM watch_decisions "


def open_facilities(connection: Connection, *, lender: str, party: int) -> list[FacilityRow]:
    """Facilities of a lender and a borrower that are not closed.

    Args:
        party: the borrower's number on the ledger.
    """
    rows = run(
        connection,
        f"SELECT {', '.join(FacilityRow.__struct_fields__)} FROM facilities WHERE closed = 0 "
        "AND lender = ? AND borrower IN (SELECT account FROM accounts WHERE party_id = ?) "
        "ORDER BY facility_id",
        (lender, party),
    )
    return [record_of(FacilityRow, row) for row in rows]


def add(connection: Connection, row: ProposalRow) -> None:
    """Stores a new proposal."""
    fields = ProposalRow.__struct_fields__
    run(
        connection,
        f"INSERT INTO watch_proposals ({', '.join(fields)}) VALUES "
        f"({', '.join('?' * len(fields))})",
        msgspec.structs.astuple(row),
    )


def waits(connection: Connection, facility_id: int) -> bool:
    """Whether a proposal about a facility waits for a decision."""
    query = "SELECT 1 FROM watch_proposals WHERE facility_id = ? AND state = 'proposed'"
    return run(connection, query, (facility_id,)).first() is not None


def open_proposals(
    connection: Connection, *, until: int | None = None, borrower: tuple[str, int] | None = None
) -> list[ProposalRow]:
    """Proposals that wait for a decision.

    Args:
        until: those that expire at this time or before.
        borrower: those of a lender (account) and a borrower (number on the ledger).
    """
    wheres, values = ["state = 'proposed'"], list[Any]()
    if until is not None:
        wheres.append("expires_at <= ?")
        values.append(until)
    if borrower is not None:
        wheres.append(
            "lender = ? AND borrower IN (SELECT account FROM accounts WHERE party_id = ?)"
        )
        values += borrower
    rows = run(connection, f"{_PROPOSAL}WHERE {' AND '.join(wheres)} ORDER BY id", tuple(values))
    return [record_of(ProposalRow, row) for row in rows]


def by_id(connection: Connection, identifier: str) -> ProposalRow | None:
    """A proposal; None if there is none."""
    row = run(connection, _PROPOSAL + "WHERE id = ?", (identifier,)).first()
    return None if row is None else record_of(ProposalRow, row)


def listed(
    connection: Connection,
    *,
    lender: str | None,
    state: str | None,
    before: str | None,
    limit: int,
) -> list[ProposalRow]:
    """Proposals, newest first; lender None: of all."""
    wheres, values = list[str](), list[Any]()
    for where, value in (("lender = ?", lender), ("state = ?", state), ("id < ?", before)):
        if value is not None:
            wheres.append(where)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(connection, f"{_PROPOSAL}{where}ORDER BY id DESC LIMIT ?", (*values, limit))
    return [record_of(ProposalRow, row) for row in rows]


def of_alerts(connection: Connection, alerts: Sequence[int]) -> dict[int, list[str]]:
    """Ids of the proposals of some alerts."""
    by_alert: dict[int, list[str]] = {}
    if not alerts:
        return by_alert
    rows = run(
        connection,
        "SELECT alert_id, id FROM watch_proposals WHERE alert_id IN "
        f"({', '.join('?' * len(alerts))}) ORDER BY id",
        tuple(alerts),
    )
    for row in rows:
        by_alert.setdefault(row.alert_id, []).append(row.id)
    return by_alert


def move(connection: Connection, identifier: str, *, start: Sequence[str], end: str) -> bool:
    """Gives a proposal another state; False if its state is none of `start`."""
    moved = run(
        connection,
        "UPDATE watch_proposals SET state = ? WHERE id = ? AND state IN "
        f"({', '.join('?' * len(start))})",
        (end, identifier, *start),
    )
    return bool(moved.rowcount)


def decide(connection: Connection, row: DecisionRow) -> None:
    """Stores a decision."""
    fields = DecisionRow.__struct_fields__
    run(
        connection,
        f"INSERT INTO watch_decisions ({', '.join(fields)}) VALUES "
        f"({', '.join('?' * len(fields))})",
        msgspec.structs.astuple(row),
    )


def decisions(connection: Connection, proposals: Sequence[str]) -> dict[str, list[DecisionRow]]:
    """The decisions about some proposals, in their order."""
    by_proposal: dict[str, list[DecisionRow]] = {}
    if not proposals:
        return by_proposal
    rows = run(
        connection,
        f"{_DECISION}WHERE proposal_id IN ({', '.join('?' * len(proposals))}) ORDER BY id",
        tuple(proposals),
    )
    for row in rows:
        sealed = None if row.sealed is None else bytes(row.sealed)
        decision = record_of(DecisionRow, row, sealed=sealed)
        by_proposal.setdefault(decision.proposal_id, []).append(decision)
    return by_proposal
