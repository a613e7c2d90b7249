"""Loans on goods out of the events of Facilities: pieces of cover, calls, auctions, sales.

What is paid for goods reaches the loan by `LoanRepaid`, like any payment; a liquidation makes all
fall due by `LoanDefaulted`. Here is only what stands around the loan's arithmetic.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from app.chain.evm.events import DecodedEvent
from app.domain.catalogue import COVER
from app.lending.batch import Batch, Handlers
from app.lending.rows import LoanRow
from app.storage import run
from app.storage.financing_tables import loan_margins
from app.storage.rows import Rows


class MarginRow(msgspec.Struct):
    """What is under way for a loan on goods; its fields are the table's columns.

    Attributes:
        start_factor, floor_factor: what the auction asks, in parts per million of the goods' value
            at their last good appraisal. What it asks at a moment only the ledger says, as seconds
            in which the currency stands do not count.
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
        """No call is open any more."""
        self.called_day = self.last_day = None

    def end_auction(self) -> None:
        """Nothing is for sale any more."""
        self.auction_start = self.auction_end = None
        self.start_factor = self.floor_factor = self.round = None


class CollateralEvents(Handlers):
    """The events of one batch that are about collateral."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch)
        self._margins = Rows(batch.connection, loan_margins, MarginRow)
        self._margins.load(batch.lent.keys())
        # What a transaction told of a sale before it told that there was one.
        self._pieces: dict[int, list[dict[str, Any]]] = {}
        self._bought_back: set[int] = set()

    def write(self) -> None:
        """Writes what is under way."""
        self._margins.write()

    # ------------------------------------------------------------------ cover

    def _CoverAdded(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        self._add(event, given["loanId"], COVER[given["kind"]], given["id"])
        self._tell_cover(event, "cover-added", given["kind"], given["id"])

    def _CoverReduced(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        more = {"quantity" if COVER[given["kind"]] == "receipt" else "value": given["value"]}
        self._tell_cover(event, "cover-reduced", given["kind"], given["id"], **more)

    def _CoverReleased(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        run(
            self.batch.connection,
            "UPDATE loan_pieces SET removed_position = ? WHERE loan_id = ? AND kind = ? "
            "AND piece_id = ? AND removed_position IS NULL",
            (event.position, given["loanId"], COVER[given["cover"]], given["coverId"]),
        )
        self._tell_cover(event, "cover-released", given["cover"], given["coverId"])

    def _CoverPassedToGoods(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.batch.row(event, given["loanId"])
        if row.cover == "order":
            # What is not delivered stays with the order, which is a piece from now on.
            self._add(event, row.loan_id, "order", given["orderId"])
            row.cover, row.cover_id = "receipt", None
        details = {name: given[name] for name in ("orderId", "receiptId")}
        self._tell(event, row, "passed-to-goods", details)

    def _GoodsPassedToClaim(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.batch.row(event, given["loanId"])
        names = ("receiptId", "claimId", "buyer", "quantity")
        self._tell(event, row, "goods-to-claim", {name: given[name] for name in names})

    def _GivenInKind(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.batch.row(event, given["loanId"])
        names = ("receiptId", "quantity", "credit", "papersRoot")
        self._tell(event, row, "in-kind", {name: given[name] for name in names})

    def _add(self, event: DecodedEvent, loan_id: int, kind: str, piece_id: int) -> None:
        run(
            self.batch.connection,
            "INSERT INTO loan_pieces (added_position, loan_id, kind, piece_id) VALUES (?, ?, ?, ?)",
            (event.position, loan_id, kind, piece_id),
        )

    def _tell_cover(
        self, event: DecodedEvent, kind: str, cover: int, piece_id: int, **more: Any
    ) -> None:
        """Of a running loan on goods: what a draw brings and the last cent frees tells itself."""
        row = self.batch.lent.find(event.arguments["loanId"])
        if row is not None and row.cover == "receipt" and row.status != "Repaid":
            self._tell(event, row, kind, {"kind": COVER[cover], "id": piece_id, **more})

    # ------------------------------------------------------------------ margin

    def _MarginCalled(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row, margin = self.batch.row(event, given["loanId"]), self._margin(event)
        margin.called_day, margin.last_day = self.batch.day(event), given["lastDay"]
        names = ("debt", "lendable", "lastDay")
        self._tell(event, row, "margin-called", {name: given[name] for name in names})

    def _MarginCured(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.batch.row(event, given["loanId"])
        self._margin(event).end_call()
        details = {name: given[name] for name in ("debt", "lendable")}
        self._tell(event, row, "margin-cured", details)

    def _AuctionEnded(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        """No goods are left to sell."""
        row = self.batch.row(event, given["loanId"])
        self._margin(event).end_auction()
        self._tell(event, row, "auction-ended", {})

    def _LoanDefaulted(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        """All falls due: a call has no days to cure any more."""
        if self._margins.find(given["loanId"]) is not None:
            self._margin(event).end_call()

    def _LoanEnded(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        if self._margins.find(given["loanId"]) is not None:
            margin = self._margin(event)
            margin.end_call()
            margin.end_auction()

    # ------------------------------------------------------------------ sale

    def _BuyBackAgreed(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        terms, key = given["terms"], given["facilityId"]
        run(self.batch.connection, "DELETE FROM buy_backs WHERE facility_id = ?", (key,))
        run(
            self.batch.connection,
            "INSERT INTO buy_backs (facility_id, undertaker, share, most, unused, last_day, "
            "legal_text_hash, changed_block) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(key, terms["undertaker"], terms["share"], terms["most"], terms["most"]),
                *(terms["lastDay"], terms["legalTextHash"], event.block_number),
            ),
        )

    def _BuyBackFailed(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.batch.row(event, given["loanId"])
        details = {"undertaker": given["undertaker"], "price": given["price"]}
        self._tell(event, row, "buy-back-failed", details)

    def _LiquidationStarted(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row, margin = self.batch.row(event, given["loanId"]), self._margin(event)
        margin.auction_start, margin.auction_end = given["auctionStart"], given["auctionEnd"]
        margin.start_factor, margin.floor_factor = given["startFactor"], given["floorFactor"]
        margin.round = given["round"]
        names = ("debt", "lendable", "round", "startFactor", "floorFactor")
        times = ("auctionStart", "auctionEnd")
        self._tell(event, row, "liquidation", {name: given[name] for name in (*names, *times)})

    def _GoodsAppraised(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.batch.row(event, given["loanId"])
        details = {"item": given["item"], "unitPrice": str(given["value"]), "asOf": given["asOf"]}
        self._tell(event, row, "goods-appraised", details)

    def _BoughtBack(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.batch.row(event, given["loanId"])
        self._bought_back.add(row.loan_id)
        run(
            self.batch.connection,
            "UPDATE buy_backs SET unused = ?, changed_block = ? WHERE facility_id = ?",
            (given["left"], event.block_number, row.facility_id),
        )

    def _PieceSold(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        names = ("receiptId", "soldId", "quantity")
        piece = {name: given[name] for name in names} | {"price": str(given["price"])}
        self._pieces.setdefault(given["loanId"], []).append(piece)

    def _GoodsSold(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.batch.row(event, given["loanId"])
        kind = "buy-back" if row.loan_id in self._bought_back else "auction"
        self._bought_back.discard(row.loan_id)
        pieces = self._pieces.pop(row.loan_id, [])
        money = (given["price"], given["taken"], given["toOwner"])
        run(
            self.batch.connection,
            "INSERT INTO goods_sales (position, loan_id, kind, buyer, price, taken, to_owner, "
            "pieces_json, transaction_hash, timestamp, block_number) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(event.position, row.loan_id, kind, given["buyer"], *map(str, money)),
                *(json.dumps(pieces), event.transaction_hash, event.timestamp),
                event.block_number,
            ),
        )
        names = ("buyer", "price", "taken", "toOwner")
        sold = [one["soldId"] for one in pieces]
        details = {name: given[name] for name in names} | {"receiptIds": sold, "how": kind}
        self._tell(event, row, "goods-sold", details)

    # ------------------------------------------------------------------ parts of the above

    def _margin(self, event: DecodedEvent) -> MarginRow:
        loan_id = event.arguments["loanId"]
        margin = self._margins.find(loan_id) or self._margins.add(MarginRow(loan_id))
        margin.changed_block = event.block_number
        return margin

    def _tell(self, event: DecodedEvent, row: LoanRow, kind: str, details: dict[str, Any]) -> None:
        # What goods count may be more than JSON's readers take as a number.
        if "lendable" in details:
            details = details | {"lendable": str(details["lendable"])}
        self.batch.entry(event, row, kind, self.batch.day(event), details=details)
