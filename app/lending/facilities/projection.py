"""Projects the events of Facilities into facilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.chain.evm.events import DecodedEvent
from app.chain.evm.hashing import ZERO_ADDRESS
from app.domain.money import currency_in
from app.lending.batch import Handlers
from app.lending.rows import FacilityRow
from app.storage import run


class FacilityEvents(Handlers):
    """The events of one batch that are about facilities."""

    def _FacilityAgreed(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        terms, block = arguments["terms"], event.block_number
        product = self.batch.terms_of(terms["productId"], terms["version"])
        entruster = None if terms["entruster"] == ZERO_ADDRESS else terms["entruster"]
        self.batch.facilities.add(
            FacilityRow(
                facility_id=arguments["facilityId"],
                product_id=terms["productId"],
                version=terms["version"],
                lender=terms["lender"],
                borrower=terms["borrower"],
                entruster=entruster,
                currency=product["currency"],
                limit_currency=currency_in(product["limitCurrency"]),
                annual_rate=terms["annualRate"],
                administration_fee=terms["administrationFee"],
                credit_limit=terms["limit"],
                deposit=terms["deposit"],
                first_day=terms["firstDay"],
                last_day=terms["lastDay"],
                legal_text_hash=terms["legalTextHash"],
                outstanding=0,
                drawn=0,
                deposit_held=0,
                closed=0,
                created_block=block,
                changed_block=block,
            )
        )

    def _FacilityClosed(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        facility = self.batch.facility(event, arguments["facilityId"])
        facility.closed, facility.deposit_held = 1, 0

    def _DebtorAccepted(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        self.batch.facility(event, arguments["facilityId"])
        query = "SELECT party_id FROM accounts WHERE account = ?"
        party = run(self.batch.connection, query, (arguments["debtor"],)).scalar()
        key = (arguments["facilityId"], party)
        run(
            self.batch.connection,
            "DELETE FROM facility_debtors WHERE facility_id = ? AND party_id = ?",
            key,
        )
        if arguments["accepted"]:
            run(
                self.batch.connection,
                "INSERT INTO facility_debtors (facility_id, party_id, debtor, block_number) "
                "VALUES (?, ?, ?, ?)",
                (*key, arguments["debtor"], event.block_number),
            )

    def _DepositPaid(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        self.batch.facility(event, arguments["facilityId"]).deposit_held = arguments["held"]

    def _DepositUsed(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        self.batch.facility(event, arguments["facilityId"]).deposit_held = arguments["held"]
