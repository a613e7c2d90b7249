"""What changed of a thing between two blocks: its events, and figures before and after."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from sqlalchemy import Connection

from app.domain.texts import say
from app.errors import BadInput
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.views import Names, party_view
from app.lending import repository as financing
from app.oversight.history import moments, repository, service
from app.oversight.history.repository import BlockRow
from app.oversight.history.schemas import Changes, Figure, PastState
from app.parties.registry import repository as parties
from app.trade.claims import repository as claims

Figures = Mapping[str, str]
_NONE: Figures = {}
KINDS = ("receivable", "claim", "loan", "facility", "party")


async def between(
    gateway: Gateway,
    caller: Caller,
    filters: service.Filters,
    *,
    first: str,
    last: str,
    after: int | None,
    limit: int,
) -> Changes:
    """What changed from the state after one block to the state after another.

    Args:
        first, last: each a block, or a business day, which stands for its last block.

    Raises:
        NotFound, Forbidden, BadInput, Unavailable.
    """
    kind, identifier = _subject(filters)

    def find(connection: Connection) -> Changes:
        required = service.required_stories(connection, caller, filters)
        since = _moment(connection, gateway, first, field="from")
        until = _moment(connection, gateway, last, field="to")
        if since.number > until.number:
            raise BadInput(
                say(
                    "from is block {number}, which is after block {number_2}",
                    number=since.number,
                    number_2=until.number,
                ),
                field="from",
                fix="exchange from and to",
            )
        rows = repository.events(
            connection,
            repository.Chosen(after=after),
            stories=required,
            from_block=since.number + 1,
            to_block=until.number,
            limit=limit,
        )
        before, then = (_figures(connection, gateway, caller, filters, at) for at in (since, until))
        return {
            "kind": kind,
            "id": str(identifier),
            "from": moments.view(since),
            "to": moments.view(until),
            "figures": _compared(before, then),
            "items": [service.view(row) for row in rows],
            "nextCursor": rows[-1].position if len(rows) == limit else None,
            "asOf": moments.view(until),
        }

    return await gateway.storage.read(find)


def _subject(filters: service.Filters) -> tuple[str, int | str]:
    named = [(kind, value) for kind in KINDS if (value := getattr(filters, kind)) is not None]
    if len(named) != 1:
        raise BadInput(
            say(
                "{named} of {kinds} are named; one is needed",
                named=len(named),
                kinds=", ".join(KINDS),
            ),
            field=named[1][0] if named else "receivable",
            fix="name one thing, such as receivable=7",
        )
    return named[0]


def _moment(connection: Connection, gateway: Gateway, text: str, *, field: str) -> BlockRow:
    if text.isdecimal():
        return moments.block(connection, int(text), field=field)
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            say("{field} is {text}, which is no day", field=field, text=text),
            field=field,
            fix="give a block or YYYY-MM-DD",
        ) from error
    return moments.last_of_day(connection, gateway, day, field=field)


def _compared(before: Figures, then: Figures) -> list[Figure]:
    names = list(dict.fromkeys((*before, *then)))
    return [
        {
            "name": name,
            "before": before.get(name),
            "after": then.get(name),
            "changed": before.get(name) != then.get(name),
        }
        for name in names
    ]


# ------------------------------------------------------------------ figures as of a block


def _figures(
    connection: Connection,
    gateway: Gateway,
    caller: Caller,
    filters: service.Filters,
    at: BlockRow,
) -> Figures:
    """Figures of the thing as of a block, by name; empty: it did not exist, or has none."""
    if filters.receivable is not None:
        state = service.state_of(connection, gateway, caller, filters.receivable, at)
        return _NONE if state is None else _of_receivable(state)
    if filters.claim is not None:
        return _of_claim(connection, gateway, filters.claim, at)
    if filters.loan is not None:
        row = financing.loan(connection, filters.loan)
        entry = repository.last_entry(connection, filters.loan, until=at.number)
        if row is None or entry is None:
            return _NONE
        names = parties.names(connection, {row.borrower})
        return {
            "outstanding": _money(gateway, entry.outstanding, row.currency),
            "lastEntry": entry.kind,
            "borrower": _party(row.borrower, names),
        }
    if filters.facility is not None:
        facility = financing.facility(connection, filters.facility)
        if facility is None or facility.created_block > at.number:
            return _NONE
        owed, count = repository.owed_of_facility(connection, filters.facility, until=at.number)
        return {
            "outstanding": _money(gateway, owed, facility.currency),
            "loansWithDebt": str(count),
        }
    return _NONE


def _money(gateway: Gateway, amount: int, currency: str) -> str:
    view = money_view(amount, currency=gateway.currency_at(currency))
    return f"{view['amount']} {view['currency']}"


def _party(account: str, names: Names) -> str:
    view = party_view(account, names)
    return view["name"] or view["account"]


def _of_receivable(state: PastState) -> Figures:
    figures = {"status": state["status"]}
    for name, money in (
        ("principalPaid", state["principalPaid"]),
        ("lateChargePaid", state["lateChargePaid"]),
        ("credited", state["credited"]),
        ("redeemed", state["redeemed"]),
    ):
        figures[name] = f"{money['amount']} {money['currency']}"
    for claim in state["claims"]:
        value = claim["value"]
        figures[f"claims.{claim['claimId']}.value"] = f"{value['amount']} {value['currency']}"
        owner = claim["owner"]
        figures[f"claims.{claim['claimId']}.owner"] = owner["name"] or owner["account"]
    return figures


def _of_claim(connection: Connection, gateway: Gateway, number: int, at: BlockRow) -> Figures:
    row = claims.by_id(connection, number)
    if row is None or row.claim.created_block > at.number:
        return _NONE
    past = repository.claim_at(connection, number, until=at.number)
    if past is None:
        return _NONE
    owner, value = past
    return {
        "value": _money(gateway, value, row.currency),
        "owner": _party(owner, parties.names(connection, {owner})),
    }
