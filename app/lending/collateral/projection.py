"""Projects the events of Facilities about goods: collateral items, calls, auctions, sales.

The price of goods reaches the loan by `LoanRepaid`, like any payment. A liquidation makes the whole
debt fall due by `LoanDefaulted`. This module holds only what the loan's arithmetic does not use.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from app.chain.evm.events import DecodedEvent
from app.domain.catalogue import COLLATERAL
from app.lending.batch import Batch, Handlers
from app.lending.rows import LoanRow
from app.storage import run
from app.storage.rows import Rows
from app.storage.tables.lending import loan_margins

AUCTION, BUY_BACK = "auction", "buy-back"  # how goods were sold


class MarginRow(msgspec.Struct):
    """The open call and auction of a loan on goods; its fields are the table's columns.

    Attributes:
        start_factor, floor_factor: the auction's first and last price, in parts per million of the
            goods' value at their last valid appraisal. Only the ledger knows the current price,
            because seconds in which the currency is stopped do not count.
        round: of the auction, from 1.
    """

    loan_id: int
    called_day: int | None = None
    last_day: int | None = None
    auction_start: int | None = None
    auction_end: int | None = None
    start_factor: int | None = None
    floor_factor: int | None = None
    round: int | None = None
    changed_block: int = 0

    def end_call(self) -> None:
        """Ends the open call."""
        self.called_day = self.last_day = None

    def end_auction(self) -> None:
        """Ends the open auction."""
        self.auction_start = self.auction_end = None
        self.start_factor = self.floor_factor = self.round = None


class SoldItem(msgspec.Struct, rename="camel"):
    """A warehouse receipt of a sale; its price is decimal text of minor units."""

    warehouse_receipt_id: int
    sold_warehouse_receipt_id: int
    quantity: int
    price: str


class CollateralEvents(Handlers):
    """The events of one batch that are about collateral."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch)
        self._margins = Rows(batch.connection, loan_margins, MarginRow)
        self._margins.load(batch.loans.keys())
        # The events of a sale's items come before the event of the sale.
        self._sold_items: dict[int, list[SoldItem]] = {}
        self._last_sales: dict[int, int] = {}  # by loan: the position of its last sale

    def write(self) -> None:
        """Writes the rows of open calls and auctions."""
        self._margins.write()

    # ------------------------------------------------------------------ collateral

    def _CollateralAdded(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        self._add_item(event, arguments["loanId"], COLLATERAL[arguments["kind"]], arguments["id"])
        self._add_collateral_entry(event, "collateral-added", arguments["kind"], arguments["id"])

    def _CollateralReduced(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        details = {
            "quantity"
            if COLLATERAL[arguments["kind"]] == "warehouse-receipt"
            else "value": arguments["value"]
        }
        self._add_collateral_entry(
            event, "collateral-reduced", arguments["kind"], arguments["id"], **details
        )

    def _CollateralReleased(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        run(
            self.batch.connection,
            "UPDATE collateral_items SET removed_position = ? WHERE loan_id = ? AND kind = ? "
            "AND item_id = ? AND removed_position IS NULL",
            (
                event.position,
                arguments["loanId"],
                COLLATERAL[arguments["collateral"]],
                arguments["collateralId"],
            ),
        )
        self._add_collateral_entry(
            event, "collateral-released", arguments["collateral"], arguments["collateralId"]
        )

    def _OrderConvertedToGoods(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        if row.collateral == "order":
            # The rest of the order stays collateral: the order is an item from now on.
            self._add_item(event, row.loan_id, "order", arguments["orderId"])
            row.collateral, row.collateral_id = "warehouse-receipt", None
        details = {name: arguments[name] for name in ("orderId", "warehouseReceiptId")}
        self._add_entry(event, row, "order-converted-to-goods", details)

    def _GoodsConvertedToClaim(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        names = ("warehouseReceiptId", "claimId", "buyer", "quantity")
        self._add_entry(
            event, row, "goods-converted-to-claim", {name: arguments[name] for name in names}
        )

    def _SettledInKind(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        names = ("warehouseReceiptId", "quantity", "credit", "documentRoot")
        self._add_entry(event, row, "in-kind", {name: arguments[name] for name in names})

    def _add_item(self, event: DecodedEvent, loan_id: int, kind: str, item_id: int) -> None:
        run(
            self.batch.connection,
            "INSERT INTO collateral_items (added_position, loan_id, kind, item_id) "
            "VALUES (?, ?, ?, ?)",
            (event.position, loan_id, kind, item_id),
        )

    def _add_collateral_entry(
        self, event: DecodedEvent, kind: str, collateral: int, item_id: int, **details: Any
    ) -> None:
        """Adds an entry for an open loan on goods; draw and payoff have entries of their own."""
        row = self.batch.loans.find(event.arguments["loanId"])
        if row is not None and row.collateral == "warehouse-receipt" and row.status != "Repaid":
            self._add_entry(
                event, row, kind, {"kind": COLLATERAL[collateral], "id": item_id, **details}
            )

    # ------------------------------------------------------------------ margin

    def _MarginCalled(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row, margin = self.batch.row(event, arguments["loanId"]), self._margin(event)
        margin.called_day, margin.last_day = self.batch.day(event), arguments["lastDay"]
        names = ("debt", "lendable", "lastDay")
        self._add_entry(event, row, "margin-called", {name: arguments[name] for name in names})

    def _MarginCured(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        self._margin(event).end_call()
        details = {name: arguments[name] for name in ("debt", "lendable")}
        self._add_entry(event, row, "margin-cured", details)

    def _AuctionEnded(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        """Ends the auction: no goods are left to sell."""
        row = self.batch.row(event, arguments["loanId"])
        self._margin(event).end_auction()
        self._add_entry(event, row, "auction-ended", {})

    def _LoanDefaulted(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        """Ends a call: the whole debt is due, so there are no days left to cure it."""
        if self._margins.find(arguments["loanId"]) is not None:
            self._margin(event).end_call()

    def _LoanEnded(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        if self._margins.find(arguments["loanId"]) is not None:
            margin = self._margin(event)
            margin.end_call()
            margin.end_auction()

    # ------------------------------------------------------------------ sale

    def _BuyBackAgreed(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        terms, key = arguments["terms"], arguments["facilityId"]
        run(self.batch.connection, "DELETE FROM buy_backs WHERE facility_id = ?", (key,))
        run(
            self.batch.connection,
            "INSERT INTO buy_backs (facility_id, undertaker, share, max_total, unused, last_day, "
            "legal_text_hash, changed_block) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(key, terms["undertaker"], terms["share"], terms["maxTotal"], terms["maxTotal"]),
                *(terms["lastDay"], terms["legalTextHash"], event.block_number),
            ),
        )

    def _BuyBackFailed(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        details = {"undertaker": arguments["undertaker"], "price": arguments["price"]}
        self._add_entry(event, row, "buy-back-failed", details)

    def _LiquidationStarted(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row, margin = self.batch.row(event, arguments["loanId"]), self._margin(event)
        margin.auction_start, margin.auction_end = (
            arguments["auctionStart"],
            arguments["auctionEnd"],
        )
        margin.start_factor, margin.floor_factor = (
            arguments["startFactor"],
            arguments["floorFactor"],
        )
        margin.round = arguments["round"]
        names = ("debt", "lendable", "round", "startFactor", "floorFactor")
        times = ("auctionStart", "auctionEnd")
        self._add_entry(
            event, row, "liquidation", {name: arguments[name] for name in (*names, *times)}
        )

    def _GoodsAppraised(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        details = {
            "item": arguments["item"],
            "unitPrice": str(arguments["value"]),
            "asOf": arguments["asOf"],
        }
        self._add_entry(event, row, "goods-appraised", details)

    def _BoughtBack(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        # The sale that it tells of stands just before it.
        position = self._last_sales.pop(row.loan_id)
        run(
            self.batch.connection,
            "UPDATE goods_sales SET kind = ? WHERE position = ?",
            (BUY_BACK, position),
        )
        self.batch.add_details(position, {"how": BUY_BACK})
        run(
            self.batch.connection,
            "UPDATE buy_backs SET unused = ?, changed_block = ? WHERE facility_id = ?",
            (arguments["left"], event.block_number, row.facility_id),
        )

    def _WarehouseReceiptSold(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        item = SoldItem(
            warehouse_receipt_id=arguments["warehouseReceiptId"],
            sold_warehouse_receipt_id=arguments["soldWarehouseReceiptId"],
            quantity=arguments["quantity"],
            price=str(arguments["price"]),
        )
        self._sold_items.setdefault(arguments["loanId"], []).append(item)

    def _GoodsSold(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        self._last_sales[row.loan_id] = event.position
        items = self._sold_items.pop(row.loan_id, [])
        money = (arguments["price"], arguments["taken"], arguments["toOwner"])
        run(
            self.batch.connection,
            "INSERT INTO goods_sales (position, loan_id, kind, buyer, price, taken, to_owner, "
            "items_json, transaction_hash, timestamp, block_number) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(event.position, row.loan_id, AUCTION, arguments["buyer"], *map(str, money)),
                *(json.dumps(msgspec.to_builtins(items)), event.transaction_hash, event.timestamp),
                event.block_number,
            ),
        )
        names = ("buyer", "price", "taken", "toOwner")
        sold = [item.sold_warehouse_receipt_id for item in items]
        details = {name: arguments[name] for name in names} | {
            "warehouseReceiptIds": sold,
            "how": AUCTION,
        }
        self._add_entry(event, row, "goods-sold", details)

    # ------------------------------------------------------------------ helpers

    def _margin(self, event: DecodedEvent) -> MarginRow:
        loan_id = event.arguments["loanId"]
        margin = self._margins.find(loan_id) or self._margins.add(MarginRow(loan_id))
        margin.changed_block = event.block_number
        return margin

    def _add_entry(
        self, event: DecodedEvent, row: LoanRow, kind: str, details: Mapping[str, Any]
    ) -> None:
        # `lendable` may be larger than the numbers that JSON readers take.
        if "lendable" in details:
            details = {**details, "lendable": str(details["lendable"])}
        self.batch.entry(event, row, kind, self.batch.day(event), details=details)
