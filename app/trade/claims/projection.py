"""Claims, assignments, collections and liens out of the events of Receivables."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.storage import insert_many, run_many
from app.storage.read_tables import assignments, claims, collections, liens
from app.storage.rows import Rows

CONTRACT = "Receivables"
ZERO = "0x" + "0" * 40
NO_PAPERS = "0x" + "0" * 64
_TOKENS = (
    "tokenId",
    "fromTokenId",
    "toTokenId",
    "intoTokenId",
    "claimId",
    "_tokenId",
    "_fromTokenId",
    "_toTokenId",
    "soldClaimId",
)


class ClaimRow(msgspec.Struct):
    """One claim, column by column."""

    claim_id: int
    receivable_id: int
    owner: str
    value: int
    parent_id: int | None
    depth: int
    lienholder: str | None
    burned: int
    collected_principal: int
    collected_late_charge: int
    papers_root: str | None
    created_block: int
    changed_block: int


class _Batch:
    """The events of one call of `apply`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.claims = Rows(connection, claims, ClaimRow)
        self.givers: dict[int, str] = {}
        self.fresh: set[int] = set()  # minted, no value in them yet
        self.assignments: list[tuple[Any, ...]] = []
        self.collections: list[tuple[Any, ...]] = []
        self.liens: list[tuple[Any, ...]] = []
        self.liens_ended: list[tuple[Any, ...]] = []

    def write(self) -> None:
        self.claims.write()
        insert_many(self.connection, assignments, self.assignments)
        insert_many(self.connection, collections, self.collections)
        insert_many(self.connection, liens, self.liens)
        run_many(
            self.connection,
            "UPDATE liens SET until = ? WHERE claim_id = ? AND until IS NULL AND position < ?",
            self.liens_ended,
        )

    # -- one event each

    def transfer(self, event: DecodedEvent) -> None:
        given = event.arguments
        number, to = given["tokenId"], given["to"]
        if given["from"] == ZERO:
            self.fresh.add(number)
            self.claims.add(
                ClaimRow(
                    *(number, 0, to, 0, None, 0, None, 0, 0, 0, None),
                    created_block=event.block_number,
                    changed_block=event.block_number,
                )
            )
            return
        row = self._changed(number, event)
        self.givers[number] = given["from"]
        if to == ZERO:
            row.burned = 1
            if row.lienholder is not None:
                row.lienholder = None
                self.liens_ended.append((event.timestamp, number, event.position))
        else:
            row.owner = to

    def slot_changed(self, event: DecodedEvent) -> None:
        if event.arguments["_newSlot"]:
            row = self._changed(event.arguments["_tokenId"], event)
            row.receivable_id = event.arguments["_newSlot"]

    def transfer_value(self, event: DecodedEvent) -> None:
        given = event.arguments
        giver, taker, value = given["_fromTokenId"], given["_toTokenId"], given["_value"]
        if giver:
            self._changed(giver, event).value -= value
        if not taker:
            return
        row = self._changed(taker, event)
        if giver and taker in self.fresh:
            parent = self.claims.get(giver)
            row.parent_id, row.depth = giver, parent.depth + 1
        self.fresh.discard(taker)
        row.value += value

    def assigned(self, event: DecodedEvent) -> None:
        given = event.arguments
        papers = None if given["papersRoot"] == NO_PAPERS else given["papersRoot"]
        self._assignment(event, papers=papers, order=None)
        if papers is not None:
            self._changed(given["toTokenId"], event).papers_root = papers

    def forced_transfer(self, event: DecodedEvent) -> None:
        self._assignment(event, papers=None, order=event.arguments["orderHash"])

    def _assignment(self, event: DecodedEvent, *, papers: str | None, order: str | None) -> None:
        given = event.arguments
        giver, taker = given["fromTokenId"], given["toTokenId"]
        from_owner = self.claims.get(giver).owner
        if giver == taker:
            from_owner = self.givers.get(giver, from_owner)
        self.assignments.append(
            (
                *(event.position, giver, taker, from_owner, given["to"], given["value"]),
                *(papers, order, event.transaction_hash, event.timestamp, event.block_number),
            )
        )

    def encumbered(self, event: DecodedEvent) -> None:
        number, holder = event.arguments["tokenId"], event.arguments["lienholder"]
        self._changed(number, event).lienholder = holder
        self.liens.append(
            (event.position, number, holder, event.timestamp, None, event.block_number)
        )

    def released(self, event: DecodedEvent) -> None:
        number = event.arguments["tokenId"]
        self._changed(number, event).lienholder = None
        self.liens_ended.append((event.timestamp, number, event.position))

    def collected(self, event: DecodedEvent) -> None:
        given = event.arguments
        row = self._changed(given["claimId"], event)
        row.collected_principal += given["principal"]
        row.collected_late_charge += given["lateCharge"]
        self.collections.append(
            (
                *(event.position, given["claimId"], given["receivableId"], given["paidTo"]),
                *(given["principal"], given["lateCharge"], event.transaction_hash),
                *(event.timestamp, event.block_number),
            )
        )

    def _changed(self, number: int, event: DecodedEvent) -> ClaimRow:
        row = self.claims.get(number)
        row.changed_block = event.block_number
        return row


_HANDLERS = {
    (CONTRACT, "Transfer"): _Batch.transfer,
    (CONTRACT, "SlotChanged"): _Batch.slot_changed,
    (CONTRACT, "TransferValue"): _Batch.transfer_value,
    (CONTRACT, "Assigned"): _Batch.assigned,
    (CONTRACT, "ForcedTransfer"): _Batch.forced_transfer,
    (CONTRACT, "Encumbered"): _Batch.encumbered,
    (CONTRACT, "Released"): _Batch.released,
    (CONTRACT, "Collected"): _Batch.collected,
}


class ClaimsProjection:
    """Fills `claims`, `assignments`, `collections` and `liens`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [claims, assignments, collections, liens]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        known = [
            (handler, event)
            for event in events
            if (handler := _HANDLERS.get((event.contract, event.name))) is not None
        ]
        if not known:
            return
        batch = _Batch(connection)
        touched: set[int] = set()
        for _, event in known:
            for name in _TOKENS:
                number = event.arguments.get(name)
                if number:
                    touched.add(number)
        batch.claims.load(touched)
        for handler, event in known:
            handler(batch, event)
        batch.write()
