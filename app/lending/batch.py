"""What the projections of lending share: the rows of one batch of events, and its entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.events import DecodedEvent
from app.domain.calendar import day_at
from app.domain.loan import Parts
from app.domain.product_terms import ProductTerms
from app.lending import repository
from app.lending.rows import FacilityRow, LoanRow
from app.storage.rows import Rows

_DETAILS = 12  # place of its details in an entry


class Batch:
    """One batch of events: the facilities and loans that it changes, and new loan entries."""

    def __init__(
        self,
        connection: Connection,
        facilities: Rows[FacilityRow],
        loans: Rows[LoanRow],
        zone_offset: int,
    ) -> None:
        self.connection = connection
        self.facilities = facilities
        self.loans = loans
        self.zone_offset = zone_offset
        self.entries: list[tuple[Any, ...]] = []

    def facility(self, event: DecodedEvent, facility_id: int) -> FacilityRow:
        """The facility that an event is about."""
        facility = self.facilities.get(facility_id)
        facility.changed_block = event.block_number
        return facility

    def terms_of(self, product_id: int, version: int) -> ProductTerms:
        """The terms of a product's version."""
        return repository.product_terms(self.connection, product_id=product_id, version=version)

    def day(self, event: DecodedEvent) -> int:
        """The ledger's day of an event."""
        return day_at(event.timestamp, zone_offset=self.zone_offset)

    def row(self, event: DecodedEvent, loan_id: int) -> LoanRow:
        """The loan that an event is about."""
        row = self.loans.get(loan_id)
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
        details: Mapping[str, Any] | None = None,
        from_facility_id: int | None = None,
    ) -> None:
        """Adds an entry to a loan's history.

        Args:
            from_facility_id: the facility that the loan leaves with it.
        """
        parts = parts or Parts()
        self.entries.append(
            (
                *(event.position, row.loan_id, kind, day, payer),
                *(parts.costs, parts.penalty, parts.interest, parts.principal),
                *(parts.fee, parts.service),
                *(row.outstanding, msgspec.json.encode(details or {}).decode()),
                *(event.transaction_hash, event.timestamp, event.block_number),
                *(row.facility_id, from_facility_id, row.oldest_unpaid_day),
            )
        )

    def add_details(self, position: int, details: Mapping[str, Any]) -> None:
        """Adds to the details of an entry of this batch, or changes them.

        Args:
            position: of the event that made the entry.
        """
        for place, entry in enumerate(self.entries):
            if entry[0] == position:
                known = msgspec.json.decode(entry[_DETAILS])
                changed = msgspec.json.encode(known | details).decode()
                self.entries[place] = (*entry[:_DETAILS], changed, *entry[_DETAILS + 1 :])


class Handlers:
    """Applies each event of a batch by the method of its name; skips events without one."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch

    def take(self, event: DecodedEvent) -> None:
        """Applies one event."""
        handler = getattr(self, f"_{event.name}", None)
        if handler is not None:
            handler(event, event.arguments)

    def write(self) -> None:
        """Writes the rows that these handlers hold."""
