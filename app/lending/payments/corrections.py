"""Corrections of recorded payments: they are reversed, or move to another loan or value date."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import keccak
from app.chain.outbox.operation import Operation
from app.domain.calendar import date_of
from app.domain.postings import Posting
from app.domain.texts import say
from app.errors import BadInput, Conflict, NotFound
from app.gateway.approvals import Approval
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, SideWrites
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import business_day, moment
from app.lending import access, commands, histories
from app.lending import repository as lending
from app.lending.histories import HistoryArgument
from app.lending.history_parts import HistoryChange, Rerun, change_with_parts
from app.lending.payments import repository
from app.lending.payments.moved_money import correction_approvals
from app.lending.payments.recorded import Recorded, recorded
from app.lending.payments.repository import BankEntryRow
from app.lending.payments.schemas import EntryMove
from app.lending.payments.terms import Correction
from app.lending.payments.value_dates import value_day
from app.lending.rows import History, LoanRow

REVERSE, MOVE = "reverse-payment", "move-payment"


class Reversal:
    """The reversal of a recorded payment by the gateway itself."""

    def __init__(self, payment: Recorded, history: History, *, reason: str) -> None:
        """`history` is what is posted on its loan when the reversal runs."""
        self._terms = _terms(payment, reason=reason)
        (loan,) = reruns(self._terms, payment.row, None)
        self.loans = [msgspec.structs.replace(loan, history=history)]

    def operation(self, arguments: Sequence[HistoryArgument]) -> NewOperation:
        """The operation, with the history that it brings along."""
        return _operation(self._terms, arguments)

    @property
    def whole(self) -> NewOperation:
        """The operation that brings the whole history along."""
        return self.operation([histories.argument(loan.history) for loan in self.loans])


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
    arguments: Sequence[HistoryArgument],
    *,
    approvals: Sequence[Approval] = (),
) -> NewOperation:
    kind = MOVE if terms["toLoanId"] else REVERSE
    return NewOperation(
        *(kind, commands.CONTRACT, "correctPayment"),
        arguments_of(terms, arguments, signature="0x"),
        subject_of(terms),
        approvals,
    )


def subject_of(terms: Correction) -> dict[str, int]:
    """The loans that a correction is about, as its operation names them."""
    subject = {"loanId": terms["loanId"]}
    if terms["toLoanId"]:
        subject["toLoanId"] = terms["toLoanId"]
    return subject


def arguments_of(
    terms: Correction, arguments: Sequence[HistoryArgument], *, signature: str
) -> list[Any]:
    """The arguments of a correction: its terms, the histories, the borrower's signature."""
    history, to_history = [*arguments, histories.NOTHING][:2]
    return [terms, history, to_history, signature]


async def reruns_of(gateway: Gateway, terms: Correction) -> list[Rerun]:
    """What is posted now on the loans of a correction, and what changes there.

    Raises:
        ChainError.
    """

    def find(connection: Connection) -> list[Rerun]:
        row = lending.loan(connection, terms["loanId"])
        assert row is not None
        if terms["toLoanId"] in (0, terms["loanId"]):
            return reruns(terms, row, None)
        to_row = lending.loan(connection, terms["toLoanId"])
        assert to_row is not None
        return reruns(terms, row, to_row)

    return await gateway.storage.read(find)


def reruns(terms: Correction, row: LoanRow, to_row: LoanRow | None) -> list[Rerun]:
    """The loans that a correction runs anew.

    Args:
        to_row: the other loan to which the payment moves.
    """
    removed, value_day = int(terms["posting"]), terms["valueDay"]
    moved = Posting.of_word(removed).moved_to(value_day).word if terms["toLoanId"] else 0
    added = 0 if to_row is not None else moved
    leaving = Rerun(
        row.loan_id,
        row.history(),
        HistoryChange(added, removed),
        also_unchanged=row.entruster is not None,
    )
    return [leaving] if to_row is None else [leaving, arriving(to_row, value_day, moved)]


def arriving(row: LoanRow, value_day: int, word: int) -> Rerun:
    """A loan on which a payment is posted anew."""
    return Rerun(
        row.loan_id,
        row.history(),
        HistoryChange(added=word),
        is_read=value_day < row.state().as_of_day,
        also_unchanged=row.entruster is not None,
    )


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
    loans = await reruns_of(command.gateway, terms)
    approvals = await correction_approvals(command.gateway, terms)
    return await change_with_parts(
        command,
        loans,
        lambda arguments: _operation(terms, arguments, approvals=approvals),
        side_writes=if_free(then, loans),
    )


def if_free(then: SideWrites | None, loans: Sequence[Rerun]) -> SideWrites:
    """Refuses a correction whose loans have another one under way; else does `then`.

    Raises:
        Conflict.
    """
    read = {loan.loan_id: loan.history for loan in loans}

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
                say(
                    "another payment or correction of loan {loan_id} is under way", loan_id=loan_id
                ),
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
                say("this party does not lend loan {loan_id}", loan_id=request.loanId),
                name="loan-unknown",
                field="loanId",
            )
        if to_row.currency != row.currency:
            raise BadInput(
                say("loan {loan_id} is in another currency", loan_id=request.loanId), field="loanId"
            )
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
        raise NotFound(
            say("there is no entry {identifier}", identifier=identifier), name="entry-unknown"
        )
    if payment is not None and not payment.is_lent_by(lender):
        raise Conflict(
            say(
                "loan {loan_id}, on which entry {reference} is recorded, was sold",
                loan_id=payment.row.loan_id,
                reference=entry.reference,
            ),
            name="loan-sold",
            fix="let its new lender correct the payment: give it the entry's id",
        )
    if payment is None:
        raise Conflict(
            say(
                "entry {reference} is on no loan: it was not recorded, or was reversed",
                reference=entry.reference,
            ),
            name="payment-not-recorded",
            fix="look at the entry's state",
        )
    return payment
