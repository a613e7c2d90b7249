"""Queries of receivables."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import run
from app.trade.receivables.projection import ReceivableRow

_COLUMNS = ", ".join(field.name for field in msgspec.structs.fields(ReceivableRow))
_SELECT = f"SELECT {_COLUMNS} FROM receivables "
# The accounts that may see a debt: seller, debtor, each past or present holder and each lienholder
# of a claim on it; and a funder as long as its offer for a claim on it is open.
_VISIBLE_TO = (
    "(seller = ? OR debtor = ? OR receivable_id IN "
    "(SELECT receivable_id FROM claims WHERE owner = ? OR lienholder = ?) OR receivable_id IN "
    "(SELECT c.receivable_id FROM assignments a JOIN claims c ON c.claim_id = a.to_claim_id "
    "WHERE a.to_owner = ? OR a.from_owner = ?) OR receivable_id IN "
    "(SELECT c.receivable_id FROM quotes q JOIN claims c ON c.claim_id = q.claim_id "
    "LEFT JOIN cancelled_quotes x ON x.funder = q.funder AND x.nonce = q.nonce "
    "WHERE q.funder = ? AND q.state = 'open' AND x.nonce IS NULL AND q.expires_at > "
    "(SELECT timestamp FROM checkpoints WHERE name = 'index')))"
)


class DraftRow(msgspec.Struct):
    """A credit note that waits for the debtor.

    Attributes:
        operation_id: the operation that applies it; None before the debtor signs.
        operation_state: the state of that operation.
    """

    id: str
    receivable_id: int
    note: dict[str, Any]
    seller_signature: str
    operation_id: str | None
    operation_state: str | None = None


def by_id(connection: Connection, receivable_id: int) -> ReceivableRow | None:
    """A receivable."""
    row = run(connection, _SELECT + "WHERE receivable_id = ?", (receivable_id,)).first()
    return None if row is None else ReceivableRow(*row)


def may_see(connection: Connection, *, receivable_id: int, account: str) -> bool:
    """Whether the account may see the debt."""
    query = f"SELECT 1 FROM receivables WHERE receivable_id = ? AND {_VISIBLE_TO}"
    return run(connection, query, (receivable_id, *(account,) * 7)).first() is not None


def listed(
    connection: Connection,
    *,
    visible_to: str | None,
    seller: str | None = None,
    debtor: str | None = None,
    status: str | None = None,
    due_from: int | None = None,
    due_to: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[ReceivableRow]:
    """Receivables, newest first; `visible_to` None gives all of them."""
    wheres: list[str] = []
    values: list[Any] = []
    if visible_to is not None:
        wheres.append(_VISIBLE_TO)
        values += [visible_to] * 7
    for clause, value in (
        ("seller = ?", seller),
        ("debtor = ?", debtor),
        ("status = ?", status),
        ("due_day >= ?", due_from),
        ("due_day <= ?", due_to),
        ("receivable_id < ?", before),
    ):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(connection, f"{_SELECT}{where}ORDER BY receivable_id DESC LIMIT ?", (*values, limit))
    return [ReceivableRow(*row) for row in rows]


def alike(connection: Connection, row: ReceivableRow) -> list[int]:
    """Other receivables between the same two parties over the same amount.

    Rejected and withdrawn ones do not count.
    """
    rows = run(
        connection,
        "SELECT receivable_id FROM receivables WHERE debtor = ? AND seller = ? "
        "AND face_amount = ? AND currency = ? AND receivable_id <> ? "
        "AND status NOT IN ('Rejected', 'Withdrawn') ORDER BY receivable_id DESC LIMIT 20",
        (row.debtor, row.seller, row.face_amount, row.currency, row.receivable_id),
    )
    return [int(match[0]) for match in rows]


def with_same_root(connection: Connection, row: ReceivableRow) -> dict[int, tuple[str, str]]:
    """Other receivables that name the same document root: seller and fingerprint by number."""
    rows = run(
        connection,
        "SELECT receivable_id, seller, fingerprint FROM receivables "
        "WHERE document_root = ? AND receivable_id <> ? ORDER BY receivable_id LIMIT 200",
        (row.document_root, row.receivable_id),
    )
    return {int(number): (seller, fingerprint) for number, seller, fingerprint in rows}


def history(connection: Connection, receivable_id: int) -> dict[str, list[dict[str, Any]]]:
    """Payments, credit notes and disputes of a receivable, oldest first."""
    records = {}
    for name, columns in (
        ("payments", "payer, principal, late_charge, unpaid, transaction_hash, timestamp"),
        ("credit_notes", "fingerprint, amount, burned, paid_in, transaction_hash, timestamp"),
        ("disputes", "evidence_hash, since, until, end_evidence_hash"),
    ):
        rows = run(
            connection,
            f"SELECT {columns} FROM {name} WHERE receivable_id = ? ORDER BY position",
            (receivable_id,),
        )
        names = columns.split(", ")
        records[name] = [dict(zip(names, row, strict=True)) for row in rows]
    return records


def largest_claim(
    connection: Connection, *, receivable_id: int, account: str, free_only: bool = False
) -> int | None:
    """The largest claim on a receivable that an account holds or has a lien on.

    Claims without a lien go first; with `free_only`, only they count.
    """
    claim_id = run(
        connection,
        "SELECT claim_id FROM claims WHERE receivable_id = ? AND (owner = ? OR lienholder = ?) "
        "AND burned = 0 AND value > 0 AND (lienholder IS NULL OR NOT ?) "
        "ORDER BY (lienholder IS NOT NULL), value DESC, claim_id LIMIT 1",
        (receivable_id, account, account, free_only),
    ).scalar()
    return None if claim_id is None else int(claim_id)


def add_draft(connection: Connection, draft: DraftRow) -> None:
    """Stores a credit note for the debtor to sign."""
    run(
        connection,
        "INSERT INTO credit_note_drafts (id, receivable_id, note_json, "
        "seller_signature, created_at) VALUES (?, ?, ?, ?, ?)",
        (
            *(draft.id, draft.receivable_id, json.dumps(draft.note)),
            *(draft.seller_signature, time.time()),
        ),
    )


_DRAFTS = (
    "SELECT d.id, d.receivable_id, d.note_json, d.seller_signature, d.operation_id, o.state "
    "FROM credit_note_drafts d LEFT JOIN operations o ON o.id = d.operation_id "
)


def draft(connection: Connection, identifier: str) -> DraftRow | None:
    """A credit note that waits for the debtor, or is signed by both."""
    row = run(connection, _DRAFTS + "WHERE d.id = ?", (identifier,)).first()
    return None if row is None else _draft(row)


def drafts(connection: Connection, receivable_id: int) -> list[DraftRow]:
    """All credit notes of a receivable that wait for the debtor, or are signed by both."""
    rows = run(connection, _DRAFTS + "WHERE d.receivable_id = ? ORDER BY d.id", (receivable_id,))
    return [_draft(row) for row in rows]


def _draft(row: Any) -> DraftRow:
    values = list(row)
    values[2] = json.loads(values[2])
    return DraftRow(*values)
