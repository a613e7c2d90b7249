"""Lots, receipts and what happened to the goods, out of the events of WarehouseReceipts."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.chain.evm.goods import word_text
from app.storage import insert_many
from app.storage.goods_tables import (
    lot_entries,
    lots,
    pledge_stops,
    receipt_assignments,
    receipts,
)
from app.storage.rows import Rows

CONTRACT = "WarehouseReceipts"
CONDITIONS = ("Sound", "Reduced", "Unfit")
ZERO = "0x" + "0" * 40
NO_PAPERS = "0x" + "0" * 64
_TOKENS = (
    *("tokenId", "fromTokenId", "toTokenId", "intoTokenId", "receiptId", "fromReceiptId"),
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
    receipt_id: int
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
        """What receipts stand for."""
        return self.issued - self.released - self.impaired

    @property
    def short(self) -> bool:
        """Less was counted than is outstanding."""
        return self.counted < self.outstanding


class ReceiptRow(msgspec.Struct):
    """A receipt; its fields are the table's columns."""

    receipt_id: int
    lot_id: int
    owner: str
    quantity: int
    parent_id: int | None
    depth: int
    lienholder: str | None
    release_asked: int
    acknowledged_to: str | None
    ended: str | None
    papers_root: str | None
    created_position: int
    created_block: int
    changed_block: int


class _Batch:
    """The events of one call of `apply`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.lots = Rows(connection, lots, LotRow)
        self.receipts = Rows(connection, receipts, ReceiptRow)
        self.givers: dict[int, str] = {}
        self.fresh: set[int] = set()  # minted, no quantity in them yet
        self.assignments: list[tuple[Any, ...]] = []
        self.entries: list[tuple[Any, ...]] = []
        self.stops: list[tuple[Any, ...]] = []

    def write(self) -> None:
        self.lots.write()
        self.receipts.write()
        insert_many(self.connection, receipt_assignments, self.assignments)
        insert_many(self.connection, lot_entries, self.entries)
        insert_many(self.connection, pledge_stops, self.stops)

    # -- of the token

    def transfer(self, event: DecodedEvent) -> None:
        given = event.arguments
        number, to = given["tokenId"], given["to"]
        if given["from"] == ZERO:
            self.fresh.add(number)
            self.receipts.add(
                ReceiptRow(
                    *(number, 0, to, 0, None, 0, None, 0, None, None, None),
                    created_position=event.position,
                    created_block=event.block_number,
                    changed_block=event.block_number,
                )
            )
            return
        row = self._changed(number, event)
        self.givers[number] = given["from"]
        row.acknowledged_to = None
        if to == ZERO:
            row.lienholder, row.release_asked = None, 0
            row.ended = row.ended or "merged"
        else:
            row.owner = to

    def slot_changed(self, event: DecodedEvent) -> None:
        if event.arguments["_newSlot"]:
            row = self._changed(event.arguments["_tokenId"], event)
            row.lot_id = event.arguments["_newSlot"]

    def transfer_value(self, event: DecodedEvent) -> None:
        given = event.arguments
        giver, taker, value = given["_fromTokenId"], given["_toTokenId"], given["_value"]
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
        given = event.arguments
        papers = _papers(given["papersRoot"])
        self._assignment(event, papers=papers, order=None)
        if papers is not None:
            self._changed(given["toTokenId"], event).papers_root = papers

    def forced_transfer(self, event: DecodedEvent) -> None:
        self._assignment(event, papers=None, order=event.arguments["orderHash"])

    def _assignment(self, event: DecodedEvent, *, papers: str | None, order: str | None) -> None:
        given = event.arguments
        giver, taker = given["fromTokenId"], given["toTokenId"]
        from_owner = self.receipts.get(giver).owner
        if giver == taker:
            from_owner = self.givers.get(giver, from_owner)
        self.assignments.append(
            (
                *(event.position, giver, taker, from_owner, given["to"], given["value"]),
                *(papers, order, event.transaction_hash, event.timestamp, event.block_number),
            )
        )

    def encumbered(self, event: DecodedEvent) -> None:
        # Goods that were asked for are under the lien of the contract itself.
        row, holder = self._changed(event.arguments["tokenId"], event), event.arguments
        row.release_asked = int(holder["lienholder"] == event.address.lower())
        row.lienholder = None if row.release_asked else holder["lienholder"]

    def released(self, event: DecodedEvent) -> None:
        row = self._changed(event.arguments["tokenId"], event)
        if row.release_asked:
            row.acknowledged_to = None
        row.lienholder, row.release_asked = None, 0

    # -- of the goods

    def issued(self, event: DecodedEvent) -> None:
        given, block = event.arguments, event.block_number
        terms = given["terms"]
        self.lots.add(
            LotRow(
                lot_id=given["lotId"],
                warehouse=given["warehouse"],
                depositor=terms["depositor"],
                item=given["item"],
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
                # The ledger takes any number; one that no column holds is no order.
                order_id=terms["orderId"] if 0 < terms["orderId"] < 2**63 else None,
                fingerprint=terms["fingerprint"],
                document_root=terms["documentRoot"],
                legal_text_hash=terms["legalTextHash"],
                receipt_id=given["receiptId"],
                issued_at=event.timestamp,
                created_block=block,
                changed_block=block,
            )
        )

    def inspected(self, event: DecodedEvent) -> None:
        given = event.arguments
        condition = CONDITIONS[int(given["condition"])]
        self._lot(event).condition = condition
        self._entry(event, "inspected", condition=condition)

    def impaired(self, event: DecodedEvent) -> None:
        given = event.arguments
        self._take_out(event).impaired += given["quantity"]
        if not given["left"]:
            self._changed(given["receiptId"], event).ended = "impaired"
        self._entry(event, "impaired", quantity=given["quantity"])

    def handed_over(self, event: DecodedEvent) -> None:
        given = event.arguments
        self._take_out(event).released += given["quantity"]
        self._changed(given["receiptId"], event).ended = "released"
        self._entry(event, "released", quantity=given["quantity"])

    def _take_out(self, event: DecodedEvent) -> LotRow:
        lot = self._lot(event)
        lot.counted = max(0, lot.counted - event.arguments["quantity"])
        return lot

    def acknowledged(self, event: DecodedEvent) -> None:
        row = self._changed(event.arguments["receiptId"], event)
        row.acknowledged_to = event.arguments["to"]

    def counted(self, event: DecodedEvent) -> None:
        given = event.arguments
        lot = self._lot(event)
        lot.counted, lot.counted_day = given["counted"], given["asOfDay"]
        self._entry(
            event,
            "counted",
            quantity=given["counted"],
            outstanding=given["outstanding"],
            as_of_day=given["asOfDay"],
        )

    def pledges_stopped(self, event: DecodedEvent) -> None:
        given = event.arguments
        self.stops.append(
            (
                *(event.position, given["warehouse"], int(given["stopped"]), given["papersHash"]),
                *(event.transaction_hash, event.timestamp, event.block_number),
            )
        )

    # -- parts of the above

    def _lot(self, event: DecodedEvent) -> LotRow:
        row = self.lots.get(event.arguments["lotId"])
        row.changed_block = event.block_number
        return row

    def _changed(self, number: int, event: DecodedEvent) -> ReceiptRow:
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
        given = event.arguments
        self.entries.append(
            (
                *(event.position, given["lotId"], given.get("receiptId"), kind, quantity),
                *(outstanding, as_of_day, condition, _papers(given["papersRoot"])),
                *(event.transaction_hash, event.timestamp, event.block_number),
            )
        )


def _papers(root: str) -> str | None:
    return None if root == NO_PAPERS else root


_HANDLERS = {
    "Transfer": _Batch.transfer,
    "SlotChanged": _Batch.slot_changed,
    "TransferValue": _Batch.transfer_value,
    "Assigned": _Batch.assigned,
    "ForcedTransfer": _Batch.forced_transfer,
    "Encumbered": _Batch.encumbered,
    "Released": _Batch.released,
    "ReceiptIssued": _Batch.issued,
    "LotInspected": _Batch.inspected,
    "ReceiptImpaired": _Batch.impaired,
    "GoodsReleased": _Batch.handed_over,
    "TransferAcknowledged": _Batch.acknowledged,
    "StockCounted": _Batch.counted,
    "PledgesStopped": _Batch.pledges_stopped,
}


class ReceiptsProjection:
    """Fills `lots`, `receipts`, `receipt_assignments`, `lot_entries` and `pledge_stops`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [
            lots,
            receipts,
            receipt_assignments,
            lot_entries,
            pledge_stops,
        ]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        known = [
            (handler, event)
            for event in events
            if event.contract == CONTRACT and (handler := _HANDLERS.get(event.name)) is not None
        ]
        if not known:
            return
        batch = _Batch(connection)
        tokens: set[int] = set()
        for _, event in known:
            tokens |= {number for name in _TOKENS if (number := event.arguments.get(name))}
        batch.receipts.load(tokens)
        batch.lots.load({event.arguments.get("lotId") for _, event in known} - {None})
        for handler, event in known:
            handler(batch, event)
        batch.write()
