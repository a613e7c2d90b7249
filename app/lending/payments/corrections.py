"""Corrections of recorded payments: they are reversed, or move to another loan or value date."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from app.chain.evm.hashing import keccak
from app.chain.outbox.operation import Operation
from app.domain.calendar import date_of
from app.errors import BadInput, Conflict, NotFound
from app.gateway.approvals import Approval
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, SideWrites, change_for
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import business_day, moment
from app.lending import access, commands, histories
from app.lending import repository as lending
from app.lending.payments import repository
from app.lending.payments.moved_money import correction_approvals
from app.lending.payments.recorded import Recorded, recorded
from app.lending.payments.repository import BankEntryRow
from app.lending.payments.schemas import EntryMove
from app.lending.payments.terms import Correction
from app.lending.payments.value_dates import value_day
from app.lending.rows import History, LoanRow

REVERSE, MOVE = "reverse-payment", "move-payment"


def reversal(payment: Recorded, history: History, *, reason: str) -> NewOperation:
    """The operation that reverses a recorded payment.

    Args:
        history: what is posted on its loan when the operation runs.
    """
    return _operation(_terms(payment, reason=reason), history, None)


def _terms(
    payment: Recorded, *, reason: str, to_loan_id: int = 0, day: int = 0, deadline: int = 0
) -> Correction:
    return {
        "loanId": payment.row.loan_id,
        "posting": payment.posting.word,
        "toLoanId": to_loan_id,
        "valueDay": day,
        "reasonHash": "0x" + keccak(reason.encode()).hex(),
        "deadline": deadline,
        "nonce": secrets.randbits(63),
    }


def _operation(
    terms: Correction,
    history: History,
    to_history: History | None,
    *,
    approvals: Sequence[Approval] = (),
) -> NewOperation:
    kind = MOVE if terms["toLoanId"] else REVERSE
    arguments = arguments_of(terms, history, to_history, signature="0x")
    subject = subject_of(terms)
    return NewOperation(kind, commands.CONTRACT, "correctPayment", arguments, subject, approvals)


def subject_of(terms: Correction) -> dict[str, int]:
    """The loans that a correction is about, as its operation names them."""
    subject = {"loanId": terms["loanId"]}
    if terms["toLoanId"]:
        subject["toLoanId"] = terms["toLoanId"]
    return subject


def arguments_of(
    terms: Correction, history: History, to_history: History | None, *, signature: str
) -> list[Any]:
    """The arguments of a correction: its terms, the histories, the borrower's signature."""
    to_argument = histories.NOTHING if to_history is None else histories.argument(to_history)
    return [terms, histories.argument(history), to_argument, signature]


async def histories_of(gateway: Gateway, terms: Correction) -> tuple[History, History | None]:
    """What is posted now on the loans of a correction."""

    def find(connection: Connection) -> tuple[History, History | None]:
        row = lending.loan(connection, terms["loanId"])
        assert row is not None
        if terms["toLoanId"] in (0, terms["loanId"]):
            return row.history(), None
        to_row = lending.loan(connection, terms["toLoanId"])
        assert to_row is not None
        return row.history(), to_row.history()

    return await gateway.storage.read(find)


async def reverse(command: Command, identifier: str, reason: str) -> Change:
    """Reverses a recorded payment: the loan is as if it had never come.

    Raises:
        NotFound, Conflict.
    """
    _, terms = await reversal_terms(command, identifier, reason=reason)

    def note(connection: Connection, operation: Operation) -> None:
        repository.note_reversal(connection, identifier, operation_id=operation.id)

    return await _change(command, terms, then=note)


async def move(command: Command, identifier: str, request: EntryMove) -> Change:
    """Moves a recorded payment to another loan, or to another value date.

    Raises:
        NotFound, BadInput, Conflict.
    """
    _, terms = await move_terms(command, identifier, request)
    return await _change(command, terms)


async def _change(command: Command, terms: Correction, *, then: SideWrites | None = None) -> Change:
    history, to_history = await histories_of(command.gateway, terms)
    side_writes = if_free(then, terms, history, to_history)
    approvals = await correction_approvals(command.gateway, terms)
    new_operation = _operation(terms, history, to_history, approvals=approvals)
    return await change_for(command, new_operation, side_writes=side_writes)


def if_free(
    then: SideWrites | None, terms: Correction, history: History, to_history: History | None
) -> SideWrites:
    """Refuses a correction whose loans have another one under way; else does `then`.

    Raises:
        Conflict.
    """
    read = {terms["loanId"]: history}
    if to_history is not None:
        read[terms["toLoanId"]] = to_history

    def write(connection: Connection, operation: Operation) -> Mapping[str, Any] | None:
        require_free(connection, operation, read)
        return None if then is None else then(connection, operation)

    return write


def require_free(connection: Connection, operation: Operation, read: Mapping[int, History]) -> None:
    """Refuses an operation whose histories are not, or will not be, those of the ledger.

    Args:
        read: what was read as posted on each loan of the operation.

    Raises:
        Conflict: another payment or correction on one of the loans is under way.
    """
    busy = repository.loans_under_correction(connection, but=operation.id)
    for loan_id, history in read.items():
        row = lending.loan(connection, loan_id)
        if loan_id in busy or row is None or row.history() != history:
            raise Conflict(
                f"another payment or correction of loan {loan_id} is under way",
                name="correction-under-way",
                fix="send it again once that one is on the ledger",
            )


async def reversal_terms(
    command: Command, identifier: str, *, reason: str, deadline: int = 0
) -> tuple[LoanRow, Correction]:
    """The loan of a recorded payment, and the terms that reverse it.

    Raises:
        NotFound, Conflict.
    """
    payment = await _payment(command, identifier)
    return payment.row, _terms(payment, reason=reason, deadline=deadline)


async def move_terms(
    command: Command, identifier: str, request: EntryMove, *, deadline: int = 0
) -> tuple[LoanRow, Correction]:
    """The loan of a recorded payment, and the terms that move it.

    Raises:
        NotFound, BadInput, Conflict.
    """
    gateway = command.gateway
    payment = await _payment(command, identifier)
    row = to_row = payment.row
    if request.loanId is not None and request.loanId != row.loan_id:
        to_row = await access.loan(gateway, command.caller, request.loanId)
        if command.caller.acting() != (to_row.entruster or to_row.lender):
            raise NotFound(
                f"this party does not lend loan {request.loanId}",
                name="loan-unknown",
                field="loanId",
            )
        if to_row.currency != row.currency:
            raise BadInput(f"loan {request.loanId} is in another currency", field="loanId")
    date = request.valueDate
    if date is None:
        now, _ = await gateway.storage.read(moment)
        today = business_day(gateway, now)
        date = date_of(row.calendar_day(payment.posting.value_day, today))
    day = await value_day(gateway, to_row, date)
    if to_row.loan_id == row.loan_id and day == payment.posting.value_day:
        raise BadInput(
            "the payment is on this loan and counts from this day already",
            field="loanId",
            fix="give another loan or another value date",
        )
    terms = _terms(
        payment, reason=request.reason, to_loan_id=to_row.loan_id, day=day, deadline=deadline
    )
    return row, terms


async def _payment(command: Command, identifier: str) -> Recorded:
    """The recorded payment of an entry of the caller's, or of a loan that the caller bought.

    Raises:
        NotFound, Conflict.
    """
    lender = command.caller.acting()

    def find(connection: Connection) -> tuple[BankEntryRow | None, Recorded | None]:
        entry = repository.by_id(connection, lender=lender, identifier=identifier)
        if entry is not None:
            return entry, recorded(connection, entry)
        entry = repository.of_any_lender(connection, identifier)
        payment = None if entry is None else recorded(connection, entry)
        if payment is None or not payment.is_lent_by(lender):
            return None, None
        return entry, payment

    entry, payment = await command.gateway.storage.read(find)
    if entry is None:
        raise NotFound(f"there is no entry {identifier}", name="entry-unknown")
    if payment is not None and not payment.is_lent_by(lender):
        raise Conflict(
            f"loan {payment.row.loan_id}, on which entry {entry.reference} is recorded, was sold",
            name="loan-sold",
            fix="let its new lender correct the payment: give it the entry's id",
        )
    if payment is None:
        raise Conflict(
            f"entry {entry.reference} is on no loan: it was not recorded, or was reversed",
            name="payment-not-recorded",
            fix="look at the entry's state",
        )
    return payment
