"""Repayments that a bank says came in outside the ledger."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.operation import Operation, new_id
from app.errors import BadInput, Conflict, NotFound
from app.financing import service as financing
from app.http.acting import Act, act, claim_once
from app.http.approvals import cash_approval
from app.http.callers import Caller
from app.http.commands import Answer, Command, Replayed
from app.http.gateway import Gateway
from app.http.money import money_view
from app.payments.messages import Booked, camt054
from app.storage import run

_STATES = {
    "accepted": "under-way",
    "submitted": "under-way",
    "included": "recorded",
    "final": "recorded",
}
_AT_ONCE = 500
_SELECT = (
    "SELECT b.id, b.reference, b.loan_id, b.currency, b.amount, b.booked_on, o.state, "
    "b.operation_id FROM bank_entries b LEFT JOIN operations o ON o.id = b.operation_id "
)


async def notify(command: Command, data: bytes) -> Response:
    """Keeps what a bank's notification says came in; an entry that is known is left alone.

    Raises:
        BadInput.
    """
    command.digest(data)
    again = await command.stored()
    if again is not None:
        raise Replayed(again)
    lender = command.caller.acting()
    booked = await command.gateway.documents.run(camt054, data)

    def write(connection: Connection) -> Answer:
        added: list[str] = []
        known: list[str] = []
        for one in booked:
            (added if _add(connection, lender, one) else known).append(one.reference)
        body = {
            "items": _entries(connection, lender, added),
            "known": len(known),
            "knownItems": _entries(connection, lender, known),
        }
        return Answer(body, 201)

    return await command.carry_out(write)


def _entries(
    connection: Connection, lender: str, references: Sequence[str]
) -> list[dict[str, Any]]:
    """Entries by their references, in the order in which they were kept."""
    rows: list[Any] = []
    for start in range(0, len(references), _AT_ONCE):
        part = references[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(part))
        where = f"WHERE b.lender = ? AND b.reference IN ({marks})"
        rows += run(connection, _SELECT + where, (lender, *part))
    return [_view(row) for row in sorted(rows, key=lambda row: str(row[0]))]


def _add(connection: Connection, lender: str, one: Booked) -> bool:
    known = run(
        connection,
        "SELECT currency, amount FROM bank_entries WHERE lender = ? AND reference = ?",
        (lender, one.reference),
    ).first()
    if known is not None:
        if tuple(known) != (one.currency, one.amount):
            raise Conflict(
                f"the bank's reference {one.reference} stood for another amount before",
                name="reference-reused",
                field="file.AcctSvcrRef",
            )
        return False
    run(
        connection,
        "INSERT INTO bank_entries (id, lender, reference, loan_id, currency, amount, booked_on, "
        "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(new_id(), lender, one.reference, one.loan_id, one.currency, one.amount),
            *(one.booked_on.isoformat(), time.time()),
        ),
    )
    return True


async def entries(
    gateway: Gateway, caller: Caller, *, before: str | None, limit: int
) -> dict[str, Any]:
    """Entries of the caller's notifications, newest first."""

    def find(connection: Connection) -> dict[str, Any]:
        wheres, values = ["b.lender = ?"], [caller.acting()]
        if before is not None:
            wheres.append("b.id < ?")
            values.append(before)
        where = f"WHERE {' AND '.join(wheres)} ORDER BY b.id DESC LIMIT ?"
        rows = list(run(connection, _SELECT + where, (*values, limit)))
        following = rows[-1][0] if len(rows) == limit else None
        return {"items": [_view(row) for row in rows], "nextCursor": following}

    return await gateway.storage.read(find)


async def record(command: Command, identifier: str, loan_id: int | None) -> Response:
    """The lender's word that a loan was repaid outside: on the ledger it repays itself, so that the
    debt falls and no money moves.

    Args:
        loan_id: for an entry whose payer named no loan.

    Raises:
        NotFound, BadInput, Conflict.
    """
    gateway, lender = command.gateway, command.caller.acting()

    def find(connection: Connection) -> Any:
        return run(
            connection, _SELECT + "WHERE b.id = ? AND b.lender = ?", (identifier, lender)
        ).first()

    entry = await gateway.storage.read(find)
    if entry is None:
        raise NotFound(f"there is no entry {identifier}", name="entry-unknown")
    named = entry[2] or loan_id
    if named is None:
        raise BadInput(
            "the payer named no loan", field="loanId", fix="say which loan it is to repay"
        )
    if entry[2] is not None and loan_id not in (None, entry[2]):
        raise BadInput(f"the payer named loan {entry[2]}", field="loanId")
    row = await financing.loan(gateway, command.caller, named)
    if lender != (row.entruster or row.lender):
        raise NotFound(f"loan {named} is not lent by this party", name="loan-unknown")
    if gateway.currency_at(row.currency) != entry[3]:
        raise BadInput(f"loan {named} is not in {entry[3]}", field="loanId")

    def also(connection: Connection, operation: Operation) -> dict[str, Any]:
        claim_once(
            connection,
            "bank_entries",
            identifier=identifier,
            operation_id=operation.id,
            what="the entry",
        )
        found = run(connection, _SELECT + "WHERE b.id = ?", (identifier,)).first()
        return {"entry": _view(found)}

    subject = {"loanId": named, "bankReference": entry[1]}
    approval = cash_approval(
        gateway, currency=entry[3], owner=lender, spender=financing.CONTRACT, amount=entry[4]
    )
    arguments = [named, entry[4]]
    wanted = Act("record-repayment", financing.CONTRACT, "repay", arguments, subject, (approval,))
    return await act(command, wanted, also=also)


def _view(row: Any) -> dict[str, Any]:
    return {
        "id": row[0],
        "reference": row[1],
        "loanId": row[2],
        "amount": money_view(row[4], currency=row[3]),
        "bookedOn": row[5],
        "state": _STATES.get(row[6] or "", "waiting"),
        "operationId": row[7],
    }
