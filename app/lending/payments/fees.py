"""The administering bank's fee on what a correction adds to the interest of an entrusted loan."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from app.domain import postings
from app.domain.postings import HistoryInvalid, Posting
from app.domain.repayment import WHOLE
from app.gateway.approvals import Approval, cash_approval
from app.gateway.gateway import Gateway
from app.lending import commands
from app.lending import repository as lending
from app.lending.payments.terms import Correction
from app.lending.rows import History, LoanRow


async def fee_approvals(gateway: Gateway, terms: Correction) -> tuple[Approval, ...]:
    """What an entruster must have approved before its payment is corrected; none where no fee is.

    If less interest was earned than before, the two settle outside the ledger.
    """

    def find(connection: Connection) -> tuple[LoanRow | None, int]:
        removed = Posting.of_word(int(terms["posting"]))
        moved = removed.moved_to(terms["valueDay"]) if terms["toLoanId"] else None
        row = lending.loan(connection, terms["loanId"])
        if row is None:
            return None, 0
        if moved is None or terms["toLoanId"] == row.loan_id:
            return row, _fee_down(connection, row, removed=removed, added=moved)
        to_row = lending.loan(connection, terms["toLoanId"])
        fee = _fee_down(connection, row, removed=removed, added=None)
        if to_row is not None:
            fee += _fee_down(connection, to_row, removed=None, added=moved)
        return row, fee

    row, fee = await gateway.storage.read(find)
    if row is None or fee == 0:
        return ()
    return (
        cash_approval(
            gateway,
            currency=gateway.currency_at(row.currency),
            owner=row.entruster or row.lender,
            spender=commands.CONTRACT,
            amount=fee,
        ),
    )


def _fee_down(
    connection: Connection, row: LoanRow, *, removed: Posting | None, added: Posting | None
) -> int:
    """The fee on what the loan earns more with this change; twin of LoanRestatement."""
    facility = lending.facility(connection, row.facility_id)
    if row.entruster is None or facility is None:
        return 0
    history = row.history()
    try:
        changed = (
            history.postings if removed is None else postings.without(history.postings, removed)
        )
        if added is not None:
            changed = postings.inserted(changed, added)
        more = _earned(row, history, changed) - _earned(row, history, history.postings)
    except HistoryInvalid:
        return 0  # the ledger refuses it
    return max(more, 0) * facility.administration_fee // WHOLE


def _earned(row: LoanRow, history: History, posted: Sequence[Posting]) -> int:
    """Interest and penalty that these postings pay."""
    start = row.first_state(history)
    last_day = max((posting.value_day for posting in posted), default=start.as_of_day)
    outcome = postings.run(start, posted, today=last_day)
    return sum(parts.interest + parts.penalty for parts in outcome.paid)
