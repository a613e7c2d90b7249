"""Repayments outside the ledger that a bank reports."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from app.chain.outbox.operation import Operation
from app.domain.calendar import date_of
from app.domain.postings import Posting
from app.domain.texts import say
from app.errors import BadInput, Conflict, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.execution import (
    NewOperation,
    claim_once,
    in_custody,
)
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import today_of
from app.lending import access, commands
from app.lending.histories import HistoryArgument
from app.lending.history_parts import change_with_parts
from app.lending.payments import (
    automatic,
    corrections,
    entry_files,
    orders,
    overpaid,
    repository,
    value_dates,
)
from app.lending.payments.camt import read_statement
from app.lending.payments.entries import sent_back
from app.lending.payments.moved_money import recording_approvals
from app.lending.payments.recorded import bank_reference, is_renounced
from app.lending.payments.repository import BankEntryRow
from app.lending.payments.reversals import take_back
from app.lending.payments.schemas import BankEntry, BankEntryPage, Notification


async def notify(command: Command, data: bytes, *, expected: str | None = None) -> Change:
    """Stores the new entries of a bank's message, and marks entries that the bank reversed.

    What was recorded and the bank reversed is reversed on the ledger too, if the gateway signs for
    the lender.

    Args:
        expected: the account that must be credited.

    Raises:
        BadInput.
    """
    lender, sealer = command.caller.acting(), command.gateway.sealer
    message = await command.gateway.documents.run(read_statement, data)
    custody = await in_custody(command.gateway, command.caller)

    def write(connection: Connection) -> Answer:
        names = [entry.end_to_end_id for entry in message.booked]
        sent = orders.sent_by(connection, lender, names)
        booked = [entry for entry in message.booked if entry.end_to_end_id not in sent]
        back = [sent_back(entry) for entry in message.booked if entry.end_to_end_id in sent]
        added, known = repository.store(
            connection, sealer, booked, lender=lender, expected=expected
        )
        marked = take_back(connection, sealer, message.reversed, lender=lender)
        reversals = [
            repository.reversal_view(reversal, entry_id)
            for reversal, entry_id in zip(message.reversed, marked, strict=True)
        ]

        def views(identifiers: list[str]) -> list[BankEntry]:
            rows = repository.by_ids(connection, identifiers)
            return overpaid.views(command.gateway, connection, rows, lender=lender)

        undone: list[Operation] = []
        if custody:
            back_again = [identifier for identifier in marked if identifier is not None]
            rows = repository.by_ids(connection, back_again)
            undone = automatic.reverse_free(connection, command, rows, lender=lender)

        body: Notification = {
            "items": views(added),
            "known": len(known),
            "knownItems": views(known),
            "reversals": reversals,
            "reversalOperationIds": [operation.id for operation in undone],
            "returnedPayOuts": [
                repository.reversal_view(pay_out, None) for pay_out in (*message.returned, *back)
            ],
        }
        return Answer(body, 201)

    return Change(write)


async def entries(
    gateway: Gateway, caller: Caller, *, before: str | None, limit: int
) -> BankEntryPage:
    """Entries of the caller's notifications, newest first."""
    lender = caller.acting()

    def find(connection: Connection) -> BankEntryPage:
        rows = repository.newest(connection, lender, before=before, limit=limit)
        following = rows[-1].id if len(rows) == limit else None
        items = overpaid.views(gateway, connection, rows, lender=lender)
        return {"items": items, "nextCursor": following}

    return await gateway.storage.read(find)


async def entry(gateway: Gateway, caller: Caller, identifier: str) -> BankEntry:
    """One entry of the caller's notifications.

    Raises:
        NotFound.
    """
    lender = caller.acting()

    def find(connection: Connection) -> list[BankEntry]:
        row = repository.by_id(connection, lender=lender, identifier=identifier)
        rows = [] if row is None else [row]
        return overpaid.views(gateway, connection, rows, lender=lender)

    items = await gateway.storage.read(find)
    if not items:
        raise NotFound(
            say("there is no entry {identifier}", identifier=identifier[:80]), name="entry-unknown"
        )
    return items[0]


async def entries_file(
    gateway: Gateway, caller: Caller, *, before: str | None, limit: int
) -> tuple[bytes, str]:
    """A page of entries as a spreadsheet, and the file's name."""
    page = await entries(gateway, caller, before=before, limit=limit)
    content = await gateway.documents.run(entry_files.as_xlsx, page["items"])
    return content, entry_files.name_of(date_of(await today_of(gateway)))


async def record(
    command: Command,
    identifier: str,
    loan_id: int | None,
    *,
    any_account: bool = False,
    value_date: datetime.date | None = None,
) -> Change:
    """Records that a loan was repaid outside the ledger; it counts from its value date.

    No money moves on the ledger, except what the lender owes others for it: the administering
    bank's fee, and after a recorded loss what those who bore it get.

    Args:
        loan_id: for an entry whose payer named no loan.
        any_account: whether to accept an account that the upload did not expect.
        value_date: from which day it counts, if not from the entry's own value date: up to its
            booking date, or to the first day from which it can count on the loan.

    Raises:
        NotFound, BadInput, Conflict.
    """
    gateway, lender = command.gateway, command.caller.acting()

    entry = await gateway.storage.read(
        lambda connection: repository.by_id(connection, lender=lender, identifier=identifier)
    )
    if entry is None:
        raise NotFound(
            say("there is no entry {identifier}", identifier=identifier), name="entry-unknown"
        )
    _require_not_reversed(entry)
    if not any_account:
        _require_expected(repository.view(entry, gateway.sealer))
    repaid_loan_id = entry.loan_id or loan_id
    if repaid_loan_id is None:
        raise BadInput(
            "the payer named no loan", field="loanId", fix="give the loan that it repays"
        )
    if entry.loan_id is not None and loan_id not in (None, entry.loan_id):
        raise BadInput(
            say(
                "the payer named loan {loan_id}, not loan {loan_id_2}",
                loan_id=entry.loan_id,
                loan_id_2=loan_id,
            ),
            field="loanId",
            fix="leave loanId out",
        )
    row = await access.loan(gateway, command.caller, repaid_loan_id)
    if lender != (row.entruster or row.lender):
        raise NotFound(
            say("this party does not lend loan {repaid_loan_id}", repaid_loan_id=repaid_loan_id),
            name="loan-unknown",
        )
    if gateway.currency_at(row.currency) != entry.currency:
        raise BadInput(
            say(
                "loan {repaid_loan_id} is not in {currency}, the currency of the entry",
                repaid_loan_id=repaid_loan_id,
                currency=entry.currency,
            ),
            field="loanId",
            fix=say("name a loan in {currency}", currency=entry.currency),
        )

    def claim_entry(connection: Connection, operation: Operation) -> Mapping[str, Any]:
        before = repository.by_id(connection, lender=lender, identifier=identifier)
        if before is not None and is_renounced(connection, before):
            repository.release(connection, identifier)
        claim_once(
            connection,
            "bank_entries",
            identifier=identifier,
            operation_id=operation.id,
            what="the entry",
        )
        entry_row = repository.by_id(connection, lender=lender, identifier=identifier)
        assert entry_row is not None
        _require_not_reversed(entry_row)
        corrections.require_free(connection, operation, {row.loan_id: row.history()})
        (entry_view,) = overpaid.views(gateway, connection, [entry_row], lender=lender)
        return {"entry": entry_view}

    date = await value_dates.chosen_date(gateway, row, entry, value_date)
    reference = bank_reference(entry.reference)
    payment: dict[str, Any] = {
        "loanId": repaid_loan_id,
        "amount": entry.amount,
        "valueDay": await value_dates.value_day(gateway, row, date),
        "bankReference": reference,
    }
    posting = Posting.recorded(
        entry.amount,
        value_day=payment["valueDay"],
        recorded_day=await today_of(gateway),
        bank_reference=reference,
    )
    approvals = await recording_approvals(gateway, row, posting)

    def recording(arguments: Sequence[HistoryArgument]) -> NewOperation:
        return NewOperation(
            "record-repayment",
            commands.CONTRACT,
            "recordPayment",
            [payment, *arguments],
            {"loanId": repaid_loan_id, "bankReference": entry.reference},
            approvals,
        )

    loan = corrections.arriving(row, posting.value_day, posting.word)
    return await change_with_parts(command, [loan], recording, side_writes=claim_entry)


def _require_expected(view: BankEntry) -> None:
    """Refuses an entry on an account that the upload did not name.

    Raises:
        Conflict.
    """
    if view.get("accountExpected") is False:
        raise Conflict(
            say(
                "the entry is on account {account}, which the upload did not expect",
                account=view["account"],
            ),
            name="account-unexpected",
            field="anyAccount",
            fix="record nothing; or send `anyAccount: true` if the account is yours",
        )


def _require_not_reversed(entry: BankEntryRow) -> None:
    """Refuses an entry that the bank reversed.

    Raises:
        Conflict.
    """
    if entry.reversed_by is not None:
        raise Conflict(
            say(
                "the bank reversed entry {reference} with its entry {reversed_by}",
                reference=entry.reference,
                reversed_by=entry.reversed_by,
            ),
            name="entry-reversed",
            fix="record nothing; ask the payer to pay again",
        )
