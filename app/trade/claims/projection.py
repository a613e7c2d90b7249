"""Claims, assignments, collections and liens, from the events of Receivables."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.chain.evm.hashing import ZERO_ADDRESS
from app.storage import insert_many, run, run_many
from app.storage.rows import Rows
from app.storage.tables.trade import assignments, claims, collections, liens
from app.trade.claims.lineage import assignment_row, document_root_of

CONTRACT = "Receivables"
_AT_ONCE = 500
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
    """A claim; its fields are the table's columns."""

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
    document_root: str | None
    created_block: int
    changed_block: int
    due_day: int = 0
    currency: str = ""


class _Batch:
    """The events of one call of `apply`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.claims = Rows(connection, claims, ClaimRow)
        self.givers: dict[int, str] = {}
        self.fresh: set[int] = set()  # minted, without a value yet
        self.moved: set[int] = set()  # with another receivable than before
        self.assignments: list[tuple[Any, ...]] = []
        self.collections: list[tuple[Any, ...]] = []
        self.liens: list[tuple[Any, ...]] = []
        self.liens_ended: list[tuple[Any, ...]] = []

    def write(self) -> None:
        self._follow_receivables()
        self.claims.write()
        insert_many(self.connection, assignments, self.assignments)
        insert_many(self.connection, collections, self.collections)
        insert_many(self.connection, liens, self.liens)
        run_many(
            self.connection,
            "UPDATE liens SET until = ? WHERE claim_id = ? AND until IS NULL AND position < ?",
            self.liens_ended,
        )

    def _follow_receivables(self) -> None:
        """Copies due day and currency of the receivables of new claims."""
        rows = [self.claims.get(number) for number in sorted(self.moved)]
        numbers = sorted({row.receivable_id for row in rows})
        debts: dict[int, Any] = {}
        for start in range(0, len(numbers), _AT_ONCE):
            part = numbers[start : start + _AT_ONCE]
            query = (
                "SELECT receivable_id, due_day, currency FROM receivables "
                f"WHERE receivable_id IN ({', '.join('?' * len(part))})"
            )
            debts |= {debt.receivable_id: debt for debt in run(self.connection, query, tuple(part))}
        for row in rows:
            debt = debts.get(row.receivable_id)
            if debt is not None:
                row.due_day, row.currency = int(debt.due_day), str(debt.currency)

    # -- one event each

    def transfer(self, event: DecodedEvent) -> None:
        arguments = event.arguments
        number, to = arguments["tokenId"], arguments["to"]
        if arguments["from"] == ZERO_ADDRESS:
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
        self.givers[number] = arguments["from"]
        if to == ZERO_ADDRESS:
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
            self.moved.add(row.claim_id)

    def transfer_value(self, event: DecodedEvent) -> None:
        arguments = event.arguments
        giver, taker, value = (
            arguments["_fromTokenId"],
            arguments["_toTokenId"],
            arguments["_value"],
        )
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
        owner = self.claims.get(event.arguments["fromTokenId"]).owner
        self.assignments.append(assignment_row(event, owner=owner, givers=self.givers))
        root = document_root_of(event)
        if root is not None:
            self._changed(event.arguments["toTokenId"], event).document_root = root

    def encumbered(self, event: DecodedEvent) -> None:
        number, lienholder = event.arguments["tokenId"], event.arguments["lienholder"]
        self._changed(number, event).lienholder = lienholder
        self.liens.append(
            (event.position, number, lienholder, event.timestamp, None, event.block_number)
        )

    def released(self, event: DecodedEvent) -> None:
        number = event.arguments["tokenId"]
        self._changed(number, event).lienholder = None
        self.liens_ended.append((event.timestamp, number, event.position))

    def collected(self, event: DecodedEvent) -> None:
        arguments = event.arguments
        row = self._changed(arguments["claimId"], event)
        row.collected_principal += arguments["principal"]
        row.collected_late_charge += arguments["lateCharge"]
        self.collections.append(
            (
                *(
                    event.position,
                    arguments["claimId"],
                    arguments["receivableId"],
                    arguments["paidTo"],
                ),
                *(arguments["principal"], arguments["lateCharge"], event.transaction_hash),
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
    (CONTRACT, "ForcedTransfer"): _Batch.assigned,
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
        handled = [
            (handler, event)
            for event in events
            if (handler := _HANDLERS.get((event.contract, event.name))) is not None
        ]
        if not handled:
            return
        batch = _Batch(connection)
        tokens: set[int] = set()
        for _, event in handled:
            for name in _TOKENS:
                number = event.arguments.get(name)
                if number:
                    tokens.add(number)
        batch.claims.load(tokens)
        for handler, event in handled:
            handler(batch, event)
        batch.write()
