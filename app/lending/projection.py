"""The read tables of lending, out of the events of Products and Facilities."""

from __future__ import annotations

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.lending.batch import Batch
from app.lending.collateral.projection import CollateralEvents
from app.lending.facilities.projection import FacilityEvents
from app.lending.loans.projection import LoanEvents
from app.lending.products.projection import ProductEvents
from app.lending.rows import FacilityRow, LoanRow
from app.storage import insert_many, run
from app.storage.financing_tables import (
    buy_backs,
    facilities,
    facility_debtors,
    goods_sales,
    loan_entries,
    loan_margins,
    loan_pieces,
    loans,
    product_versions,
    products,
)
from app.storage.rows import Rows

SLICES = (ProductEvents, FacilityEvents, LoanEvents, CollateralEvents)


class LendingProjection:
    """Fills the read tables of lending."""

    def __init__(self, zone_offset: int) -> None:
        self.tables: list[Table] = [
            *(products, product_versions, facilities, facility_debtors, loans, loan_entries),
            *(loan_pieces, loan_margins, goods_sales, buy_backs),
        ]
        self._zone_offset = zone_offset

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        ours = [event for event in events if event.contract in ("Products", "Facilities")]
        if not ours:
            return
        lines = Rows(connection, facilities, FacilityRow)
        lent = Rows(connection, loans, LoanRow)
        lines.load({event.arguments["facilityId"] for event in ours if _names(event, "facilityId")})
        lent.load({event.arguments["loanId"] for event in ours if _names(event, "loanId")})
        lines.load({row.facility_id for row in lent.values()} - lines.keys())
        for event in ours:
            if event.contract == "Facilities" and event.name in (
                "CurrencyStopped",
                "CurrencyMoves",
            ):
                lent.load(_open_loans(connection, event.arguments["currency"]) - lent.keys())
        batch = Batch(connection, lines, lent, self._zone_offset)
        slices = [handlers(batch) for handlers in SLICES]
        for event in ours:
            for handlers in slices:
                handlers.take(event)
        lines.write()
        lent.write()
        for handlers in slices:
            handlers.write()
        insert_many(connection, loan_entries, batch.entries)


def _open_loans(connection: Connection, currency: str) -> set[int]:
    query = "SELECT loan_id FROM loans WHERE currency = ? AND status <> 'Repaid'"
    return {row[0] for row in run(connection, query, (currency,))}


def _names(event: DecodedEvent, argument: str) -> bool:
    return argument in event.arguments
