"""Projects corrections: the twin runs the loan anew, and must agree with the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from app.chain.evm.events import DecodedEvent
from app.domain import postings
from app.domain.postings import Posting, PostingKind
from app.lending.batch import Batch, Handlers
from app.lending.loans.projection import TwinDiffers

_STATUSES = ("None", "Running", "Defaulted", "WrittenOff", "Repaid")  # ILoans.Status


class CorrectionEvents(Handlers):
    """The events of one batch that record, correct and pay back payments outside the ledger."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch)
        self._arrived: dict[int, dict[str, Any]] = {}  # by loan, until the loan is restated

    def _PaymentRecorded(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        posting = Posting.recorded(
            arguments["amount"],
            value_day=arguments["valueDay"],
            recorded_day=arguments["recordedDay"],
            bank_reference=arguments["bankReference"],
        )
        history = row.history()
        history.postings = postings.inserted(history.postings, posting)
        row.keep_history(history)
        details = _details(posting)
        self.batch.entry(
            event, row, "recorded", posting.value_day, payer=arguments["recorder"], details=details
        )

    def _PaymentCorrected(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        removed = Posting.of_word(int(arguments["posting"]))
        added = Posting.of_word(int(arguments["newPosting"])) if arguments["newPosting"] else None
        row, to_loan_id = self.batch.row(event, arguments["loanId"]), arguments["toLoanId"]
        history = row.history()
        history.postings = postings.without(history.postings, removed)
        details = {
            **_details(removed),
            "reasonHash": arguments["reasonHash"],
            "signed": arguments["isSigned"],
        }
        if added is not None and to_loan_id == row.loan_id:
            history.postings = postings.inserted(history.postings, added)
            details["newPosting"] = msgspec.to_builtins(added)
        elif added is not None:
            details["toLoanId"] = to_loan_id
            self._arrived[to_loan_id] = {**_details(added), "fromLoanId": row.loan_id}
            to_row = self.batch.row(event, to_loan_id)
            to_history = to_row.history()
            to_history.postings = postings.inserted(to_history.postings, added)
            to_row.keep_history(to_history)
        row.keep_history(history)
        day = row.own_day(self.batch.day(event))
        kind = "reversed" if added is None else "moved"
        self.batch.entry(event, row, kind, day, details=details)

    def _PaymentsRenounced(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        # LoanInInstalments follows, and begins a new history.
        row = self.batch.row(event, arguments["loanId"])
        day = row.own_day(self.batch.day(event))
        loan = row.state()
        loan.roll(day)
        amount, principal = arguments["amount"], arguments["principal"]
        twin = min(amount, row.drawn - loan.balance)
        if twin != principal:
            raise TwinDiffers(
                f"loan {row.loan_id}: of {amount}, {twin} is principal, not {principal}"
            )
        loan.balance += principal
        loan.costs += amount - principal
        row.keep(loan)
        self.batch.facility(event, row.facility_id).outstanding += principal
        details = {"amount": amount, "renouncedPrincipal": principal}
        self.batch.entry(event, row, "renounced", day, details=details)

    def _LoanRestated(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        history = row.history()
        outcome = postings.run(row.first_state(history), history.postings, today=arguments["day"])
        loan, outstanding = outcome.loan, row.outstanding
        twin = (loan.outstanding, loan.payoff.total, outcome.overpaid)
        ledger = tuple(arguments[name] for name in ("outstanding", "payoff", "overpaid"))
        if twin != ledger:
            raise TwinDiffers(
                f"loan {row.loan_id}, day {arguments['day']}: restated as {twin}, not {ledger}"
            )
        history.overpaid = outcome.overpaid
        row.keep_history(history)
        row.status = _STATUSES[arguments["status"]]
        row.oldest_unpaid_day = outcome.oldest_unpaid_day
        row.keep(loan)
        row.oldest_unpaid_day = outcome.oldest_unpaid_day
        self.batch.facility(event, row.facility_id).outstanding += loan.outstanding - outstanding
        overdue = loan.has_past
        if row.status == "Repaid" or (row.status == "Running" and not overdue):
            row.marked_overdue = 0
        if arguments["isUnsecured"]:
            row.collateral, row.collateral_id = "none", None
        details = {
            "status": row.status,
            "unsecured": arguments["isUnsecured"],
            "overpaid": outcome.overpaid,
            **self._arrived.pop(row.loan_id, {}),
        }
        self.batch.entry(event, row, "restated", arguments["day"], details=details)

    def _OverpaymentRefunded(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        loan = row.state()
        loan.roll(arguments["day"])
        history = row.history()
        posting = Posting(PostingKind.REFUNDED, arguments["day"], arguments["amount"])
        history.postings.append(posting)
        history.overpaid = arguments["overpaid"]
        row.keep_history(history)
        row.keep(loan)
        details = {
            "amount": arguments["amount"],
            "overpaid": arguments["overpaid"],
            "bankReference": arguments["bankReference"],
        }
        self.batch.entry(event, row, "refunded", arguments["day"], details=details)


def _details(posting: Posting) -> dict[str, Any]:
    return {"amount": posting.amount, "posting": msgspec.to_builtins(posting)}
