"""Fills the read tables of lending from the events of Products and Facilities."""

from __future__ import annotations

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.lending.batch import Batch
from app.lending.collateral.projection import CollateralEvents
from app.lending.evidence.projection import EvidenceEvents
from app.lending.facilities.projection import FacilityEvents
from app.lending.hedges.projection import HedgeEvents
from app.lending.loans.projection import LoanEvents
from app.lending.participations.projection import ParticipationEvents
from app.lending.payments.projection import CorrectionEvents
from app.lending.products.projection import ProductEvents
from app.lending.restructuring.projection import RestructuringEvents
from app.lending.rows import FacilityRow, LoanRow
from app.lending.sales.projection import SaleEvents
from app.storage import insert_many, run
from app.storage.rows import Rows
from app.storage.tables.lending import (
    borrower_groups,
    buy_backs,
    collateral_items,
    facilities,
    facility_attesters,
    facility_debtors,
    goods_sales,
    hedges,
    loan_documents,
    loan_entries,
    loan_margins,
    loan_sales,
    loans,
    product_versions,
    products,
    trade_reports,
)
from app.storage.tables.participations import loan_participations, participation_entries

SLICES = (
    *(ProductEvents, FacilityEvents, EvidenceEvents, LoanEvents, CorrectionEvents),
    *(RestructuringEvents, CollateralEvents, HedgeEvents, SaleEvents),
    ParticipationEvents,
)


class LendingProjection:
    """Fills the read tables of lending."""

    def __init__(self, zone_offset: int) -> None:
        self.tables: list[Table] = [
            *(products, product_versions, facilities, facility_debtors, borrower_groups),
            *(facility_attesters, loan_documents, trade_reports),
            *(loans, loan_entries, loan_sales, loan_participations, participation_entries),
            *(collateral_items, loan_margins, goods_sales, buy_backs, hedges),
        ]
        self._zone_offset = zone_offset

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        own_events = [event for event in events if event.contract in ("Products", "Facilities")]
        if not own_events:
            return
        facility_rows = Rows(connection, facilities, FacilityRow)
        loan_rows = Rows(connection, loans, LoanRow)
        facility_rows.load(
            {
                event.arguments[name]
                for event in own_events
                for name in ("facilityId", "fromFacilityId", "originId")
                if _has_argument(event, name)
            }
        )
        loan_rows.load(
            {
                event.arguments[name]
                for event in own_events
                for name in ("loanId", "toLoanId")
                if event.arguments.get(name)
            }
        )
        facility_rows.load({row.facility_id for row in loan_rows.values()} - facility_rows.keys())
        for event in own_events:
            if event.contract == "Facilities" and event.name in (
                "CurrencyStopped",
                "CurrencyMoves",
            ):
                loan_rows.load(
                    _loans_in(connection, event.arguments["currency"]) - loan_rows.keys()
                )
        batch = Batch(connection, facility_rows, loan_rows, self._zone_offset)
        slices = [handlers(batch) for handlers in SLICES]
        for event in own_events:
            for handlers in slices:
                handlers.take(event)
        facility_rows.write()
        loan_rows.write()
        for handlers in slices:
            handlers.write()
        insert_many(connection, loan_entries, batch.entries)


def _loans_in(connection: Connection, currency: str) -> set[int]:
    """All loans in a currency: a correction may bring back one that was repaid."""
    query = "SELECT loan_id FROM loans WHERE currency = ?"
    return {row.loan_id for row in run(connection, query, (currency,))}


def _has_argument(event: DecodedEvent, argument: str) -> bool:
    return argument in event.arguments
