"""Loans out of the events of Facilities.

Each loan is run by the twin of the contracts' arithmetic. What the twin makes of a payment must be
what the ledger said; a difference stops the index, as it would mean that one of them is wrong.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from app.chain.evm.events import DecodedEvent
from app.domain.calendar import day_at
from app.domain.catalogue import COVER
from app.domain.loan import Loan, LoanTerms, Parts, Style
from app.lending.batch import Handlers
from app.lending.rows import PARTS, LoanRow


class TwinDiffers(Exception):
    """The gateway's arithmetic and the ledger's do not agree."""


def shifts_of(packed: int, periods: int) -> tuple[int, ...]:
    """Days by which each due day moves, four bits a period."""
    return tuple((packed >> (4 * place)) & 15 for place in range(periods)) if packed else ()


class LoanEvents(Handlers):
    """The events of one batch that are about loans."""

    def _LoanDrawn(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        line = self.batch.facility(event, given["facilityId"])
        product = self.batch.terms_of(line.product_id, line.version)
        terms = LoanTerms(
            style=Style(given["style"]),
            start_day=given["startDay"],
            annual_rate=line.annual_rate,
            periods=given["periods"],
            due_day=given["dueDay"],
            day_count=product["dayCount"],
            penalty_multiple=product["penaltyMultiple"],
            grace_days=product["graceDays"],
            early_fee=product["earlyFee"],
            penalty_on_interest=product["penaltyOnInterest"],
            same_day_interest=product["sameDayInterest"],
            shifts=shifts_of(given["shifts"], given["periods"]),
        )
        amount, block = given["amount"], event.block_number
        row = LoanRow(
            loan_id=given["loanId"],
            facility_id=line.facility_id,
            product_id=line.product_id,
            lender=line.lender,
            borrower=line.borrower,
            entruster=line.entruster,
            currency=line.currency,
            status="Running",
            cover=COVER[product["cover"]],
            cover_id=given["coverId"] or None,
            drawn=amount,
            outstanding=amount,
            start_day=given["startDay"],
            last_due_day=0,
            oldest_unpaid_day=0,
            marked_overdue=0,
            loss=0,
            loss_covered=0,
            lost_days=0,
            stopped_day=None,
            stops_json="[]",
            state_json="",
            created_block=block,
            changed_block=block,
        )
        row.keep(Loan.opened(terms, principal=amount))
        self.batch.lent.add(row)
        line.outstanding += amount
        line.drawn += amount
        details = {"reserveShare": given["reserveShare"], "terms": msgspec.to_builtins(terms)}
        self.batch.entry(event, row, "drawn", given["startDay"], details=details)

    def _LoanRepaid(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row, loan = self._rolled(event, given["loanId"])
        said = Parts(**{name: given["parts"][name] for name in PARTS})
        found, left = loan.pay(said.total)
        if row.own_day(self.batch.day(event)) != given["day"]:
            raise TwinDiffers(f"loan {row.loan_id}: its day is not {given['day']}")
        if left or found != said or loan.outstanding != given["outstanding"]:
            raise TwinDiffers(f"loan {row.loan_id}, day {given['day']}: {found} is not {said}")
        row.keep(loan)
        self.batch.facility(event, row.facility_id).outstanding -= said.principal
        if not (loan.past_principal or loan.past_interest) and row.status == "Running":
            row.marked_overdue = 0
        self.batch.entry(event, row, "repaid", given["day"], parts=said, payer=given["payer"])

    def _LoanEnded(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.batch.row(event, given["loanId"])
        row.status, row.marked_overdue = "Repaid", 0

    def _LoanExtended(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row, loan = self._rolled(event, given["loanId"])
        day = row.own_day(self.batch.day(event))
        shifts = shifts_of(given["shifts"], given["periods"])
        if loan.terms.monthly:
            loan.extend(given["periods"], shifts=shifts)
        else:
            loan.terms = replace(loan.terms, due_day=given["dueDay"], shifts=shifts)
        row.oldest_unpaid_day = 0
        row.keep(loan)
        self.batch.entry(
            event, row, "extended", day, details={"terms": msgspec.to_builtins(loan.terms)}
        )

    def _LoanInInstalments(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row, loan = self._rolled(event, given["loanId"])
        day = row.own_day(self.batch.day(event))
        terms = replace(
            loan.terms,
            style=Style.EQUAL_INSTALMENT,
            start_day=given["startDay"],
            periods=given["periods"],
            same_day_interest=False,
            shifts=shifts_of(given["shifts"], given["periods"]),
        )
        fresh = Loan.opened(terms, principal=loan.balance)
        fresh.costs = loan.costs
        row.oldest_unpaid_day = 0
        row.keep(fresh)
        self.batch.entry(
            event, row, "instalments", day, details={"terms": msgspec.to_builtins(terms)}
        )

    def _CostsCharged(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row, loan = self._rolled(event, given["loanId"])
        day = row.own_day(self.batch.day(event))
        loan.costs += given["amount"]
        row.keep(loan)
        details = {"amount": given["amount"], "papersHash": given["papersHash"]}
        self.batch.entry(event, row, "costs", day, details=details)

    def _LoanOverdue(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.batch.row(event, given["loanId"])
        row.marked_overdue = 1
        self.batch.entry(event, row, "overdue", given["day"])

    def _LoanDefaulted(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row, loan = self._rolled(event, given["loanId"])
        loan.accelerate(given["day"])
        row.status = "Defaulted"
        row.keep(loan)
        self.batch.entry(event, row, "defaulted", given["day"])

    def _LoanLossRecorded(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.batch.row(event, given["loanId"])
        row.loss, row.loss_covered = given["loss"], given["covered"]
        details = {name: given[name] for name in ("fromDeposit", "loss", "covered")}
        day = row.own_day(self.batch.day(event))
        self.batch.entry(event, row, "loss", day, details=details)

    def _LoanWrittenOff(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.batch.row(event, given["loanId"])
        row.status = "WrittenOff"
        self.batch.entry(event, row, "written-off", given["day"])

    def _CoverPassed(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.batch.row(event, given["loanId"])
        row.cover, row.cover_id = "claim", given["claimId"]
        day = row.own_day(self.batch.day(event))
        details = {"orderId": given["orderId"], "claimId": given["claimId"]}
        self.batch.entry(event, row, "cover-passed", day, details=details)

    def _CurrencyStopped(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        if event.contract == "Facilities":
            day = day_at(given["stoppedAt"], zone_offset=self.batch.zone_offset)
            for row in self._open(given["currency"]):
                row.stop(day)

    def _CurrencyMoves(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        if event.contract == "Facilities":
            for row in self._open(given["currency"]):
                row.move_on(given["daysLost"])

    def _open(self, currency: str) -> list[LoanRow]:
        rows = self.batch.lent.values()
        return [row for row in rows if row.currency == currency and row.status != "Repaid"]

    def _rolled(self, event: DecodedEvent, loan_id: int) -> tuple[LoanRow, Loan]:
        row = self.batch.row(event, loan_id)
        loan = row.state()
        loan.roll(row.own_day(self.batch.day(event)))
        return row, loan
