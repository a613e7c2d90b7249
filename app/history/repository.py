"""Queries of the event log."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.claims import repository as claims
from app.parties import repository as parties
from app.receipts import repository as receipts
from app.storage import run


class EventRow(msgspec.Struct):
    """One event of one of the ledger's contracts."""

    position: int
    block_number: int
    block_hash: str
    transaction_hash: str
    log_index: int
    timestamp: int
    contract: str
    name: str
    arguments: dict[str, Any]


_COLUMNS = (
    "e.position, e.block_number, e.block_hash, e.transaction_hash, e.log_index, e.timestamp, "
    "e.contract, e.name, e.arguments_json"
)


def events(
    connection: Connection,
    *,
    subjects: list[str] | None,
    contract: str | None,
    name: str | None,
    from_block: int | None,
    to_block: int | None,
    after: int | None,
    limit: int,
) -> list[EventRow]:
    """In the chain's order; `subjects` None: of everybody, else of any of these."""
    wheres: list[str] = []
    values: list[Any] = []
    if subjects is not None:
        marks = ", ".join("?" * len(subjects))
        wheres.append(
            f"e.position IN (SELECT position FROM event_subjects WHERE subject IN ({marks}))"
        )
        values += subjects
    for clause, value in (
        ("e.contract = ?", contract),
        ("e.name = ?", name),
        ("e.block_number >= ?", from_block),
        ("e.block_number <= ?", to_block),
        ("e.position > ?", after),
    ):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(
        connection,
        f"SELECT {_COLUMNS} FROM events e {where}ORDER BY e.position LIMIT ?",
        (*values, limit),
    )
    return [EventRow(*(*row[:8], json.loads(row[8]))) for row in rows]


def subjects_of_receivable(connection: Connection, receivable_id: int) -> list[str]:
    """The receivable and every claim there ever was on it."""
    rows = run(connection, "SELECT claim_id FROM claims WHERE receivable_id = ?", (receivable_id,))
    return [f"receivable:{receivable_id}", *(f"claim:{row[0]}" for row in rows)]


def subjects_of_claim(connection: Connection, claim_id: int) -> tuple[int, list[str]] | None:
    """The claim's receivable, and the claim with its ancestors; None when there is no such."""
    found = claims.by_id(connection, claim_id)
    if found is None:
        return None
    line = {step["claim_id"] for step in claims.lineage(connection, claim_id)}
    return found.claim.receivable_id, [f"claim:{number}" for number in sorted(line)]


def subjects_of_lot(connection: Connection, lot_id: int) -> list[str]:
    """The lot and every receipt there ever was on it."""
    rows = run(connection, "SELECT receipt_id FROM receipts WHERE lot_id = ?", (lot_id,))
    return [f"lot:{lot_id}", *(f"receipt:{row[0]}" for row in rows)]


def subjects_of_receipt(connection: Connection, receipt_id: int) -> list[str]:
    """The receipt and its ancestors."""
    line = {step["receipt_id"] for step in receipts.lineage(connection, receipt_id)}
    return [f"receipt:{number}" for number in sorted(line)]


def subjects_of_party(connection: Connection, party_id: str) -> list[str] | None:
    """The party's number and accounts on the ledger; None when there is no such party."""
    row = parties.by_id(connection, party_id)
    if row is None:
        return None
    found = [row.account]
    if row.ledger_party_id is not None:
        found.append(f"party:{row.ledger_party_id}")
        accounts = run(
            connection, "SELECT account FROM accounts WHERE party_id = ?", (row.ledger_party_id,)
        )
        found += [account[0] for account in accounts if account[0] not in found]
    return found


def block(connection: Connection, number: int) -> tuple[int, str, int] | None:
    """Number, hash and time of the newest indexed block that is not after `number`."""
    row = run(
        connection,
        "SELECT number, hash, timestamp FROM blocks WHERE number <= ? ORDER BY number DESC LIMIT 1",
        (number,),
    ).first()
    return None if row is None else (int(row[0]), str(row[1]), int(row[2]))
