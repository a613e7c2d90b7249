"""Projects participations: who bought which share, what came in, who was paid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.chain.evm.events import DecodedEvent
from app.lending.batch import Batch, Handlers
from app.lending.shares import PAID, PROCEEDS
from app.storage import insert_many, run
from app.storage.tables.participations import loan_participations, participation_entries


class ParticipationEvents(Handlers):
    """The events of one batch about shares of loans."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch)
        self._entries: list[tuple[Any, ...]] = []

    def _ParticipationSold(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        terms = arguments["terms"]
        loan_id = arguments["loanId"]
        row = (
            *(event.position, loan_id, arguments["place"]),
            *(arguments["lender"], arguments["participant"]),
            *(self.batch.row(event, loan_id).currency, terms["share"], terms["principal"]),
            *(terms["price"], arguments["joinedAt"], 0, terms["legalTextHash"]),
            *(event.transaction_hash, event.timestamp, event.block_number),
        )
        insert_many(self.batch.connection, loan_participations, [row])

    def _ProceedsCounted(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        self._add(event, PROCEEDS, None, arguments["change"], arguments["proceeds"])

    def _ParticipantPaid(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        run(
            self.batch.connection,
            "UPDATE loan_participations SET paid = ?, block_number = ? "
            "WHERE loan_id = ? AND place = ?",
            (arguments["paid"], event.block_number, arguments["loanId"], arguments["place"]),
        )
        self._add(event, PAID, arguments["place"], arguments["amount"], arguments["paid"])

    def write(self) -> None:
        """Writes the entries of this batch."""
        insert_many(self.batch.connection, participation_entries, self._entries)
        self._entries = []

    def _add(
        self,
        event: DecodedEvent,
        kind: str,
        place: int | None,
        amount: int,
        total: int,
    ) -> None:
        self._entries.append(
            (
                *(event.position, event.arguments["loanId"], kind, place, amount, total),
                *(event.transaction_hash, event.timestamp, event.block_number),
            )
        )
