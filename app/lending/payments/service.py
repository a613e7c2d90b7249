"""Repayments that a bank says came in outside the ledger."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.outbox.operation import Operation
from app.errors import BadInput, Conflict, NotFound
from app.gateway.approvals import cash_approval
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Command, Replayed
from app.gateway.execution import Act, act, claim_once
from app.gateway.gateway import Gateway
from app.lending import access, commands
from app.lending.payments import orders, repository
from app.lending.payments.entries import sent_back
from app.lending.payments.reversals import take_back
from app.lending.payments.statements import read_statement


async def notify(command: Command, data: bytes, *, expected: str | None = None) -> Response:
    """Keeps what a bank's notification says came in; an entry that is known is left alone. An entry
    that the bank took back is marked.

    Args:
        expected: the account that must have been credited.

    Raises:
        BadInput.
    """
    command.digest(data if expected is None else data + b" " + expected.encode())
    again = await command.stored()
    if again is not None:
        raise Replayed(again)
    lender, sealer = command.caller.acting(), command.gateway.sealer
    told = await command.gateway.documents.run(read_statement, data)

    def write(connection: Connection) -> Answer:
        sent = orders.sent_by(connection, lender, [one.end_to_end_id for one in told.booked])
        booked = [one for one in told.booked if one.end_to_end_id not in sent]
        back = [sent_back(one) for one in told.booked if one.end_to_end_id in sent]
        added, known = repository.keep(connection, sealer, booked, lender=lender, expected=expected)
        marked = take_back(connection, sealer, told.reversed, lender=lender)
        reversals = [
            repository.undone_view(one, entry_id)
            for one, entry_id in zip(told.reversed, marked, strict=True)
        ]

        def views(identifiers: list[str]) -> list[dict[str, Any]]:
            rows = repository.by_ids(connection, identifiers)
            return [repository.view(row, sealer) for row in rows]

        body = {
            "items": views(added),
            "known": len(known),
            "knownItems": views(known),
            "reversals": reversals,
            "returnedPayOuts": [
                repository.undone_view(one, None) for one in (*told.returned, *back)
            ],
        }
        return Answer(body, 201)

    return await command.carry_out(write)


async def entries(
    gateway: Gateway, caller: Caller, *, before: str | None, limit: int
) -> dict[str, Any]:
    """Entries of the caller's notifications, newest first."""
    lender = caller.acting()
    rows = await gateway.storage.read(
        lambda connection: repository.newest(connection, lender, before=before, limit=limit)
    )
    following = rows[-1].id if len(rows) == limit else None
    return {
        "items": [repository.view(row, gateway.sealer) for row in rows],
        "nextCursor": following,
    }


async def record(
    command: Command, identifier: str, loan_id: int | None, *, any_account: bool = False
) -> Response:
    """The lender's word that a loan was repaid outside: on the ledger it repays itself, so that the
    debt falls and no money moves.

    Args:
        loan_id: for an entry whose payer named no loan.
        any_account: whether an account that the upload did not expect is taken.

    Raises:
        NotFound, BadInput, Conflict.
    """
    gateway, lender = command.gateway, command.caller.acting()

    entry = await gateway.storage.read(
        lambda connection: repository.by_id(connection, lender=lender, identifier=identifier)
    )
    if entry is None:
        raise NotFound(f"there is no entry {identifier}", name="entry-unknown")
    _require_kept(entry)
    if not any_account:
        _require_expected(repository.view(entry, gateway.sealer))
    named = entry.loan_id or loan_id
    if named is None:
        raise BadInput(
            "the payer named no loan", field="loanId", fix="say which loan it is to repay"
        )
    if entry.loan_id is not None and loan_id not in (None, entry.loan_id):
        raise BadInput(f"the payer named loan {entry.loan_id}", field="loanId")
    row = await access.loan(gateway, command.caller, named)
    if lender != (row.entruster or row.lender):
        raise NotFound(f"loan {named} is not lent by this party", name="loan-unknown")
    if gateway.currency_at(row.currency) != entry.currency:
        raise BadInput(f"loan {named} is not in {entry.currency}", field="loanId")

    def also(connection: Connection, operation: Operation) -> dict[str, Any]:
        claim_once(
            connection,
            "bank_entries",
            identifier=identifier,
            operation_id=operation.id,
            what="the entry",
        )
        found = repository.by_id(connection, lender=lender, identifier=identifier)
        _require_kept(found)
        return {"entry": repository.view(found, gateway.sealer)}

    subject = {"loanId": named, "bankReference": entry.reference}
    approval = cash_approval(
        gateway,
        currency=entry.currency,
        owner=lender,
        spender=commands.CONTRACT,
        amount=entry.amount,
    )
    arguments = [named, entry.amount]
    wanted = Act("record-repayment", commands.CONTRACT, "repay", arguments, subject, (approval,))
    return await act(command, wanted, also=also)


def _require_expected(shown: dict[str, Any]) -> None:
    """The account is the one that the upload named.

    Raises:
        Conflict.
    """
    if shown.get("accountExpected") is False:
        raise Conflict(
            f"the entry is on account {shown['account']}, which the upload did not expect",
            name="account-unexpected",
            field="anyAccount",
            fix="record nothing; or send `anyAccount: true` if the account is yours",
        )


def _require_kept(entry: Any) -> None:
    """The bank did not take the money back.

    Raises:
        Conflict.
    """
    if entry.reversed_by is not None:
        raise Conflict(
            f"the bank took entry {entry.reference} back, by its entry {entry.reversed_by}",
            name="entry-reversed",
            fix="record nothing; ask the payer to pay again",
        )
