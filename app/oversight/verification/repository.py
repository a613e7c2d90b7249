"""What verification reads from the tables: facts that only events carry. The chain has the rest."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run
from app.storage.checkpoint import Checkpoint, read_checkpoint
from app.trade.claims import repository as claims
from app.trade.claims.lineage import LineageStep
from app.trade.claims.projection import ClaimRow
from app.trade.receivables import repository as receivables
from app.trade.receivables.evidence import StoredEvidence, find
from app.trade.receivables.projection import ReceivableRow
from app.trade.receivables.repository import CreditNoteRow, DisputeRow


class OpenOrder(msgspec.Struct, frozen=True):
    """A court order that nobody has executed or cancelled yet; `call` is its data."""

    order_id: int
    order_hash: str
    target: str
    call: str


class Story(msgspec.Struct):
    """The history of a claim as of the checkpoint.

    Attributes:
        party_ids: numbers on the ledger of seller, debtor and holder.
        orders: open court orders.
        confirmed_block: block in which the debtor's confirmation minted the first claim.
    """

    at: Checkpoint
    claim_id: int
    receivable: ReceivableRow
    lineage: list[LineageStep]
    credit_notes: list[CreditNoteRow]
    disputes: list[DisputeRow]
    evidence: StoredEvidence
    party_ids: list[int]
    orders: list[OpenOrder]
    claim: ClaimRow
    confirmed_block: int | None


def story(connection: Connection, claim_id: int) -> Story | None:
    """The claim's history; None: there is no such claim."""
    at = read_checkpoint(connection)
    claim_row = claims.by_id(connection, claim_id)
    if at is None or claim_row is None:
        return None
    receivable = receivables.by_id(connection, claim_row.claim.receivable_id)
    assert receivable is not None
    first = None
    if receivable.claim_id is not None:
        first = claims.by_id(connection, receivable.claim_id)
    history = receivables.history(connection, receivable.receivable_id)
    return Story(
        at,
        claim_id,
        receivable,
        claims.lineage(connection, claim_id),
        history.credit_notes,
        history.disputes,
        find(connection, receivable),
        party_ids(connection, (receivable.seller, receivable.debtor, claim_row.claim.owner)),
        open_orders(connection),
        claim_row.claim,
        None if first is None else first.claim.created_block,
    )


def party_ids(connection: Connection, accounts: Sequence[str]) -> list[int]:
    """Numbers on the ledger of the parties that these accounts belong to."""
    marks = ", ".join("?" * len(accounts))
    query = f"SELECT DISTINCT party_id FROM accounts WHERE account IN ({marks})"
    return [int(row.party_id) for row in run(connection, query, tuple(accounts))]


def open_orders(connection: Connection) -> list[OpenOrder]:
    """Court orders that nobody has executed or cancelled yet."""
    query = "SELECT order_id, order_hash, target, call FROM court_orders WHERE state = 'issued'"
    return [record_of(OpenOrder, row) for row in run(connection, query)]


def price_currencies(connection: Connection, item: str) -> list[str]:
    """Currencies in which an item has prices."""
    query = "SELECT currency FROM price_items WHERE item = ? AND max_age > 0 ORDER BY currency"
    return [str(row.currency) for row in run(connection, query, (item,))]


def with_root(connection: Connection, root: str) -> tuple[Checkpoint | None, list[ReceivableRow]]:
    """Receivables whose document has this root."""
    rows = run(
        connection, "SELECT receivable_id FROM receivables WHERE document_root = ?", (root.lower(),)
    ).all()
    receivable_rows = (receivables.by_id(connection, row.receivable_id) for row in rows)
    return read_checkpoint(connection), [row for row in receivable_rows if row is not None]
