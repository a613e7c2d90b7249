"""Requests to quote: a seller asks financiers for offers, and each of them offers or declines.

A request is no promise and nothing of it is on the ledger. It ends by itself as soon as the holder
does anything with the claim, or its debt is disputed, credited or paid by its debtor. What others
pay and anybody collects leaves it open, for the value that is left. `app.market.offers` notes which
request an offer answers.
"""

from __future__ import annotations

import time
from typing import cast

from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.domain.calendar import date_of
from app.domain.party_roles import BITS
from app.domain.texts import say
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.money import minor, money_view
from app.gateway.naming import state_name
from app.gateway.read_as_of import DAY, business_day, moment
from app.gateway.views import Names, party_view, time_view
from app.market.quote_requests import repository
from app.market.quote_requests.repository import FinancierRow, NewRequest, Reader, RequestRow
from app.market.quote_requests.schemas import (
    EndReason,
    ListedState,
    NewRequestToQuote,
    RequestToQuote,
    RequestToQuoteDetails,
    RequestToQuotePage,
    State,
)
from app.parties.registry import repository as parties
from app.trade.claims import repository as claims
from app.trade.claims.service import own_claim
from app.trade.receivables import repository as receivables

MAX_OPEN = 100  # requests of one seller at a time
MAX_IN_A_DAY = 200  # requests of one seller in 24 hours, withdrawn ones among them
MAX_DAYS = 90
FINANCIER_ROLES = BITS["financier"] | BITS["platform"]
_OPEN = ("open", "answered")


async def make(command: Command, request: NewRequestToQuote) -> Change:
    """A seller asks financiers for offers for a claim of its own.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway, seller = command.gateway, command.caller.acting()
    claim = await own_claim(command, request.claimId)
    currency = gateway.currency_at(claim.currency)
    value = None
    if request.value is not None:
        value = minor(request.value, field="value", currency=currency)
    if request.until.tzinfo is None:
        raise BadInput("until has no time zone", field="until", fix="write it with Z or an offset")
    until = int(request.until.timestamp())
    identifier = new_id()
    note = None
    if request.note is not None:
        note = gateway.sealer.seal(request.note.encode(), about=_about_note(identifier))

    def write(connection: Connection) -> Answer:
        newest, as_of = moment(connection)
        now = gateway.earliest(newest)
        if not now < until <= now + MAX_DAYS * DAY:
            raise BadInput(
                say("until is not in the next {max_days} days", max_days=MAX_DAYS),
                field="until",
                fix=say("name a time between now and {day}", day=time_view(now + MAX_DAYS * DAY)),
            )
        held = _for_sale(connection, request.claimId, seller=seller)
        new_value = held if value is None else value
        if new_value > held:
            holds = money_view(held, currency=currency)["amount"]
            raise BadInput(
                say(
                    "value is {amount}; claim {claim_id} holds {holds}",
                    amount=money_view(new_value, currency=currency)["amount"],
                    claim_id=request.claimId,
                    holds=holds,
                ),
                name="value-exceeds-claim",
                field="value.amount",
                fix=say("give at most {holds}", holds=holds),
            )
        financiers = _financiers(connection, request, seller=seller)
        number, is_open = repository.open_number(connection, request.claimId, now=now)
        if is_open:
            raise Conflict(
                say("a request to quote for claim {claim_id} is open", claim_id=request.claimId),
                name="request-open",
                fix="withdraw it first, or wait until it ends",
            )
        if repository.open_count(connection, seller, now=now) >= MAX_OPEN:
            raise Conflict(
                say("{max_open} requests to quote are open already", max_open=MAX_OPEN),
                name="requests-full",
                fix="withdraw one first, or wait until one ends",
            )
        if repository.sent_since(connection, seller, since=time.time() - DAY) >= MAX_IN_A_DAY:
            raise Conflict(
                say(
                    "the caller has sent {max_in_a_day} requests to quote in 24 hours",
                    max_in_a_day=MAX_IN_A_DAY,
                ),
                name="requests-in-a-day",
                fix="ask again when 24 hours have passed since the first of them",
            )
        row = NewRequest(
            id=identifier,
            seller=seller,
            claim_id=request.claimId,
            number=number + 1,
            value=new_value,
            to_all=int(request.allFinanciers),
            note=note,
            block=as_of["blockNumber"] or 0,
            created_at=time.time(),
            expires_at=until,
        )
        repository.add(connection, row, financiers)
        return Answer(_details(gateway, connection, command.caller, identifier), 201)

    return Change(write)


def _for_sale(connection: Connection, claim_id: int, *, seller: str) -> int:
    """What a claim holds, in minor units, if its holder could sell it now.

    Raises:
        Conflict.
    """
    row = claims.by_id(connection, claim_id)
    if row is None or row.claim.owner != seller or row.claim.burned:
        raise Conflict(
            say("claim {claim_id} is no longer the caller's", claim_id=claim_id),
            name="not-saleable",
            fix="ask for a claim that you hold",
        )
    if row.claim.lienholder is not None:
        raise Conflict(
            say("claim {claim_id} is under lien", claim_id=claim_id),
            name="not-saleable",
            fix="wait until the lienholder has released it",
        )
    if row.claim.value == 0:
        raise Conflict(
            say("claim {claim_id} has no value left", claim_id=claim_id),
            name="not-saleable",
            fix="ask for a claim that has value",
        )
    debt = receivables.by_id(connection, row.claim.receivable_id)
    if debt is None or debt.status != "Confirmed":
        status = "unknown" if debt is None else state_name(debt.status)
        raise Conflict(
            say("the receivable is {status:words}, so its claims are not for sale", status=status),
            name="not-saleable",
            fix="wait until the debt is confirmed and without a dispute",
        )
    return row.claim.value


def _financiers(connection: Connection, request: NewRequestToQuote, *, seller: str) -> list[str]:
    """The accounts of the financiers that a request names; none if it asks all.

    Raises:
        BadInput.
    """
    named = request.financierPartyIds or []
    if request.allFinanciers == bool(named):
        raise BadInput(
            "a request takes either financierPartyIds or allFinanciers",
            field="financierPartyIds",
            fix="name the financiers, or ask all of them",
        )
    accounts: list[str] = []
    for place, identifier in enumerate(named):
        field = f"financierPartyIds.{place}"
        row = parties.by_id(connection, identifier)
        if row is None:
            raise BadInput(
                say("there is no party {identifier}", identifier=identifier),
                name="party-unknown",
                field=field,
                fix="use an id from GET /v1/parties",
            )
        if not (row.ledger_roles or 0) & FINANCIER_ROLES or row.account == seller:
            raise BadInput(
                say(
                    "party {identifier} is not a financier that the caller can ask",
                    identifier=identifier,
                ),
                name="not-a-financier",
                field=field,
                fix="name another party that is a financier or the platform on the ledger",
            )
        if row.account in accounts:
            raise BadInput(
                say("party {identifier} is named twice", identifier=identifier),
                field=field,
                fix="name each financier once",
            )
        accounts.append(row.account)
    return accounts


async def withdraw(command: Command, identifier: str) -> Change:
    """The seller withdraws its request; offers for it stand as their financiers signed them.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    seller = caller.acting()

    def write(connection: Connection) -> Answer:
        row = _row(gateway, connection, caller, identifier)
        if row.seller != seller:
            raise Forbidden("only the seller withdraws its request", name="not-seller")
        _require_open(row)
        repository.withdraw(connection, identifier, now=time.time())
        return Answer(_details(gateway, connection, caller, identifier), 200)

    return Change(write)


async def decline(command: Command, identifier: str, reason: str) -> Change:
    """A financier that is asked says why it makes no offer; it may offer later all the same.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    financier = caller.acting()

    def write(connection: Connection) -> Answer:
        row = _row(gateway, connection, caller, identifier)
        if row.seller == financier:
            raise Forbidden("the seller does not decline its own request", name="not-financier")
        _require_open(row)
        if row.answers:
            raise Conflict(
                "the financier's offer for it is open",
                name="offer-open",
                fix="cancel the offer first: DELETE /v1/offers/{id}",
            )
        stored = repository.financier(connection, identifier, financier)
        number = new_id() if stored is None else stored.id
        sealed = gateway.sealer.seal(reason.encode(), about=_about_reason(number))
        repository.decline(
            connection, FinancierRow(number, identifier, financier, time.time(), sealed)
        )
        return Answer(_details(gateway, connection, caller, identifier), 200)

    return Change(write)


def _require_open(row: RequestRow) -> None:
    if row.state not in _OPEN:
        raise Conflict(say("the request is {state:words}", state=row.state), name="request-closed")


async def page(
    gateway: Gateway,
    caller: Caller,
    *,
    claim_id: int | None,
    state: ListedState | None,
    before: str | None,
    limit: int,
) -> RequestToQuotePage:
    """Requests of the caller and to it, or all for those who see all; newest first."""

    def find(connection: Connection) -> RequestToQuotePage:
        if caller.account is None and not caller.sees_all:
            return {"items": [], "nextCursor": None}
        reader = _reader(gateway, connection, caller)
        rows = repository.listed(
            connection, reader, claim_id=claim_id, state=state, before=before, limit=limit
        )
        names = parties.names(
            connection, {each for row in rows for each in (row.seller, row.debtor)}
        )
        items = [_view(gateway, row, names=names, reader=reader) for row in rows]
        return {"items": items, "nextCursor": rows[-1].id if len(rows) == limit else None}

    return await gateway.storage.read(find)


async def details(gateway: Gateway, caller: Caller, identifier: str) -> RequestToQuoteDetails:
    """A request of the caller or to it, or any for those who see all.

    Raises:
        NotFound.
    """
    return await gateway.storage.read(
        lambda connection: _details(gateway, connection, caller, identifier)
    )


def _reader(gateway: Gateway, connection: Connection, caller: Caller) -> Reader:
    newest, _ = moment(connection)
    return Reader(
        account=None if caller.sees_all else caller.account,
        financier="financier" in caller.roles,
        now=gateway.earliest(newest),
        day=business_day(gateway, newest),
    )


def _row(gateway: Gateway, connection: Connection, caller: Caller, identifier: str) -> RequestRow:
    row = None
    if caller.account is not None or caller.sees_all:
        row = repository.by_id(connection, _reader(gateway, connection, caller), identifier)
    if row is None:
        raise NotFound(
            say("there is no request to quote {identifier}", identifier=identifier),
            name="quote-request-unknown",
        )
    return row


def _details(
    gateway: Gateway, connection: Connection, caller: Caller, identifier: str
) -> RequestToQuoteDetails:
    row = _row(gateway, connection, caller, identifier)
    reader = _reader(gateway, connection, caller)
    whole = reader.account is None or reader.account == row.seller
    named = repository.named(connection, identifier) if whole and not row.to_all else []
    declined = repository.declined(
        connection, identifier, financier=None if whole else reader.account
    )
    accounts = {row.seller, row.debtor, *named, *(each.financier for each in declined)}
    names = parties.names(connection, accounts)
    return {
        **_view(gateway, row, names=names, reader=reader),
        "financiers": [party_view(account, names) for account in named] or None,
        "declined": [
            {
                "financier": party_view(each.financier, names),
                "reason": gateway.sealer.open(
                    each.reason or b"", about=_about_reason(each.id)
                ).decode(),
                "declinedAt": time_view(each.declined_at or 0),
            }
            for each in declined
        ],
    }


def _view(gateway: Gateway, row: RequestRow, *, names: Names, reader: Reader) -> RequestToQuote:
    whole = reader.account is None or reader.account == row.seller
    currency, is_open = gateway.currency_at(row.currency), row.state in _OPEN
    note = None
    if row.note is not None:
        note = gateway.sealer.open(bytes(row.note), about=_about_note(row.id)).decode()
    return {
        "id": row.id,
        "claimId": row.claim_id,
        "receivableId": row.receivable_id,
        "seller": party_view(row.seller, names),
        "debtor": party_view(row.debtor, names),
        "dueDate": date_of(row.due_day).isoformat(),
        "daysToDue": row.due_day - reader.day,
        "value": money_view(row.value_left if is_open else row.value, currency=currency),
        "requestedValue": money_view(row.value, currency=currency),
        "note": note,
        "createdAt": time_view(row.created_at),
        "expiresAt": time_view(row.expires_at),
        "state": cast(State, row.state),
        "endReason": _end_reason(row) if row.state == "ended" else None,
        "answers": row.answers,
        "declines": row.declines,
        "allFinanciers": row.to_all if whole else None,
    }


def _end_reason(row: RequestRow) -> EndReason:
    """What happened to the claim or its debt, as far as it shows now."""
    if row.owner != row.seller:
        return "assigned"
    if row.lienholder is not None:
        return "encumbered"
    if row.debt_status == "Disputed":
        return "disputed"
    return "paid" if row.paid else "changed"


def _about_note(identifier: str) -> str:
    return f"note of quote request {identifier}"


def _about_reason(identifier: str) -> str:
    return f"reason of decline {identifier}"
