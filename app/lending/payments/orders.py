"""Orders to pay loans out through the lender's bank: each loan once."""

from __future__ import annotations

import datetime
import hashlib
import time
from collections.abc import Sequence

from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.domain.calendar import date_of, day_at
from app.errors import BadInput, Conflict, NotFound
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.naming import state_name
from app.lending import access
from app.lending.payments import sepa
from app.lending.payments.messages import Transfer, pain001
from app.lending.payments.references import new_end_to_end_id
from app.lending.payments.schemas import NewPayOuts
from app.lending.payments.sides import sides_of
from app.lending.rows import LoanRow
from app.parties.registry import repository as parties
from app.storage import run


async def pay_outs(gateway: Gateway, caller: Caller, wanted: NewPayOuts) -> bytes:
    """A pain.001 for loans of the caller's own money, kept: the same request gives the same message
    again, and no other request gives one for the same loans.

    Raises:
        NotFound, BadInput: not the lender's, a loan twice, several currencies, or a day past.
        Conflict: a loan was ordered to be paid out before, or does not run any more.
    """
    account = caller.acting()
    numbers = [one.loanId for one in wanted.payOuts]
    if len(set(numbers)) < len(numbers):
        raise BadInput("a loan stands twice", field="payOuts", fix="name each loan once")
    today = date_of(day_at(int(time.time()), zone_offset=gateway.zone_offset))
    if wanted.executionDate < today:
        raise BadInput(
            f"{wanted.executionDate} is past", field="executionDate", fix=f"give {today} or later"
        )
    rows = [await access.loan(gateway, caller, number) for number in numbers]
    for place, row in enumerate(rows):
        if account != (row.entruster or row.lender):
            raise NotFound(
                f"loan {row.loan_id} is not lent by this party",
                name="loan-unknown",
                field=f"payOuts.{place}.loanId",
            )
    if len({row.currency for row in rows}) > 1:
        raise BadInput(
            "the loans are not of one currency", field="payOuts", fix="one order each currency"
        )
    accounts = {account, *(row.borrower for row in rows)}
    names = await gateway.storage.read(lambda connection: parties.names(connection, accounts))
    currency = gateway.currency_at(rows[0].currency)
    debtor, creditors = sides_of(
        wanted,
        currency=currency,
        lender=_name(names, account),
        borrowers=[_name(names, row.borrower) for row in rows],
    )
    if currency == sepa.CURRENCY:
        for place, row in enumerate(rows):
            sepa.require_amount(row.drawn, field=f"payOuts.{place}.loanId")
    request_hash = hashlib.sha256(wanted.model_dump_json().encode()).hexdigest()
    message_id = new_id().replace("-", "")

    def write(connection: Connection) -> bytes:
        known = _known(connection, lender=account, request_hash=request_hash)
        if known is not None:
            return gateway.sealer.open(known[1], about=_about(known[0]))
        _require_running(rows)
        _require_unordered(connection, wanted)
        transfers = [
            Transfer(row.loan_id, creditor, row.drawn, new_end_to_end_id(row.loan_id))
            for row, creditor in zip(rows, creditors, strict=True)
        ]
        content = pain001(
            message_id=message_id,
            created=datetime.datetime.now(datetime.UTC),
            on=wanted.executionDate,
            debtor=debtor,
            transfers=transfers,
            currency=currency,
        )
        sealed = gateway.sealer.seal(content, about=_about(message_id))
        _keep(
            connection,
            wanted,
            transfers,
            lender=account,
            message_id=message_id,
            request_hash=request_hash,
            sealed=sealed,
        )
        return content

    return await gateway.storage.write(write)


def sent_by(connection: Connection, lender: str, names: Sequence[str]) -> set[str]:
    """Which of these end-to-end ids are of the lender's own pay-outs.

    A loan's bare name, which orders of old versions used, is the payer's too and does not count.
    """
    found: set[str] = set()
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
            found.add(name)
    return found


def _about(message_id: str) -> str:
    return f"pay-out order {message_id}"


def _known(connection: Connection, *, lender: str, request_hash: str) -> tuple[str, bytes] | None:
    """The order that this very request gave, unless another one replaced it."""
    row = run(
        connection,
        "SELECT message_id, sealed FROM pay_out_orders "
        "WHERE lender = ? AND request_hash = ? AND replaced_by IS NULL",
        (lender, request_hash),
    ).first()
    return None if row is None else (str(row[0]), bytes(row[1]))


def _require_running(rows: Sequence[LoanRow]) -> None:
    """What was repaid, written off or called in is not paid out any more."""
    for place, row in enumerate(rows):
        if row.status != "Running":
            raise Conflict(
                f"loan {row.loan_id} is {state_name(row.status)}, only a running one is paid out",
                name="loan-not-running",
                field=f"payOuts.{place}.loanId",
                fix="leave the loan out",
            )


def _require_unordered(connection: Connection, wanted: NewPayOuts) -> None:
    """No loan stands in an order but the one that this replaces.

    A loan of an order that another one replaced without it stands in that order still.
    """
    for place, one in enumerate(wanted.payOuts):
        standing = run(
            connection,
            "SELECT message_id FROM pay_outs WHERE loan_id = ? AND replaced_by IS NULL",
            (one.loanId,),
        ).scalar()
        if standing is not None and standing != wanted.replaces:
            raise Conflict(
                f"loan {one.loanId} was ordered to be paid out before, by message {standing}",
                name="pay-out-ordered",
                field=f"payOuts.{place}.loanId",
                fix="send the same request for the same message; or name the order in `replaces`, "
                "once the bank says that it did not carry it out",
                messageId=standing,
            )


def _keep(
    connection: Connection,
    wanted: NewPayOuts,
    transfers: Sequence[Transfer],
    *,
    lender: str,
    message_id: str,
    request_hash: str,
    sealed: bytes,
) -> None:
    if wanted.replaces is not None:
        run(
            connection,
            "UPDATE pay_out_orders SET replaced_by = ? WHERE message_id = ? AND lender = ?",
            (message_id, wanted.replaces, lender),
        )
        replaced = 0
        for one in transfers:
            replaced += run(
                connection,
                "UPDATE pay_outs SET replaced_by = ? WHERE message_id = ? AND loan_id = ? "
                "AND replaced_by IS NULL AND message_id IN "
                "(SELECT message_id FROM pay_out_orders WHERE lender = ?)",
                (message_id, wanted.replaces, one.loan_id, lender),
            ).rowcount
        if not replaced:
            raise BadInput(
                f"none of the loans stands in an order {wanted.replaces}",
                field="replaces",
                fix="give the MsgId of an order of yours in which one of these loans stands",
            )
    run(
        connection,
        "INSERT INTO pay_out_orders (message_id, lender, request_hash, sealed, created_at) "
        "VALUES (?, ?, ?, ?, ?)",
        (message_id, lender, request_hash, sealed, time.time()),
    )
    for one in transfers:
        run(
            connection,
            "INSERT INTO pay_outs (message_id, loan_id, end_to_end_id) VALUES (?, ?, ?)",
            (message_id, one.loan_id, one.end_to_end_id),
        )


def _name(names: dict[str, tuple[str, str]], account: str) -> str:
    return names.get(account, ("", account))[1]
