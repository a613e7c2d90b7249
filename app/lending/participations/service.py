"""Participations: proposed and signed as an agreement; paid; read to the cent."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sqlalchemy import Connection

from app.domain.money import decimal_text
from app.domain.texts import say
from app.errors import BadInput, Conflict, Forbidden
from app.gateway.approvals import cash_approval
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.money import minor, money_view
from app.gateway.read_as_of import deadline, moment
from app.gateway.views import Names, party_view, time_view
from app.lending import access, selling
from app.lending.agreements.kinds import PARTICIPATION
from app.lending.agreements.proposals import propose
from app.lending.agreements.terms import ParticipationTerms
from app.lending.commands import CONTRACT
from app.lending.participations import repository
from app.lending.participations.schemas import (
    MAX_SHARE,
    NewParticipation,
    NewParticipationPayment,
    Participation,
    ParticipationEntry,
    ParticipationPage,
    ParticipationStatement,
)
from app.lending.rows import LoanRow
from app.lending.shares import (
    ParticipationRow,
    ShareEntryRow,
    due_of,
    of_loan,
    proceeds_of,
    shares_of,
)
from app.parties.registry import repository as parties

MAX_PARTICIPATIONS = 8


async def share(command: Command, loan_id: int, request: NewParticipation) -> Change:
    """The lender proposes a share of a loan; the last signature sells it.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway = command.gateway
    row = await access.loan(gateway, command.caller, loan_id)
    _require_lender(command.caller, row)
    rows = await gateway.storage.read(lambda connection: of_loan(connection, loan_id))
    _require_shareable(row, rows, share=request.share)
    participant = await selling.buyer_account(
        *(gateway, row, request.participantPartyId),
        field="participantPartyId",
        words=say("the participant is a side of the loan"),
    )
    terms: ParticipationTerms = {
        "loanId": loan_id,
        "lender": row.lender,
        "participant": participant,
        **(await selling.standing_of(gateway, row)),
        "sharedBefore": sum(row.share for row in rows),
        "share": request.share,
        "price": minor(request.price, field="price", currency=gateway.currency_at(row.currency)),
        "legalTextHash": gateway.legal_text_hash,
        "deadline": await deadline(gateway),
        "nonce": secrets.randbits(63),
    }
    return await propose(
        command,
        PARTICIPATION,
        loan_id,
        currency=row.currency,
        terms=terms,
        signers={"lender": row.lender, "participant": participant},
    )


def _require_lender(caller: Caller, row: LoanRow) -> None:
    words = say("only the lender shares a loan, and no entrusted one is shared")
    selling.require_lender(caller, row, words=words)


def _require_shareable(row: LoanRow, rows: list[ParticipationRow], *, share: int) -> None:
    """Refuses what the contract would refuse.

    Raises:
        BadInput, Conflict.
    """
    words = say("no share of loan {loan} can be sold", loan=row.loan_id)
    selling.require_owed(row, words=words, name="loan-not-shareable")
    if len(rows) >= MAX_PARTICIPATIONS:
        raise Conflict(
            say("loan {loan_id} has {rows} participations", loan_id=row.loan_id, rows=len(rows)),
            name="loan-not-shareable",
        )
    free = MAX_SHARE - sum(row.share for row in rows)
    if share > free:
        raise BadInput(
            say(
                "{share} is more than the {free} parts per million that may still be shared",
                share=share,
                free=free,
            ),
            field="share",
            fix="leave the lender 50000 at least",
        )


async def pay(command: Command, loan_id: int, request: NewParticipationPayment) -> Change:
    """The lender pays participants what it owes them.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    gateway = command.gateway
    row = await access.loan(gateway, command.caller, loan_id)
    _require_lender(command.caller, row)
    currency = gateway.currency_at(row.currency)
    amount = minor(request.amount, field="amount", currency=currency)
    due = await gateway.storage.read(lambda connection: due_of(connection, loan_id))
    if amount > due:
        raise BadInput(
            say(
                "{due} {currency} is due to participants",
                due=decimal_text(due, currency=currency),
                currency=currency,
            ),
            field="amount",
            fix="pay at most that",
        )
    approval = cash_approval(
        gateway, currency=currency, owner=row.lender, spender=CONTRACT, amount=amount
    )
    new_operation = NewOperation(
        *("pay-participants", CONTRACT, "payParticipants", [loan_id, amount]),
        {"loanId": loan_id},
        [approval],
    )
    return await change_for(command, new_operation)


async def statement(gateway: Gateway, caller: Caller, loan_id: int) -> ParticipationStatement:
    """What participants have of a loan: for its lender all, for a participant its own.

    Raises:
        NotFound, Forbidden.
    """
    row = await access.readable_loan(gateway, caller, loan_id)

    def find(connection: Connection) -> ParticipationStatement:
        _, as_of = moment(connection)
        shares = shares_of(connection, row, caller)
        if shares is None:
            raise Forbidden(
                "the lender and its participants read this; you are neither", name="not-participant"
            )
        total = shares.proceeds
        currency = gateway.currency_at(row.currency)
        accounts = {account for item in shares.rows for account in _sides(item)}
        names = parties.names(connection, accounts)
        return {
            "loanId": loan_id,
            "proceeds": money_view(total, currency=currency),
            "shared": shares.shared,
            "due": money_view(shares.due, currency=currency),
            "items": [view(gateway, item, names, {loan_id: total}) for item in shares.rows],
            "entries": [_entry_view(change, currency=currency) for change in shares.entries],
            "asOf": as_of,
        }

    return await gateway.storage.read(find)


async def page(
    gateway: Gateway, caller: Caller, *, loan_id: int | None, before: int | None, limit: int
) -> ParticipationPage:
    """Participations that the caller sold or bought, or all for those who see all."""

    def views(
        connection: Connection, rows: list[ParticipationRow], names: Names
    ) -> list[Participation]:
        totals = proceeds_of(connection, {row.loan_id for row in rows})
        return [view(gateway, row, names, totals) for row in rows]

    request = selling.page_request(caller, loan_id=loan_id, before=before, limit=limit)
    items, listing = await selling.page(
        gateway, request, rows=repository.page, sides=_sides, items=views
    )
    return {"items": items, **listing}


def _sides(row: ParticipationRow) -> tuple[str, ...]:
    return row.lender, row.participant


def view(
    gateway: Gateway, row: ParticipationRow, names: Names, totals: Mapping[int, int]
) -> Participation:
    """A participation as its lender and its participant see it.

    Args:
        totals: the proceeds of loans, in minor units.
    """
    currency = gateway.currency_at(row.currency)
    return {
        "loanId": row.loan_id,
        "place": row.place,
        "lender": party_view(row.lender, names),
        "participant": party_view(row.participant, names),
        "share": row.share,
        "principal": money_view(row.principal, currency=currency),
        "price": money_view(row.price, currency=currency),
        "joinedAt": money_view(row.joined_at, currency=currency),
        "paid": money_view(row.paid, currency=currency),
        "due": money_view(row.due(totals.get(row.loan_id, 0)), currency=currency),
        "legalTextHash": row.legal_text_hash,
        "transactionHash": row.transaction_hash,
        "timestamp": time_view(row.timestamp),
    }


def _entry_view(row: ShareEntryRow, *, currency: str) -> ParticipationEntry:
    return {
        "kind": row.kind,
        "place": row.place,
        "amount": money_view(row.amount, currency=currency),
        "total": money_view(row.total, currency=currency),
        "transactionHash": row.transaction_hash,
        "timestamp": time_view(row.timestamp),
    }
