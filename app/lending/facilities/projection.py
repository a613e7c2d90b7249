"""Projects the events of Facilities into facilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from app.chain.evm.events import DecodedEvent
from app.chain.evm.hashing import ZERO_ADDRESS
from app.domain.money import currency_in
from app.domain.product_terms import rule_set_in
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
                correction_days=terms["correctionDays"],
                spread=terms["spread"],
                flat_fee=terms["flatFee"],
                draw_fee=terms["drawFee"],
                periodic_fee=terms["periodicFee"],
                legal_text_hash=terms["legalTextHash"],
                outstanding=0,
                drawn=0,
                deposit_held=0,
                closed=0,
                cooling_off_amount=terms["coolingOffAmount"],
                cooling_off_hours=terms["coolingOffHours"],
                end_events=terms["endEvents"],
                suspended_by=0,
                announced_amount=0,
                drawable_from=0,
                drawable_until=0,
                on_tier=int(product["minTier"] != 0),
                rule_set=rule_set_in(product["ruleSet"]),
                created_block=block,
                changed_block=block,
            )
        )

    def _FacilityOpenedBySale(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        """Only what it names; the loans come with their own events."""
        origin, block = self.batch.facilities.get(arguments["originId"]), event.block_number
        self.batch.facilities.add(
            msgspec.structs.replace(
                origin,
                facility_id=arguments["facilityId"],
                lender=arguments["lender"],
                limit_currency=None,
                administration_fee=0,
                credit_limit=0,
                deposit=0,
                outstanding=0,
                drawn=0,
                deposit_held=0,
                closed=1,
                cooling_off_amount=0,
                cooling_off_hours=0,
                end_events=0,
                suspended_by=0,
                announced_amount=0,
                drawable_from=0,
                drawable_until=0,
                created_block=block,
                changed_block=block,
                origin_id=arguments["originId"],
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

    def _DrawsSuspended(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        facility = self.batch.facility(event, arguments["facilityId"])
        facility.suspended_by = arguments["suspendedBy"]

    _DrawsResumed = _DrawsSuspended

    def _CommitmentRenewed(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        self.batch.facility(event, arguments["facilityId"])

    def _DrawAnnounced(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        facility = self.batch.facility(event, arguments["facilityId"])
        facility.announced_amount = arguments["amount"]
        facility.drawable_from = arguments["drawableFrom"]
        facility.drawable_until = arguments["drawableUntil"]

    _DrawPostponed = _DrawAnnounced

    def _DrawAllowed(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        facility = self.batch.facility(event, arguments["facilityId"])
        facility.drawable_from = event.timestamp

    def _DrawStopped(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        facility = self.batch.facility(event, arguments["facilityId"])
        facility.announced_amount = facility.drawable_from = facility.drawable_until = 0

    _AnnouncedDrawUsed = _DrawStopped

    def _GroupFollowed(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        key = (arguments["partyId"], rule_set_in(arguments["ruleSet"]) or "", arguments["currency"])
        run(
            self.batch.connection,
            "DELETE FROM borrower_groups WHERE party_id = ? AND rule_set = ? AND currency = ?",
            key,
        )
        run(
            self.batch.connection,
            "INSERT INTO borrower_groups (party_id, rule_set, currency, group_number, "
            "changed_block) VALUES (?, ?, ?, ?, ?)",
            (*key, arguments["group"], event.block_number),
        )
