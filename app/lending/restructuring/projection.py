"""Projects restructurings, waivers and partial write-offs; the twin must agree with the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from app.chain.evm.events import DecodedEvent
from app.domain import relief
from app.domain.draw_terms import shifts_of
from app.domain.loan import AfterPrepayment, LoanTerms, Style
from app.domain.postings import Posting, PostingKind
from app.domain.relief import Relief
from app.lending.batch import Handlers
from app.lending.loans.projection import TwinDiffers
from app.lending.rows import LastRestructuring


class RestructuringEvents(Handlers):
    """The events of one batch by which a lender gives up a part of a loan or of its terms."""

    def _LoanRestructured(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row, day = self.batch.row(event, arguments["loanId"]), arguments["day"]
        loan = row.state()
        loan.roll(day)
        terms, granted = _terms_of(arguments["terms"]), Relief(**arguments["relief"])
        relieved = relief.relieve(loan, granted)
        fresh = relief.begun(terms, relieved, today=day)
        twin = (relieved.relief, relieved.penalty, relieved.interest, fresh.outstanding)
        ledger = (granted, 0, arguments["interestLeft"], arguments["outstanding"])
        if twin != ledger:
            raise TwinDiffers(
                f"loan {row.loan_id}, day {day}: restructured as {twin}, not {ledger}"
            )
        before = row.restructured()
        # Terms after terms in default cure nothing: what the loan was then, it still is.
        in_default = row.status in ("Defaulted", "WrittenOff") or bool(before and before.in_default)
        self.batch.facility(event, row.facility_id).outstanding += (
            fresh.outstanding - loan.outstanding
        )
        row.status, row.marked_overdue, row.oldest_unpaid_day = "Running", 0, 0
        row.keep(fresh)
        # The sides signed a rate: it follows no reference any more.
        row.floating_json = row.next_reset_day = None
        row.begin_history(day)
        last = LastRestructuring(
            day,
            [terms.due_day_of(number) for number in range(1, terms.periods + 1)],
            in_default,
            1 if before is None else before.count + 1,
        )
        row.restructured_json = msgspec.json.encode(last).decode()
        details = {
            "terms": msgspec.to_builtins(terms),
            "relief": msgspec.to_builtins(granted),
            "interestLeft": arguments["interestLeft"],
            "inDefault": in_default,
        }
        self.batch.entry(event, row, "restructured", day, details=details)

    def _LoanWaived(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row, day = self.batch.row(event, arguments["loanId"]), arguments["day"]
        loan = row.state()
        loan.roll(day)
        penalty, interest = arguments["penalty"], arguments["interest"]
        twin = (relief.waive_penalty(loan, penalty), relief.waive_interest(loan, interest))
        if twin != (penalty, interest):
            raise TwinDiffers(
                f"loan {row.loan_id}, day {day}: waived {twin}, not {(penalty, interest)}"
            )
        row.keep(loan)
        if penalty:
            row.post(Posting(PostingKind.WAIVED_PENALTY, day, penalty))
        if interest:
            row.post(Posting(PostingKind.WAIVED_INTEREST, day, interest))
        if not loan.has_past and row.status == "Running":
            row.marked_overdue = 0
        details = {"waivedPenalty": penalty, "waivedInterest": interest}
        self.batch.entry(event, row, "waived", day, details=details)

    def _LoanWrittenOffInPart(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        row.written_off = arguments["writtenOff"]
        details = {"writtenOff": arguments["amount"], "writtenOffInAll": arguments["writtenOff"]}
        self.batch.entry(event, row, "written-off-in-part", arguments["day"], details=details)


def _terms_of(fields: Mapping[str, Any]) -> LoanTerms:
    """The terms as the ledger has them."""
    return LoanTerms(
        style=Style(fields["style"]),
        start_day=fields["startDay"],
        annual_rate=fields["annualRate"],
        periods=fields["periods"],
        due_day=fields["dueDay"],
        day_count=fields["dayCount"],
        penalty_multiple=fields["penaltyMultiple"],
        grace_days=fields["graceDays"],
        early_fee=fields["earlyFee"],
        penalty_on_interest=fields["penaltyOnInterest"],
        same_day_interest=fields["sameDayInterest"],
        shifts=shifts_of(int(fields["shifts"]), fields["periods"]),
        months_per_period=fields["monthsPerPeriod"],
        principal_grace=fields["principalGrace"],
        interest_grace=fields["interestGrace"],
        after_prepayment=AfterPrepayment(fields["afterPrepayment"]),
    )
