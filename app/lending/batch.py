"""What the projections of lending share: the rows of one batch of events, and its entries."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.events import DecodedEvent
from app.domain.calendar import day_at
from app.domain.loan import Parts
from app.lending.rows import FacilityRow, LoanRow
from app.storage import run
from app.storage.rows import Rows


class Batch:
    """One batch of events: facilities and loans that it touches, and what is told of loans."""

    def __init__(
        self,
        connection: Connection,
        lines: Rows[FacilityRow],
        lent: Rows[LoanRow],
        zone_offset: int,
    ) -> None:
        self.connection = connection
        self.lines = lines
        self.lent = lent
        self.zone_offset = zone_offset
        self.entries: list[tuple[Any, ...]] = []

    def facility(self, event: DecodedEvent, facility_id: int) -> FacilityRow:
        """The facility that an event is about."""
        line = self.lines.get(facility_id)
        line.changed_block = event.block_number
        return line

    def terms_of(self, product_id: int, version: int) -> dict[str, Any]:
        """The terms of a product's version."""
        text = run(
            self.connection,
            "SELECT terms_json FROM product_versions WHERE product_id = ? AND version = ?",
            (product_id, version),
        ).scalar()
        return dict(msgspec.json.decode(str(text)))

    def day(self, event: DecodedEvent) -> int:
        """The ledger's day of an event."""
        return day_at(event.timestamp, zone_offset=self.zone_offset)

    def row(self, event: DecodedEvent, loan_id: int) -> LoanRow:
        """The loan that an event is about."""
        row = self.lent.get(loan_id)
        row.changed_block = event.block_number
        return row

    def entry(
        self,
        event: DecodedEvent,
        row: LoanRow,
        kind: str,
        day: int,
        *,
        parts: Parts | None = None,
        payer: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        """Something to be told of a loan."""
        parts = parts or Parts()
        self.entries.append(
            (
                *(event.position, row.loan_id, kind, day, payer),
                *(parts.costs, parts.penalty, parts.interest, parts.principal, parts.fee),
                *(row.outstanding, msgspec.json.encode(details or {}).decode()),
                *(event.transaction_hash, event.timestamp, event.block_number),
            )
        )


class Handlers:
    """Applies the events of a batch, each by the method of its name; others are no matter of it."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch

    def take(self, event: DecodedEvent) -> None:
        """Applies one event."""
        handler = getattr(self, f"_{event.name}", None)
        if handler is not None:
            handler(event, event.arguments)

    def write(self) -> None:
        """Writes the rows that it keeps itself."""
