"""Money that moves with a recording or a correction: the account whose money is lent pays it.

The administering bank of an entrusted loan gets its fee on what is earned more, and those who bore
a loan's loss get what its principal falls by. Participants get what they are due at once if the
loan ends, or if lender and borrower are related by now.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from app.domain import postings
from app.domain.postings import HistoryInvalid, Outcome, Posting
from app.domain.repayment import WHOLE
from app.gateway.approvals import Approval, cash_approval
from app.gateway.gateway import Gateway
from app.lending import commands
from app.lending import repository as lending
from app.lending.payments.terms import Correction
from app.lending.rows import History, LoanRow
from app.lending.shares import due_of


async def correction_approvals(gateway: Gateway, terms: Correction) -> tuple[Approval, ...]:
    """What the lender must have approved before its payment is corrected; none if nothing moves.

    If less interest was earned than before, entruster and bank settle outside the ledger.
    """

    def find(connection: Connection) -> tuple[LoanRow | None, int]:
        removed = Posting.of_word(int(terms["posting"]))
        moved = removed.moved_to(terms["valueDay"]) if terms["toLoanId"] else None
        row = lending.loan(connection, terms["loanId"])
        if row is None:
            return None, 0
        if moved is None or terms["toLoanId"] == row.loan_id:
            return row, _moves(connection, row, removed=removed, added=moved)
        to_row = lending.loan(connection, terms["toLoanId"])
        amount = _moves(connection, row, removed=removed, added=None)
        if to_row is not None:
            amount += _moves(connection, to_row, removed=None, added=moved)
        return row, amount

    row, amount = await gateway.storage.read(find)
    return () if row is None else _approvals(gateway, row, amount)


async def recording_approvals(
    gateway: Gateway, row: LoanRow, posting: Posting
) -> tuple[Approval, ...]:
    """What the lender must have approved before a payment is recorded; none if nothing moves."""
    amount = await gateway.storage.read(
        lambda connection: _moves(connection, row, removed=None, added=posting)
    )
    return _approvals(gateway, row, amount)


def _approvals(gateway: Gateway, row: LoanRow, amount: int) -> tuple[Approval, ...]:
    if amount == 0:
        return ()
    return (
        cash_approval(
            gateway,
            currency=gateway.currency_at(row.currency),
            owner=row.entruster or row.lender,
            spender=commands.CONTRACT,
            amount=amount,
        ),
    )


def _moves(
    connection: Connection, row: LoanRow, *, removed: Posting | None, added: Posting | None
) -> int:
    """Minor units that move with this change, at most.

    Twin of LoanRestatement, LossCorrections and LoanProceeds. What participants are due may move or
    not: the ledger knows who is related, and what of the money is not owed.
    """
    shared = due_of(connection, row.loan_id, coming=0 if added is None else added.amount)
    return shared + _moves_to_others(connection, row, removed=removed, added=added)


def _moves_to_others(
    connection: Connection, row: LoanRow, *, removed: Posting | None, added: Posting | None
) -> int:
    """What moves to an administering bank, and to those who bore a loss."""
    if row.entruster is None and not row.loss:
        return 0
    facility = lending.facility(connection, row.facility_id)
    history = row.history()
    try:
        changed = (
            history.postings if removed is None else postings.without(history.postings, removed)
        )
        if added is not None:
            changed = postings.inserted(changed, added)
        before, after = _run(row, history, history.postings), _run(row, history, changed)
    except HistoryInvalid:
        return 0  # the ledger refuses it
    fee = 0
    if row.entruster is not None and facility is not None:
        more = max(_earned(after) - _earned(before), 0)
        fee = more * facility.administration_fee // WHOLE
    recovered = before.loan.outstanding - after.loan.outstanding if row.loss else 0
    return fee + max(recovered, 0)


def _run(row: LoanRow, history: History, posted: Sequence[Posting]) -> Outcome:
    start = row.first_state(history)
    last_day = max((posting.value_day for posting in posted), default=start.as_of_day)
    return postings.run(start, posted, today=last_day)


def _earned(outcome: Outcome) -> int:
    """Interest and penalty that the postings pay."""
    return sum(parts.interest + parts.penalty for parts in outcome.paid)
