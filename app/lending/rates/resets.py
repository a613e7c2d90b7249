"""A reset of a loan's rate: the call, and what it changes in the loan's history."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from app.domain.postings import Posting, PostingKind
from app.gateway.execution import NewOperation
from app.lending.commands import CONTRACT
from app.lending.histories import HistoryArgument
from app.lending.history_parts import HistoryChange, Rerun
from app.lending.rates import repository
from app.lending.rows import Floating, LoanRow


def operation(loan_id: int, arguments: Sequence[HistoryArgument]) -> NewOperation:
    """The operation that resets the rate of a loan, with its history."""
    return NewOperation(
        "reset-rate", CONTRACT, "resetRate", [loan_id, *arguments], {"loanId": loan_id}
    )


def rerun(connection: Connection, row: LoanRow) -> Rerun:
    """The loan with the rate of its reset day inserted; twin of LoanRates.resetRate.

    The ledger reads no history if nothing changed since the reset day, and refuses the reset if the
    rate is late or the loan's rate is fixed.
    """
    floating, day, history = row.floating(), row.next_reset_day, row.history()
    if floating is None or day is None:
        return Rerun(row.loan_id, history, HistoryChange(), is_read=False)
    reference_rate = repository.rate_on(connection, floating.reference, day=day)
    if reference_rate is None or row.state().as_of_day < day:
        return Rerun(row.loan_id, history, HistoryChange(), is_read=False)
    # What both sides signed since the reset day stands: the rate counts from their agreement.
    value_day = max(day, history.from_day)
    rate = Posting(PostingKind.RATE_SET, value_day, _bounded(floating, reference_rate))
    return Rerun(row.loan_id, history, HistoryChange(added=rate.word))


def _bounded(floating: Floating, reference_rate: int) -> int:
    """The loan's rate at a rate of its reference."""
    return min(max(reference_rate + floating.spread, floating.floor), floating.cap)
