"""Queries of deliveries: those that wait for the buyer's signature, and those on the ledger."""

from __future__ import annotations

import time

import msgspec
from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.gateway.signing import Drafts
from app.storage import record_of, run

DELIVERIES = Drafts("delivery_drafts", "the delivery")
_SELECT = (
    "SELECT d.id, d.order_id, d.lot_id, d.amount, d.document_root, d.deadline, d.signature, "
    "d.operation_id, p.seller, p.buyer, p.currency, o.state AS operation_state "
    "FROM delivery_drafts d JOIN purchase_orders p ON p.order_id = d.order_id "
    "LEFT JOIN operations o ON o.id = d.operation_id "
)


class DeliveryTerms(TypedDict):
    """What the buyer signs: the struct Delivery of PurchaseOrders."""

    orderId: int
    lotId: int
    amount: int
    documentRoot: str
    deadline: int


class DeliveryRow(msgspec.Struct):
    """A delivery as the seller states it, with the buyer's signature once it has signed."""

    id: str
    order_id: int
    lot_id: int
    amount: int
    document_root: str
    deadline: int
    signature: str | None
    operation_id: str | None
    seller: str
    buyer: str
    currency: str
    operation_state: str | None = None

    def terms(self) -> DeliveryTerms:
        """What the buyer signs: `IPurchaseOrders.Delivery`."""
        return {
            "orderId": self.order_id,
            "lotId": self.lot_id,
            "amount": self.amount,
            "documentRoot": self.document_root,
            "deadline": self.deadline,
        }


class RecordedRow(msgspec.Struct):
    """A delivery on the ledger.

    Attributes:
        lot_id: the lot's number as text; it may have more digits than a table's number.
        uninvoiced: the part of its amount that is not invoiced yet.
    """

    lot_id: str
    amount: int
    uninvoiced: int
    document_root: str
    transaction_hash: str
    timestamp: int


def add(connection: Connection, row: DeliveryRow, *, digest: str, now: int) -> bool:
    """Stores a delivery for the buyer to sign.

    Returns:
        False if the same delivery is stored already and its deadline has not passed.
    """
    values = (row.order_id, row.lot_id, row.amount, row.document_root)
    same_delivery = run(
        connection,
        "SELECT id FROM delivery_drafts WHERE order_id = ? AND lot_id = ? AND amount = ? "
        "AND document_root = ? AND deadline > ?",
        (*values, now),
    ).first()
    if same_delivery is not None:
        return False
    run(
        connection,
        "INSERT INTO delivery_drafts (id, order_id, lot_id, amount, document_root, deadline, "
        "digest, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (row.id, *values, row.deadline, digest, time.time()),
    )
    return True


def find(connection: Connection, identifier: str) -> DeliveryRow | None:
    """A delivery that waits, is signed, or is on the ledger; None if there is none."""
    row = run(connection, _SELECT + "WHERE d.id = ?", (identifier,)).first()
    return None if row is None else record_of(DeliveryRow, row)


def of_order(connection: Connection, order_id: int) -> list[DeliveryRow]:
    """Deliveries of an order, oldest first."""
    rows = run(connection, _SELECT + "WHERE d.order_id = ? ORDER BY d.id", (order_id,))
    return [record_of(DeliveryRow, row) for row in rows]


def sign(connection: Connection, *, identifier: str, signature: str) -> DeliveryRow:
    """Stores the buyer's signature; returns the delivery with it."""
    query = "UPDATE delivery_drafts SET signature = ? WHERE id = ?"
    run(connection, query, (signature, identifier))
    delivery = find(connection, identifier)
    assert delivery is not None
    return delivery


def recorded(connection: Connection, order_id: int) -> list[RecordedRow]:
    """Deliveries of an order on the ledger, oldest first."""
    rows = run(
        connection,
        "SELECT lot_id, amount, uninvoiced, document_root, transaction_hash, timestamp "
        "FROM order_deliveries WHERE order_id = ? ORDER BY position",
        (order_id,),
    )
    return [record_of(RecordedRow, row) for row in rows]
