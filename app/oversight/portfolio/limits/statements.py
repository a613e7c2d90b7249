"""What lenders state of themselves: stored as stated, encrypted, and never changed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, cast

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.domain.calendar import date_of, day_of
from app.domain.portfolio.limits import PROVISIONS, LenderKind, OwnFigures
from app.domain.texts import say
from app.errors import BadInput, Forbidden
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.money import Money, MoneyView, minor, money_view, with_token
from app.gateway.read_as_of import ledger_day
from app.gateway.views import time_view
from app.oversight.portfolio.limits import repository
from app.oversight.portfolio.limits.repository import OwnFundsRow
from app.oversight.portfolio.limits.schemas import NewOwnFunds, OwnFunds, OwnFundsPage
from app.parties.registry.service import party_in

# The fields of a request by the names that rule sets use.
FIELDS = {
    "net-capital": "netCapital",
    "tier-one-capital": "tierOneCapital",
    "net-assets": "netAssets",
    "risk-assets": "riskAssets",
    PROVISIONS: "provisions",
}


class Content(msgspec.Struct):
    """What is encrypted of a statement; amounts in minor units."""

    amounts: dict[str, int]
    source: str
    document_hash: str | None


async def state(command: Command, request: NewOwnFunds) -> Change:
    """Stores what a lender states of itself, after what it stated before.

    Raises:
        BadInput, Forbidden.
    """
    gateway, caller = command.gateway, command.caller
    if caller.party_id is None:
        raise Forbidden(
            "only a registered party can do this", fix="use an API key of a registered party"
        )
    currency, amounts = _amounts(gateway, request)
    day = day_of(request.asOf)
    today = await gateway.storage.read(lambda connection: ledger_day(gateway, connection))
    if day > today:
        raise BadInput(
            say("{as_of} is in the future", as_of=request.asOf),
            name="in-the-future",
            field="asOf",
            fix="give the day as of which the figures are true",
        )
    if day < 0:
        raise BadInput(
            say("{as_of} is before 1970", as_of=request.asOf),
            name="too-early",
            field="asOf",
            fix="give the day as of which the figures are true",
        )
    identifier = new_id()
    content = Content(amounts, request.source, request.documentHash)
    row = OwnFundsRow(
        id=identifier,
        party=caller.party_id,
        lender_kind=request.lenderKind,
        currency=currency,
        day=day,
        person=caller.label,
        created_at=time.time(),
        sealed=gateway.sealer.seal(msgspec.json.encode(content), about=_about(identifier)),
    )

    def write(connection: Connection) -> Answer:
        repository.add(connection, row)
        return Answer(cast(Mapping[str, Any], view(gateway, row)), 201)

    return Change(write)


def _amounts(gateway: Gateway, request: NewOwnFunds) -> tuple[str, dict[str, int]]:
    """The currency of all figures, and those that are known.

    Raises:
        BadInput: there is none, or they are in several currencies.
    """
    stated: dict[str, Money] = {}
    for name, field in FIELDS.items():
        money = getattr(request, field)
        if money is not None:
            stated[name] = money
    if not stated:
        raise BadInput(
            "the statement has no figure",
            name="no-figure",
            field="netCapital",
            fix=say("give at least one of {values}", values=", ".join(FIELDS.values())),
        )
    first, currency = next(iter(stated)), next(iter(stated.values())).currency
    with_token(gateway, currency, field=f"{FIELDS[first]}.currency")
    return currency, {
        name: minor(money, field=FIELDS[name], currency=currency, minimum=0)
        for name, money in stated.items()
    }


async def page(
    gateway: Gateway,
    caller: Caller,
    *,
    lender_party_id: str | None,
    before: str | None,
    limit: int,
) -> OwnFundsPage:
    """A lender's own statements, or for those who see all those of one lender or of all.

    Raises:
        Forbidden, BadInput.
    """
    party = lender_party_id
    if caller.sees_all:
        if party is not None:
            await party_in(gateway, party, field="lenderPartyId")
    else:
        require_own(caller, lender_party_id)
        party = caller.party_id
    rows = await gateway.storage.read(
        lambda connection: repository.listed(connection, party=party, before=before, limit=limit)
    )
    following = rows[-1].id if len(rows) == limit else None
    return {"items": [view(gateway, row) for row in rows], "nextCursor": following}


def require_own(caller: Caller, lender_party_id: str | None) -> None:
    """A lender sees itself only.

    Raises:
        Forbidden.
    """
    caller.acting()
    if lender_party_id is not None and lender_party_id != caller.party_id:
        raise Forbidden(
            "lenderPartyId is another party; a lender sees only its own figures",
            name="not-lender",
            field="lenderPartyId",
            fix="leave lenderPartyId out",
        )


def figures(gateway: Gateway, row: OwnFundsRow) -> OwnFigures:
    """A statement as the ratios need it."""
    return OwnFigures(cast(LenderKind, row.lender_kind), row.day, _content(gateway, row).amounts)


def view(gateway: Gateway, row: OwnFundsRow) -> OwnFunds:
    """A statement as its lender and those who see all read it."""
    content = _content(gateway, row)

    def money(name: str) -> MoneyView | None:
        amount = content.amounts.get(name)
        return None if amount is None else money_view(amount, currency=row.currency)

    return {
        "id": row.id,
        "lenderPartyId": row.party,
        "lenderKind": cast(LenderKind, row.lender_kind),
        "currency": row.currency,
        "asOfDate": date_of(row.day).isoformat(),
        "netCapital": money("net-capital"),
        "tierOneCapital": money("tier-one-capital"),
        "netAssets": money("net-assets"),
        "riskAssets": money("risk-assets"),
        "provisions": money(PROVISIONS),
        "source": content.source,
        "documentHash": content.document_hash,
        "statedBy": row.person,
        "statedAt": time_view(int(row.created_at)),
    }


def _content(gateway: Gateway, row: OwnFundsRow) -> Content:
    plain = gateway.sealer.open(row.sealed, about=_about(row.id))
    return msgspec.json.decode(plain, type=Content)


def _about(identifier: str) -> str:
    return f"own funds {identifier}"
