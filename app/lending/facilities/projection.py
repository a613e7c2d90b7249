"""Facilities out of the events of Facilities."""

from __future__ import annotations

from typing import Any

from app.chain.evm.events import DecodedEvent
from app.domain.money import currency_in
from app.lending.batch import Handlers
from app.lending.rows import NOBODY, FacilityRow
from app.storage import run


class FacilityEvents(Handlers):
    """The events of one batch that are about facilities."""

    def _FacilityAgreed(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        terms, block = given["terms"], event.block_number
        product = self.batch.terms_of(terms["productId"], terms["version"])
        entruster = None if terms["entruster"] == NOBODY else terms["entruster"]
        self.batch.lines.add(
            FacilityRow(
                facility_id=given["facilityId"],
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

    def _FacilityClosed(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        line = self.batch.facility(event, given["facilityId"])
        line.closed, line.deposit_held = 1, 0

    def _DebtorAccepted(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        self.batch.facility(event, given["facilityId"])
        query = "SELECT party_id FROM accounts WHERE account = ?"
        party = run(self.batch.connection, query, (given["debtor"],)).scalar()
        key = (given["facilityId"], party)
        run(
            self.batch.connection,
            "DELETE FROM facility_debtors WHERE facility_id = ? AND party_id = ?",
            key,
        )
        if given["accepted"]:
            run(
                self.batch.connection,
                "INSERT INTO facility_debtors (facility_id, party_id, debtor, block_number) "
                "VALUES (?, ?, ?, ?)",
                (*key, given["debtor"], event.block_number),
            )

    def _DepositPaid(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        self.batch.facility(event, given["facilityId"]).deposit_held = given["held"]

    def _DepositUsed(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        self.batch.facility(event, given["facilityId"]).deposit_held = given["held"]
