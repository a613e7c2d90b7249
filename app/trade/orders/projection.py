"""Purchase orders and deliveries, from the events of PurchaseOrders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.storage import insert_many, run
from app.storage.rows import Rows
from app.storage.tables.trade import order_deliveries, purchase_orders

CONTRACT = "PurchaseOrders"
_STATUS = {
    "OrderConfirmed": "Confirmed",
    "OrderRejected": "Rejected",
    "OrderWithdrawn": "Withdrawn",
    "OrderCancelled": "Cancelled",
}


class OrderRow(msgspec.Struct):
    """A purchase order; its fields are the table's columns."""

    order_id: int
    seller: str
    buyer: str
    currency: str
    amount: int
    invoiced: int
    delivered: int
    delivery_day: int
    expiry_day: int
    fingerprint: str
    document_root: str
    legal_text_hash: str
    status: str
    lienholder: str | None
    created_block: int
    changed_block: int


class OrdersProjection:
    """Fills `purchase_orders` and `order_deliveries`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [purchase_orders, order_deliveries]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        order_events = [event for event in events if event.contract == CONTRACT]
        rows = Rows(connection, purchase_orders, OrderRow)
        rows.load(
            {event.arguments["orderId"] for event in order_events if "orderId" in event.arguments}
        )
        for event in order_events:
            arguments = event.arguments
            if event.name == "OrderRequested":
                rows.add(_requested(event, arguments))
                continue
            row = rows.find(arguments.get("orderId"))
            if row is None:
                continue
            row.changed_block = event.block_number
            row.status = _STATUS.get(event.name, row.status)
            if event.name == "OrderEncumbered":
                row.lienholder = arguments["lienholder"]
            elif event.name == "OrderReleased":
                row.lienholder = None
            elif event.name == "OrderInvoiced":
                row.invoiced += arguments["amount"]
                row.status = "Confirmed" if arguments["left"] else "Invoiced"
            elif event.name == "OrderDelivered":
                row.delivered += arguments["amount"]
                insert_many(connection, order_deliveries, [_delivered(event, arguments)])
            elif event.name == "DeliveryInvoiced":
                row.delivered -= arguments["amount"]
                run(
                    connection,
                    "UPDATE order_deliveries SET uninvoiced = ? WHERE order_id = ? AND lot_id = ?",
                    (arguments["left"], arguments["orderId"], str(arguments["lotId"])),
                )
        rows.write()


def _delivered(event: DecodedEvent, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    amount = arguments["amount"]
    return (
        *(event.position, arguments["orderId"], str(arguments["lotId"]), amount, amount),
        *(arguments["documentRoot"], event.transaction_hash, event.timestamp, event.block_number),
    )


def _requested(event: DecodedEvent, arguments: Mapping[str, Any]) -> OrderRow:
    terms, block = arguments["terms"], event.block_number
    return OrderRow(
        order_id=arguments["orderId"],
        seller=terms["seller"],
        buyer=terms["buyer"],
        currency=terms["currency"],
        amount=terms["amount"],
        invoiced=0,
        delivered=0,
        delivery_day=terms["deliveryDay"],
        expiry_day=terms["expiryDay"],
        fingerprint=terms["fingerprint"],
        document_root=terms["documentRoot"],
        legal_text_hash=terms["legalTextHash"],
        status="Requested",
        lienholder=None,
        created_block=block,
        changed_block=block,
    )
