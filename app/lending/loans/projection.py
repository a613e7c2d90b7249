"""Projects the events of Facilities into loans.

The twin of the contracts' arithmetic runs each loan. The twin must split a payment exactly as the
ledger did. A difference stops the index, because one of the two is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from app.chain.evm.events import DecodedEvent
from app.domain.calendar import day_at
from app.domain.catalogue import COLLATERAL
from app.domain.draw_terms import loan_terms, shifts_of
from app.domain.loan import AfterPrepayment, Loan, Parts, Style
from app.domain.postings import Posting, PostingKind, inserted
from app.domain.product_terms import reference_in
from app.domain.relief import waive_fees
from app.lending.batch import Batch, Handlers
from app.lending.rows import LEDGER_PARTS, Floating, LoanRow


class TwinDiffers(Exception):
    """The gateway's arithmetic and the ledger's differ."""


class LoanEvents(Handlers):
    """The events of one batch that are about loans."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch)
        self._floating: dict[int, Mapping[str, Any]] = {}  # by loan, until it is drawn
        self._charged: dict[int, int] = {}  # likewise

    def _RateFloats(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        self._floating[arguments["loanId"]] = arguments

    def _ServiceFeesCharged(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        self._charged[arguments["loanId"]] = arguments["charged"]

    def _LoanDrawn(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        facility = self.batch.facility(event, arguments["facilityId"])
        product = self.batch.terms_of(facility.product_id, facility.version)
        floats = self._floating.pop(arguments["loanId"], None)
        terms = loan_terms(
            product,
            style=Style(arguments["style"]),
            annual_rate=floats["annualRate"] if floats else facility.annual_rate,
            start_day=arguments["startDay"],
            periods=arguments["periods"],
            due_day=arguments["dueDay"],
            after_prepayment=AfterPrepayment(arguments["afterPrepayment"]),
            shifts=shifts_of(arguments["shifts"], arguments["periods"]),
        )
        terms = facility.fees.added_to(terms)
        amount, block = arguments["amount"], event.block_number
        row = LoanRow(
            loan_id=arguments["loanId"],
            facility_id=facility.facility_id,
            product_id=facility.product_id,
            lender=facility.lender,
            borrower=facility.borrower,
            entruster=facility.entruster,
            currency=facility.currency,
            status="Running",
            collateral=COLLATERAL[product["collateral"]],
            collateral_id=arguments["collateralId"] or None,
            drawn=amount,
            outstanding=amount,
            start_day=arguments["startDay"],
            last_due_day=0,
            oldest_unpaid_day=0,
            marked_overdue=0,
            loss=0,
            loss_absorbed=0,
            lost_days=0,
            stopped_day=None,
            stops_json="[]",
            state_json="",
            history_json="{}",
            written_off=0,
            restructured_json="null",
            floating_json=None,
            next_reset_day=None,
            created_block=block,
            changed_block=block,
        )
        row.keep(Loan.opened(terms, principal=amount))
        if floats:
            self._float(row, floats)
        self._charge(row, self._charged.pop(row.loan_id, 0))
        self.batch.loans.add(row)
        facility.outstanding += amount
        facility.drawn += amount
        details = {"reserveShare": arguments["reserveShare"], "terms": msgspec.to_builtins(terms)}
        if floats:
            details |= {"reference": reference_in(floats["referenceCode"])}
            details |= {"referenceRate": floats["referenceRate"]}
        self.batch.entry(event, row, "drawn", arguments["startDay"], details=details)

    def _float(self, row: LoanRow, floats: Mapping[str, Any]) -> None:
        """The loan's rate follows a reference; its history begins with the rate."""
        terms = floats["floating"]
        floating = Floating(
            reference=reference_in(floats["referenceCode"]) or "",
            spread=terms["spread"],
            floor=terms["floor"],
            cap=terms["cap"],
            reset_months=terms["resetMonths"],
            reference_rate=floats["referenceRate"],
        )
        row.follow(floating, terms["nextResetDay"])
        row.post(Posting(PostingKind.RATE_SET, row.start_day, floats["annualRate"]))

    def _charge(self, row: LoanRow, charged: int) -> None:
        """The service fees of the draw are a posting."""
        if row.state().running_fees != charged:
            twin = row.state().running_fees
            raise TwinDiffers(f"loan {row.loan_id}: fees of {twin} are not {charged}")
        if charged:
            row.post(Posting(PostingKind.FEE, row.start_day, charged))

    def _ServiceFeesWaived(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row, loan = self._rolled(event, arguments["loanId"])
        day, amount = arguments["day"], arguments["amount"]
        waived = waive_fees(loan, amount)
        if waived != amount:
            raise TwinDiffers(f"loan {row.loan_id}, day {day}: waived {waived}, not {amount}")
        row.keep(loan)
        row.post(Posting(PostingKind.WAIVED_FEE, day, amount))
        if not loan.has_past and row.status == "Running":
            row.marked_overdue = 0
        self.batch.entry(event, row, "fees-waived", day, details={"waivedFees": amount})

    def _RateReset(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        day, rate = arguments["valueDay"], arguments["annualRate"]
        loan, floating, history = row.state(), row.floating(), row.history()
        assert floating is not None
        history.postings = inserted(history.postings, Posting(PostingKind.RATE_SET, day, rate))
        row.keep_history(history)
        if loan.as_of_day < day:
            loan.roll(day)
            loan.reset_rate(rate)
            row.keep(loan)
        else:  # LoanRestated follows, and runs the loan anew
            loan.terms = replace(loan.terms, annual_rate=rate)
            row.state_json = msgspec.json.encode(loan).decode()
        row.follow(
            msgspec.structs.replace(floating, reference_rate=arguments["referenceRate"]),
            arguments["nextResetDay"],
        )
        details = {name: arguments[name] for name in ("annualRate", "referenceRate", "resetDay")}
        self.batch.entry(event, row, "rate-reset", day, details=details)

    def _LoanRepaid(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row, loan = self._rolled(event, arguments["loanId"])
        ledger_parts = Parts(**{name: arguments["parts"][name] for name in LEDGER_PARTS})
        parts, left = loan.pay(ledger_parts.total)
        twin_parts = replace(parts, fee=parts.fee + parts.service, service=0)
        if row.own_day(self.batch.day(event)) != arguments["day"]:
            raise TwinDiffers(f"loan {row.loan_id}: its day is not {arguments['day']}")
        if left or twin_parts != ledger_parts or loan.outstanding != arguments["outstanding"]:
            raise TwinDiffers(
                f"loan {row.loan_id}, day {arguments['day']}: {twin_parts} is not {ledger_parts}"
            )
        row.keep(loan)
        row.post(Posting(PostingKind.PAID, arguments["day"], ledger_parts.total))
        self.batch.facility(event, row.facility_id).outstanding -= ledger_parts.principal
        if not loan.has_past and row.status == "Running":
            row.marked_overdue = 0
        self.batch.entry(
            event, row, "repaid", arguments["day"], parts=parts, payer=arguments["payer"]
        )

    def _LoanEnded(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        row.status, row.marked_overdue = "Repaid", 0

    def _LoanExtended(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row, loan = self._rolled(event, arguments["loanId"])
        day = row.own_day(self.batch.day(event))
        shifts = shifts_of(arguments["shifts"], arguments["periods"])
        if loan.terms.scheduled:
            loan.extend(arguments["periods"], shifts=shifts)
        else:
            loan.terms = replace(loan.terms, due_day=arguments["dueDay"], shifts=shifts)
            # The ledger stores these only for several periods; the chain begins with what it has.
            loan.base = loan.ahead = loan.base_period = 0
        row.oldest_unpaid_day = 0
        row.keep(loan)
        row.begin_history(day)
        self.batch.entry(
            event, row, "extended", day, details={"terms": msgspec.to_builtins(loan.terms)}
        )

    def _LoanInInstalments(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row, loan = self._rolled(event, arguments["loanId"])
        day = row.own_day(self.batch.day(event))
        terms = replace(
            loan.terms,
            style=Style.EQUAL_INSTALMENT,
            start_day=arguments["startDay"],
            due_day=0,
            periods=arguments["periods"],
            same_day_interest=False,
            shifts=shifts_of(arguments["shifts"], arguments["periods"]),
        )
        fresh = Loan.opened(terms, principal=loan.balance)
        fresh.costs = loan.costs
        row.oldest_unpaid_day = 0
        row.keep(fresh)
        row.begin_history(day)
        self.batch.entry(
            event, row, "instalments", day, details={"terms": msgspec.to_builtins(terms)}
        )

    def _CostsCharged(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row, loan = self._rolled(event, arguments["loanId"])
        day = row.own_day(self.batch.day(event))
        loan.costs += arguments["amount"]
        row.keep(loan)
        row.post(Posting(PostingKind.COSTS, day, arguments["amount"]))
        details = {"amount": arguments["amount"], "evidenceHash": arguments["evidenceHash"]}
        self.batch.entry(event, row, "costs", day, details=details)

    def _LoanOverdue(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        row.marked_overdue = 1
        self.batch.entry(event, row, "overdue", arguments["day"])

    def _LoanDefaulted(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row, loan = self._rolled(event, arguments["loanId"])
        loan.accelerate(arguments["day"])
        row.status = "Defaulted"
        row.keep(loan)
        liquidated = arguments["isLiquidation"]
        kind = PostingKind.LIQUIDATED if liquidated else PostingKind.DEFAULTED
        row.post(Posting(kind, arguments["day"]))
        details = {"liquidation": liquidated}
        self.batch.entry(event, row, "defaulted", arguments["day"], details=details)

    def _LoanLossRecorded(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        row.loss, row.loss_absorbed = arguments["loss"], arguments["absorbed"]
        details = {name: arguments[name] for name in ("fromDeposit", "loss", "absorbed")}
        day = row.own_day(self.batch.day(event))
        self.batch.entry(event, row, "loss", day, details=details)

    def _LoanWrittenOff(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        row.status = "WrittenOff"
        self.batch.entry(event, row, "written-off", arguments["day"])

    def _OrderConvertedToClaim(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        row.collateral, row.collateral_id = "claim", arguments["claimId"]
        day = row.own_day(self.batch.day(event))
        details = {"orderId": arguments["orderId"], "claimId": arguments["claimId"]}
        self.batch.entry(event, row, "order-converted-to-claim", day, details=details)

    def _CurrencyStopped(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        if event.contract == "Facilities":
            day = day_at(arguments["stoppedAt"], zone_offset=self.batch.zone_offset)
            for row in self._loans_in(arguments["currency"]):
                row.stop(day)

    def _CurrencyMoves(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        if event.contract == "Facilities":
            for row in self._loans_in(arguments["currency"]):
                row.move_on(arguments["daysLost"])

    def _loans_in(self, currency: str) -> list[LoanRow]:
        # Also those that are repaid: a correction may bring one back, with the ledger's days.
        return [row for row in self.batch.loans.values() if row.currency == currency]

    def _rolled(self, event: DecodedEvent, loan_id: int) -> tuple[LoanRow, Loan]:
        row = self.batch.row(event, loan_id)
        loan = row.state()
        loan.roll(row.own_day(self.batch.day(event)))
        return row, loan
