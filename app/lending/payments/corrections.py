"""Recorded payments: from which day they count, and how they are reversed, moved and paid back."""

from __future__ import annotations

import datetime
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.chain.evm.hashing import keccak
from app.chain.outbox.operation import Operation
from app.domain import postings
from app.domain.calendar import date_of, day_of
from app.domain.postings import Posting, PostingKind
from app.errors import BadInput, Conflict, NotFound
from app.gateway.approvals import Approval, cash_approval
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, SideWrites, change_for
from app.gateway.gateway import Gateway
from app.gateway.money import Money, minor
from app.gateway.read_as_of import business_day, moment
from app.lending import access, commands, histories
from app.lending import repository as lending
from app.lending.payments import repository
from app.lending.payments.repository import BankEntryRow
from app.lending.payments.schemas import EntryMove
from app.lending.rows import History, LoanRow

REVERSE, MOVE, REFUND = "reverse-payment", "move-payment", "refund-overpayment"
_NO_REFERENCE = "0x" + bytes(32).hex()
_REFERENCE_BITS = 136


def bank_reference(reference: str) -> str:
    """The hash by which the ledger knows a bank's reference."""
    return "0x" + keccak(reference.encode()).hex()


async def _days_of(gateway: Gateway, row: LoanRow) -> tuple[int, int]:
    """Today, and the first calendar day from which a payment on the loan can count."""
    now, _ = await gateway.storage.read(moment)
    today = business_day(gateway, now)
    return today, row.calendar_day(max(row.history().from_day, row.start_day), today)


async def chosen_date(
    gateway: Gateway, row: LoanRow, entry: BankEntryRow, date: datetime.date | None
) -> datetime.date:
    """The date from which an entry counts: the bank's value date, or a later one.

    At the latest it is the booking date, or the first day from which it can count on this loan.

    Raises:
        BadInput: the date that was chosen is not within these.
    """
    earliest = repository.value_date(entry, gateway.sealer)
    if date is None:
        return earliest
    _, first_day = await _days_of(gateway, row)
    booked_on = datetime.date.fromisoformat(entry.booked_on)
    latest = max(earliest, booked_on, date_of(first_day))
    if not earliest <= date <= latest:
        raise BadInput(
            f"the value date {date} of entry {entry.reference} is not from {earliest} to {latest}",
            name="value-date-out-of-range",
            field="valueDate",
            fix="leave valueDate out: the bank's own counts",
        )
    return date


async def value_day(gateway: Gateway, row: LoanRow, date: datetime.date) -> int:
    """The loan's own day of a value date.

    Raises:
        BadInput: it is before the draw, before the last change of terms, or in the future.
    """
    today, first_day = await _days_of(gateway, row)
    if not first_day <= day_of(date) <= today:
        raise BadInput(
            f"the value date {date} is not from {date_of(first_day)} to {date_of(today)}",
            name="value-date-out-of-range",
            field="valueDate",
            fix="give a day since the draw, or since the last change of the loan's terms",
        )
    return row.own_day_of(day_of(date))


class Correction(TypedDict):
    """What the borrower signs for a correction: the struct of Facilities."""

    loanId: int
    posting: int
    toLoanId: int
    valueDay: int
    reasonHash: str
    deadline: int
    nonce: int


class Recorded:
    """A recorded payment: the loan on which it is posted now, and its posting."""

    def __init__(self, row: LoanRow, posting: Posting) -> None:
        self.row = row
        self.posting = posting


def recorded(connection: Connection, entry: BankEntryRow) -> Recorded | None:
    """The posting of an entry; None if the entry is not recorded, or was reversed."""
    if entry.operation_id is None:
        return None
    reference = int(bank_reference(entry.reference), 16) >> (256 - _REFERENCE_BITS)
    loan_id = repository.repaid_loan(connection, entry.operation_id)
    visited: set[int] = set()
    while loan_id is not None and loan_id not in visited:
        visited.add(loan_id)
        row = lending.loan(connection, loan_id)
        if row is None:
            return None
        for posting in row.history().postings:
            if _is_of(posting, entry, reference):
                return Recorded(row, posting)
        loan_id = _moved_to(connection, loan_id, entry, reference)
    return None


def _is_of(posting: Posting, entry: BankEntryRow, reference: int) -> bool:
    return (
        posting.kind is PostingKind.RECORDED
        and posting.amount == entry.amount
        and posting.reference == reference
    )


def _moved_to(
    connection: Connection, loan_id: int, entry: BankEntryRow, reference: int
) -> int | None:
    for row in reversed(lending.entries(connection, loan_id)):
        if row.kind != "moved":
            continue
        details = json.loads(row.details_json)
        kind, _, amount, _, known = details["posting"]
        posting = Posting(PostingKind(kind), 0, amount, 0, known)
        if "toLoanId" in details and _is_of(posting, entry, reference):
            return int(details["toLoanId"])
    return None


def _lends(account: str, row: LoanRow) -> bool:
    return account == (row.entruster or row.lender)


def reversals(
    connection: Connection, entries: Sequence[BankEntryRow], *, lender: str, reason: str
) -> list[NewOperation]:
    """The operations that reverse the recorded ones of several entries, in this order.

    Payments on loans that the lender sold meanwhile are their new lenders' to reverse.
    """
    expected: dict[int, History] = {}
    operations: list[NewOperation] = []
    for entry in entries:
        payment = recorded(connection, entry)
        if payment is None or not _lends(lender, payment.row):
            continue
        row = payment.row
        history = expected.get(row.loan_id) or row.history()
        if payment.posting not in history.postings:
            continue
        terms = _terms(payment, reason=reason)
        operations.append(_operation(terms, history, None))
        rest = postings.without(history.postings, payment.posting)
        expected[row.loan_id] = History(history.from_day, history.start, rest)
    return operations


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


def _operation(terms: Correction, history: History, to_history: History | None) -> NewOperation:
    kind = MOVE if terms["toLoanId"] else REVERSE
    arguments = arguments_of(terms, history, to_history, signature="0x")
    subject = subject_of(terms)
    return NewOperation(kind, commands.CONTRACT, "correctPayment", arguments, subject)


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
    return await _change(command, terms)


async def move(command: Command, identifier: str, request: EntryMove) -> Change:
    """Moves a recorded payment to another loan, or to another value date.

    Raises:
        NotFound, BadInput, Conflict.
    """
    _, terms = await move_terms(command, identifier, request)
    return await _change(command, terms)


async def _change(command: Command, terms: Correction) -> Change:
    history, to_history = await histories_of(command.gateway, terms)
    side_writes = if_free(None, terms, history, to_history)
    return await change_for(
        command, _operation(terms, history, to_history), side_writes=side_writes
    )


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


async def refund(command: Command, loan_id: int, money: Money, reference: str | None) -> Change:
    """Pays back to the borrower what was posted on a loan and is not owed.

    Args:
        reference: the bank's, if the money went back outside the ledger; None: it moves now.

    Raises:
        NotFound, BadInput.
    """
    gateway, lender = command.gateway, command.caller.acting()
    row = await access.loan(gateway, command.caller, loan_id)
    if lender != (row.entruster or row.lender):
        raise NotFound(f"this party does not lend loan {loan_id}", name="loan-unknown")
    currency = gateway.currency_at(row.currency)
    amount = minor(money, field="amount", currency=currency)
    overpaid = row.history().overpaid
    if amount > overpaid:
        raise BadInput(
            f"{amount} minor units are more than the {overpaid} that are not owed",
            name="refund-too-big",
            field="amount",
            fix="give at most what is overpaid",
        )
    approvals: tuple[Approval, ...] = ()
    if reference is None:
        approvals = (
            cash_approval(
                gateway,
                currency=currency,
                owner=lender,
                spender=commands.CONTRACT,
                amount=amount,
            ),
        )
    arguments = [loan_id, amount, _NO_REFERENCE if reference is None else bank_reference(reference)]
    new_operation = NewOperation(
        REFUND, commands.CONTRACT, "refundOverpayment", arguments, {"loanId": loan_id}, approvals
    )
    return await change_for(command, new_operation)


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
        if payment is None or not _lends(lender, payment.row):
            return None, None
        return entry, payment

    entry, payment = await command.gateway.storage.read(find)
    if entry is None:
        raise NotFound(f"there is no entry {identifier}", name="entry-unknown")
    if payment is not None and not _lends(lender, payment.row):
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
