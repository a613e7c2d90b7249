"""Orders to the lender's bank to pay out loans: each loan once."""

from __future__ import annotations

import datetime
import hashlib
import time
from collections.abc import Sequence

from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.domain.calendar import date_of
from app.domain.texts import say
from app.errors import BadInput, Conflict, NotFound
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.naming import state_name
from app.gateway.read_as_of import business_day
from app.gateway.views import Names
from app.lending import access
from app.lending.payments import sepa
from app.lending.payments.messages import Transfer, pain001
from app.lending.payments.references import new_end_to_end_id
from app.lending.payments.schemas import NewPayOuts
from app.lending.payments.sides import sides_of
from app.lending.rows import LoanRow
from app.parties.registry import repository as parties
from app.storage import run


async def pay_outs(gateway: Gateway, caller: Caller, request: NewPayOuts) -> bytes:
    """A stored pain.001 for loans of the caller's own money.

    The same request returns the same message again. No other request pays out the same loans.

    Raises:
        NotFound: the caller does not lend one of the loans.
        BadInput: a loan is named twice, the loans have several currencies, or the day is past.
        Conflict: a pay-out of a loan was ordered before, or a loan is no longer running.
    """
    account = caller.acting()
    numbers = [pay_out.loanId for pay_out in request.payOuts]
    if len(set(numbers)) < len(numbers):
        raise BadInput("payOuts names a loan twice", field="payOuts", fix="name each loan once")
    today = date_of(business_day(gateway, int(time.time())))
    if request.executionDate < today:
        raise BadInput(
            say("{execution_date:day} is past", execution_date=request.executionDate),
            field="executionDate",
            fix=say("give {today:day} or later", today=today),
        )
    rows = [await access.loan(gateway, caller, number) for number in numbers]
    for index, row in enumerate(rows):
        if account != (row.entruster or row.lender):
            raise NotFound(
                say("this party does not lend loan {loan_id}", loan_id=row.loan_id),
                name="loan-unknown",
                field=f"payOuts.{index}.loanId",
            )
    if len({row.currency for row in rows}) > 1:
        raise BadInput(
            "the loans have several currencies",
            field="payOuts",
            fix="send one order for each currency",
        )
    accounts = {account, *(row.borrower for row in rows)}
    names = await gateway.storage.read(lambda connection: parties.names(connection, accounts))
    currency = gateway.currency_at(rows[0].currency)
    debtor, creditors = sides_of(
        request,
        currency=currency,
        lender=_name(names, account),
        borrowers=[_name(names, row.borrower) for row in rows],
    )
    if currency == sepa.CURRENCY:
        for index, row in enumerate(rows):
            sepa.require_amount(row.drawn, field=f"payOuts.{index}.loanId")
    request_hash = hashlib.sha256(request.model_dump_json().encode()).hexdigest()
    message_id = new_id().replace("-", "")

    def write(connection: Connection) -> bytes:
        stored = _stored_order(connection, lender=account, request_hash=request_hash)
        if stored is not None:
            return gateway.sealer.open(stored[1], about=_about(stored[0]))
        _require_running(rows)
        _require_unordered(connection, request)
        transfers = [
            Transfer(row.loan_id, creditor, row.drawn, new_end_to_end_id(row.loan_id))
            for row, creditor in zip(rows, creditors, strict=True)
        ]
        content = pain001(
            message_id=message_id,
            created=datetime.datetime.now(datetime.UTC),
            on=request.executionDate,
            debtor=debtor,
            transfers=transfers,
            currency=currency,
        )
        sealed = gateway.sealer.seal(content, about=_about(message_id))
        _store(
            connection,
            request,
            transfers,
            lender=account,
            message_id=message_id,
            request_hash=request_hash,
            sealed=sealed,
        )
        return content

    return await gateway.storage.write(write)


def sent_by(connection: Connection, lender: str, names: Sequence[str]) -> set[str]:
    """Those of these end-to-end ids that name the lender's own pay-outs.

    A loan's bare name does not count: old versions used it in orders, and payers use it too.
    """
    own_names: set[str] = set()
    for name in set(names):
        if "/" not in name:
            continue
        row = run(
            connection,
            "SELECT 1 FROM pay_outs p JOIN pay_out_orders o ON o.message_id = p.message_id "
            "WHERE p.end_to_end_id = ? AND o.lender = ?",
            (name, lender),
        ).first()
        if row is not None:
            own_names.add(name)
    return own_names


def _about(message_id: str) -> str:
    return f"pay-out order {message_id}"


def _stored_order(
    connection: Connection, *, lender: str, request_hash: str
) -> tuple[str, bytes] | None:
    """The order that the same request created, unless another order replaced it."""
    row = run(
        connection,
        "SELECT message_id, sealed FROM pay_out_orders "
        "WHERE lender = ? AND request_hash = ? AND replaced_by IS NULL",
        (lender, request_hash),
    ).first()
    return None if row is None else (str(row.message_id), bytes(row.sealed))


def _require_running(rows: Sequence[LoanRow]) -> None:
    """Refuses loans that are repaid, written off or in default.

    Raises:
        Conflict.
    """
    for index, row in enumerate(rows):
        if row.status != "Running":
            raise Conflict(
                say(
                    "loan {loan_id} is {status:words}; only a running loan is paid out",
                    loan_id=row.loan_id,
                    status=state_name(row.status),
                ),
                name="loan-not-running",
                field=f"payOuts.{index}.loanId",
                fix="leave the loan out",
            )


def _require_unordered(connection: Connection, request: NewPayOuts) -> None:
    """Refuses loans of any order except the one that this order replaces.

    A loan that a replacement leaves out stays in its old order.

    Raises:
        Conflict.
    """
    for index, pay_out in enumerate(request.payOuts):
        message_id = run(
            connection,
            "SELECT message_id FROM pay_outs WHERE loan_id = ? AND replaced_by IS NULL",
            (pay_out.loanId,),
        ).scalar()
        if message_id is not None and message_id != request.replaces:
            raise Conflict(
                say(
                    "message {message_id} already orders the pay-out of loan {loan_id}",
                    message_id=message_id,
                    loan_id=pay_out.loanId,
                ),
                name="pay-out-ordered",
                field=f"payOuts.{index}.loanId",
                fix="send the same request to get the same message; or, if the bank did not carry "
                "the order out, name it in `replaces`",
                messageId=message_id,
            )


def _store(
    connection: Connection,
    request: NewPayOuts,
    transfers: Sequence[Transfer],
    *,
    lender: str,
    message_id: str,
    request_hash: str,
    sealed: bytes,
) -> None:
    if request.replaces is not None:
        run(
            connection,
            "UPDATE pay_out_orders SET replaced_by = ? WHERE message_id = ? AND lender = ?",
            (message_id, request.replaces, lender),
        )
        replaced = 0
        for transfer in transfers:
            replaced += run(
                connection,
                "UPDATE pay_outs SET replaced_by = ? WHERE message_id = ? AND loan_id = ? "
                "AND replaced_by IS NULL AND message_id IN "
                "(SELECT message_id FROM pay_out_orders WHERE lender = ?)",
                (message_id, request.replaces, transfer.loan_id, lender),
            ).rowcount
        if not replaced:
            raise BadInput(
                say("order {replaces} has none of these loans", replaces=request.replaces),
                field="replaces",
                fix="give the MsgId of your own order that has one of these loans",
            )
    run(
        connection,
        "INSERT INTO pay_out_orders (message_id, lender, request_hash, sealed, created_at) "
        "VALUES (?, ?, ?, ?, ?)",
        (message_id, lender, request_hash, sealed, time.time()),
    )
    for transfer in transfers:
        run(
            connection,
            "INSERT INTO pay_outs (message_id, loan_id, end_to_end_id) VALUES (?, ?, ?)",
            (message_id, transfer.loan_id, transfer.end_to_end_id),
        )


def _name(names: Names, account: str) -> str:
    return names.get(account, ("", account, False))[1]
