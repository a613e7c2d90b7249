"""Lots, warehouse receipts and what happened to the goods, from WarehouseReceipts events."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.chain.evm.goods import word_text
from app.chain.evm.hashing import ZERO_ADDRESS
from app.storage import insert_many
from app.storage.rows import Rows
from app.storage.tables.goods import (
    lien_stops,
    lot_entries,
    lots,
    warehouse_receipt_assignments,
    warehouse_receipts,
)
from app.trade.claims.lineage import assignment_row, document_root_of

CONTRACT = "WarehouseReceipts"
CONDITIONS = ("Sound", "Reduced", "Unfit")
_TOKENS = (
    *("tokenId", "fromTokenId", "toTokenId", "intoTokenId"),
    *("warehouseReceiptId", "fromWarehouseReceiptId"),
    *("_tokenId", "_fromTokenId", "_toTokenId"),
)


class LotRow(msgspec.Struct):
    """A lot; its fields are the table's columns."""

    lot_id: int
    warehouse: str
    depositor: str
    item: str
    sku_hash: str
    grade_word: str
    unit_word: str
    stored_day: int
    expiry_day: int
    max_depth: int
    negotiable: int
    condition: str
    issued: int
    released: int
    impaired: int
    counted: int
    counted_day: int | None
    order_id: int | None
    fingerprint: str
    document_root: str
    legal_text_hash: str
    warehouse_receipt_id: int
    issued_at: int
    created_block: int
    changed_block: int

    @property
    def grade(self) -> str:
        """Quality as the trade writes it."""
        return word_text(self.grade_word)

    @property
    def unit(self) -> str:
        """Code of UN/ECE recommendation 20."""
        return word_text(self.unit_word)

    @property
    def outstanding(self) -> int:
        """The quantity that warehouse receipts stand for."""
        return self.issued - self.released - self.impaired

    @property
    def short(self) -> bool:
        """Less was counted than is outstanding."""
        return self.counted < self.outstanding


class WarehouseReceiptRow(msgspec.Struct):
    """A warehouse receipt; its fields are the table's columns."""

    warehouse_receipt_id: int
    lot_id: int
    owner: str
    quantity: int
    parent_id: int | None
    depth: int
    lienholder: str | None
    release_requested: int
    acknowledged_to: str | None
    ended: str | None
    document_root: str | None
    created_position: int
    created_block: int
    changed_block: int


class _Batch:
    """The events of one call of `apply`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.lots = Rows(connection, lots, LotRow)
        self.receipts = Rows(connection, warehouse_receipts, WarehouseReceiptRow)
        self.givers: dict[int, str] = {}
        self.fresh: set[int] = set()  # minted, without a quantity yet
        self.assignments: list[tuple[Any, ...]] = []
        self.entries: list[tuple[Any, ...]] = []
        self.stops: list[tuple[Any, ...]] = []

    def write(self) -> None:
        self.lots.write()
        self.receipts.write()
        insert_many(self.connection, warehouse_receipt_assignments, self.assignments)
        insert_many(self.connection, lot_entries, self.entries)
        insert_many(self.connection, lien_stops, self.stops)

    # -- of the token

    def transfer(self, event: DecodedEvent) -> None:
        arguments = event.arguments
        number, to = arguments["tokenId"], arguments["to"]
        if arguments["from"] == ZERO_ADDRESS:
            self.fresh.add(number)
            self.receipts.add(
                WarehouseReceiptRow(
                    *(number, 0, to, 0, None, 0, None, 0, None, None, None),
                    created_position=event.position,
                    created_block=event.block_number,
                    changed_block=event.block_number,
                )
            )
            return
        row = self._changed(number, event)
        self.givers[number] = arguments["from"]
        row.acknowledged_to = None
        if to == ZERO_ADDRESS:
            row.lienholder, row.release_requested = None, 0
            row.ended = row.ended or "merged"
        else:
            row.owner = to

    def slot_changed(self, event: DecodedEvent) -> None:
        if event.arguments["_newSlot"]:
            row = self._changed(event.arguments["_tokenId"], event)
            row.lot_id = event.arguments["_newSlot"]

    def transfer_value(self, event: DecodedEvent) -> None:
        arguments = event.arguments
        giver, taker, value = (
            arguments["_fromTokenId"],
            arguments["_toTokenId"],
            arguments["_value"],
        )
        if giver:
            self._changed(giver, event).quantity -= value
        if not taker:
            return
        row = self._changed(taker, event)
        if giver and taker in self.fresh:
            parent = self.receipts.get(giver)
            row.parent_id, row.depth = giver, parent.depth + 1
            if row.owner != parent.owner:
                parent.acknowledged_to = None
        self.fresh.discard(taker)
        row.quantity += value

    def assigned(self, event: DecodedEvent) -> None:
        owner = self.receipts.get(event.arguments["fromTokenId"]).owner
        self.assignments.append(assignment_row(event, owner=owner, givers=self.givers))
        root = document_root_of(event)
        if root is not None:
            self._changed(event.arguments["toTokenId"], event).document_root = root

    def encumbered(self, event: DecodedEvent) -> None:
        # When the holder asks for goods, the contract itself becomes their lienholder.
        row = self._changed(event.arguments["tokenId"], event)
        lienholder = event.arguments["lienholder"]
        row.release_requested = int(lienholder == event.address.lower())
        row.lienholder = None if row.release_requested else lienholder

    def released(self, event: DecodedEvent) -> None:
        row = self._changed(event.arguments["tokenId"], event)
        if row.release_requested:
            row.acknowledged_to = None
        row.lienholder, row.release_requested = None, 0

    # -- of the goods

    def issued(self, event: DecodedEvent) -> None:
        arguments, block = event.arguments, event.block_number
        terms = arguments["terms"]
        self.lots.add(
            LotRow(
                lot_id=arguments["lotId"],
                warehouse=arguments["warehouse"],
                depositor=terms["depositor"],
                item=arguments["item"],
                sku_hash=terms["sku"],
                grade_word=terms["grade"],
                unit_word=terms["unit"],
                stored_day=terms["storedDay"],
                expiry_day=terms["expiryDay"],
                max_depth=terms["maxDepth"],
                negotiable=int(terms["negotiable"]),
                condition=CONDITIONS[0],
                issued=terms["quantity"],
                released=0,
                impaired=0,
                counted=terms["quantity"],
                counted_day=None,
                # The ledger accepts any number; one that no column can hold is no order.
                order_id=terms["orderId"] if 0 < terms["orderId"] < 2**63 else None,
                fingerprint=terms["fingerprint"],
                document_root=terms["documentRoot"],
                legal_text_hash=terms["legalTextHash"],
                warehouse_receipt_id=arguments["warehouseReceiptId"],
                issued_at=event.timestamp,
                created_block=block,
                changed_block=block,
            )
        )

    def inspected(self, event: DecodedEvent) -> None:
        arguments = event.arguments
        condition = CONDITIONS[int(arguments["condition"])]
        self._lot(event).condition = condition
        self._entry(event, "inspected", condition=condition)

    def impaired(self, event: DecodedEvent) -> None:
        arguments = event.arguments
        self._take_out(event).impaired += arguments["quantity"]
        if not arguments["left"]:
            self._changed(arguments["warehouseReceiptId"], event).ended = "impaired"
        self._entry(event, "impaired", quantity=arguments["quantity"])

    def handed_over(self, event: DecodedEvent) -> None:
        arguments = event.arguments
        self._take_out(event).released += arguments["quantity"]
        self._changed(arguments["warehouseReceiptId"], event).ended = "released"
        self._entry(event, "released", quantity=arguments["quantity"])

    def _take_out(self, event: DecodedEvent) -> LotRow:
        lot = self._lot(event)
        lot.counted = max(0, lot.counted - event.arguments["quantity"])
        return lot

    def acknowledged(self, event: DecodedEvent) -> None:
        row = self._changed(event.arguments["warehouseReceiptId"], event)
        row.acknowledged_to = event.arguments["to"]

    def counted(self, event: DecodedEvent) -> None:
        arguments = event.arguments
        lot = self._lot(event)
        lot.counted, lot.counted_day = arguments["counted"], arguments["asOfDay"]
        self._entry(
            event,
            "counted",
            quantity=arguments["counted"],
            outstanding=arguments["outstanding"],
            as_of_day=arguments["asOfDay"],
        )

    def new_liens_stopped(self, event: DecodedEvent) -> None:
        arguments = event.arguments
        self.stops.append(
            (
                *(
                    event.position,
                    arguments["warehouse"],
                    int(arguments["stopped"]),
                    arguments["evidenceHash"],
                ),
                *(event.transaction_hash, event.timestamp, event.block_number),
            )
        )

    # -- parts of the above

    def _lot(self, event: DecodedEvent) -> LotRow:
        row = self.lots.get(event.arguments["lotId"])
        row.changed_block = event.block_number
        return row

    def _changed(self, number: int, event: DecodedEvent) -> WarehouseReceiptRow:
        row = self.receipts.get(number)
        row.changed_block = event.block_number
        return row

    def _entry(
        self,
        event: DecodedEvent,
        kind: str,
        *,
        quantity: int | None = None,
        outstanding: int | None = None,
        as_of_day: int | None = None,
        condition: str | None = None,
    ) -> None:
        arguments = event.arguments
        self.entries.append(
            (
                *(
                    event.position,
                    arguments["lotId"],
                    arguments.get("warehouseReceiptId"),
                    kind,
                    quantity,
                ),
                *(outstanding, as_of_day, condition, document_root_of(event)),
                *(event.transaction_hash, event.timestamp, event.block_number),
            )
        )


_HANDLERS = {
    "Transfer": _Batch.transfer,
    "SlotChanged": _Batch.slot_changed,
    "TransferValue": _Batch.transfer_value,
    "Assigned": _Batch.assigned,
    "ForcedTransfer": _Batch.assigned,
    "Encumbered": _Batch.encumbered,
    "Released": _Batch.released,
    "WarehouseReceiptIssued": _Batch.issued,
    "LotInspected": _Batch.inspected,
    "WarehouseReceiptImpaired": _Batch.impaired,
    "GoodsReleased": _Batch.handed_over,
    "TransferAcknowledged": _Batch.acknowledged,
    "StockCounted": _Batch.counted,
    "NewLiensStopped": _Batch.new_liens_stopped,
}


class WarehouseReceiptsProjection:
    """Fills the tables of `tables`: lots, warehouse receipts and what happened to them."""

    def __init__(self) -> None:
        self.tables: list[Table] = [
            lots,
            warehouse_receipts,
            warehouse_receipt_assignments,
            lot_entries,
            lien_stops,
        ]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        handled = [
            (handler, event)
            for event in events
            if event.contract == CONTRACT and (handler := _HANDLERS.get(event.name)) is not None
        ]
        if not handled:
            return
        batch = _Batch(connection)
        tokens: set[int] = set()
        for _, event in handled:
            tokens |= {number for name in _TOKENS if (number := event.arguments.get(name))}
        batch.receipts.load(tokens)
        batch.lots.load({event.arguments.get("lotId") for _, event in handled} - {None})
        for handler, event in handled:
            handler(batch, event)
        batch.write()
