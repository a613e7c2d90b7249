"""Deliveries in the store: those that wait for the buyer's signature, and those on the ledger."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import run

_SELECT = (
    "SELECT d.id, d.order_id, d.lot_id, d.amount, d.papers_root, d.deadline, d.signature, "
    "d.operation_id, p.seller, p.buyer, p.currency, o.state FROM delivery_drafts d "
    "JOIN purchase_orders p ON p.order_id = d.order_id "
    "LEFT JOIN operations o ON o.id = d.operation_id "
)
_RECORDED = ("order_id", "lot_id", "amount", "uninvoiced", "papers_root", "transaction_hash")


class DeliveryRow(msgspec.Struct):
    """A delivery that the seller says was made, with the buyer's signature once it is there."""

    id: str
    order_id: int
    lot_id: int
    amount: int
    papers_root: str
    deadline: int
    signature: str | None
    operation_id: str | None
    seller: str
    buyer: str
    currency: str
    operation_state: str | None = None

    def terms(self) -> dict[str, Any]:
        """What the buyer signs: `IPurchaseOrders.Delivery`."""
        return {
            "orderId": self.order_id,
            "lotId": self.lot_id,
            "amount": self.amount,
            "papersRoot": self.papers_root,
            "deadline": self.deadline,
        }


def add(connection: Connection, row: DeliveryRow, *, digest: str, now: int) -> bool:
    """Keeps a delivery for the buyer to sign; False when just that one is kept and counts."""
    given = (row.order_id, row.lot_id, row.amount, row.papers_root)
    known = run(
        connection,
        "SELECT id FROM delivery_drafts WHERE order_id = ? AND lot_id = ? AND amount = ? "
        "AND papers_root = ? AND deadline > ?",
        (*given, now),
    ).first()
    if known is not None:
        return False
    run(
        connection,
        "INSERT INTO delivery_drafts (id, order_id, lot_id, amount, papers_root, deadline, digest, "
        "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (row.id, *given, row.deadline, digest, time.time()),
    )
    return True


def find(connection: Connection, identifier: str) -> DeliveryRow | None:
    """One of them."""
    row = run(connection, _SELECT + "WHERE d.id = ?", (identifier,)).first()
    return None if row is None else DeliveryRow(*row)


def of_order(connection: Connection, order_id: int) -> list[DeliveryRow]:
    """Those of an order, oldest first."""
    rows = run(connection, _SELECT + "WHERE d.order_id = ? ORDER BY d.id", (order_id,))
    return [DeliveryRow(*row) for row in rows]


def sign(connection: Connection, *, identifier: str, signature: str) -> DeliveryRow:
    """Keeps the buyer's signature; returns the delivery with it."""
    query = "UPDATE delivery_drafts SET signature = ? WHERE id = ?"
    run(connection, query, (signature, identifier))
    found = find(connection, identifier)
    assert found is not None
    return found


def recorded(connection: Connection, order_id: int) -> list[dict[str, Any]]:
    """What the ledger says was delivered on an order, oldest first."""
    rows = run(
        connection,
        f"SELECT {', '.join(_RECORDED)} FROM order_deliveries WHERE order_id = ? ORDER BY position",
        (order_id,),
    )
    return [dict(zip(_RECORDED, row, strict=True)) for row in rows]
