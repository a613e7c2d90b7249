"""What verification reads from the tables: facts that only events carry. The chain has the rest."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import run
from app.storage.checkpoint import Checkpoint, read_checkpoint
from app.trade.claims import repository as claims
from app.trade.claims.repository import LineageStep
from app.trade.receivables import repository as receivables
from app.trade.receivables.evidence import StoredEvidence, find
from app.trade.receivables.projection import ReceivableRow
from app.trade.receivables.repository import CreditNoteRow, DisputeRow


class Story(msgspec.Struct):
    """The history of a claim as of the checkpoint.

    Attributes:
        party_ids: numbers on the ledger of seller, debtor and holder.
        orders: open court orders.
    """

    at: Checkpoint
    claim_id: int
    receivable: ReceivableRow
    lineage: list[LineageStep]
    credit_notes: list[CreditNoteRow]
    disputes: list[DisputeRow]
    evidence: StoredEvidence
    party_ids: list[int]
    orders: list[dict[str, Any]]


def story(connection: Connection, claim_id: int) -> Story | None:
    """The claim's history; None: there is no such claim."""
    at = read_checkpoint(connection)
    claim_row = claims.by_id(connection, claim_id)
    if at is None or claim_row is None:
        return None
    receivable = receivables.by_id(connection, claim_row.claim.receivable_id)
    assert receivable is not None
    history = receivables.history(connection, receivable.receivable_id)
    return Story(
        at,
        claim_id,
        receivable,
        claims.lineage(connection, claim_id),
        history.credit_notes,
        history.disputes,
        find(connection, receivable),
        _party_ids(connection, (receivable.seller, receivable.debtor, claim_row.claim.owner)),
        open_orders(connection),
    )


def _party_ids(connection: Connection, accounts: tuple[str, str, str]) -> list[int]:
    query = "SELECT DISTINCT party_id FROM accounts WHERE account IN (?, ?, ?)"
    return [int(row[0]) for row in run(connection, query, accounts)]


def open_orders(connection: Connection) -> list[dict[str, Any]]:
    """Court orders that nobody has executed or cancelled yet."""
    query = "SELECT order_id, order_hash, target, call FROM court_orders WHERE state = 'issued'"
    names = ("order_id", "order_hash", "target", "call")
    return [dict(zip(names, row, strict=True)) for row in run(connection, query)]


def with_root(connection: Connection, root: str) -> tuple[Checkpoint | None, list[ReceivableRow]]:
    """Receivables whose document has this root."""
    rows = run(
        connection, "SELECT receivable_id FROM receivables WHERE document_root = ?", (root.lower(),)
    ).all()
    receivable_rows = (receivables.by_id(connection, row[0]) for row in rows)
    return read_checkpoint(connection), [row for row in receivable_rows if row is not None]
