"""Court orders out of the events of CourtOrders."""

from __future__ import annotations

from sqlalchemy import Connection, Table

from app.chain.projection import DecodedEvent
from app.storage import run
from app.storage.read_tables import court_orders

CONTRACT = "CourtOrders"
_CLOSED = {"OrderExecuted": ("executed", "executor"), "OrderCancelled": ("cancelled", "by")}


class CourtProjection:
    """Fills `court_orders`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [court_orders]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        for event in events:
            if event.contract != CONTRACT:
                continue
            given, block = event.arguments, event.block_number
            if event.name == "OrderIssued":
                row = (
                    *(given["orderId"], given["orderHash"], given["issuer"], given["target"]),
                    *(given["call"], given["notBefore"], "issued", None, block, block),
                )
                run(
                    connection,
                    "INSERT INTO court_orders (order_id, order_hash, issuer, target, call, "
                    "not_before, state, closed_by, created_block, changed_block) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
            elif event.name in _CLOSED:
                state, who = _CLOSED[event.name]
                run(
                    connection,
                    "UPDATE court_orders SET state = ?, closed_by = ?, changed_block = ? "
                    "WHERE order_id = ?",
                    (state, given[who], block, given["orderId"]),
                )
