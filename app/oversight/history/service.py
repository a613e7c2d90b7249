"""Who may read which events; events in JSON and as files; the state as of a past block."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.texts import say
from app.errors import BadInput, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.downloads import file_name
from app.gateway.gateway import Gateway
from app.gateway.languages import LANGUAGES, NAME, ct, current
from app.gateway.money import money_view
from app.gateway.naming import camel, plain, state_name
from app.gateway.query import choice
from app.gateway.read_as_of import AsOf, business_day, moment
from app.gateway.said import language, on_page
from app.gateway.views import party_view, time_view
from app.goods.warehouse_receipts import repository as receipts
from app.goods.warehouse_receipts.reading import visible_to
from app.lending import repository as financing
from app.lending.access import has_share
from app.market.campaigns import repository as campaigns
from app.oversight.history import files, lookup, moments, past, repository, stories
from app.oversight.history.repository import BlockRow, Chosen, EventRow
from app.oversight.history.schemas import Event, PastState
from app.oversight.history.stories import Story
from app.oversight.history.words import Known
from app.parties.registry import repository as parties
from app.trade.claims import repository as claims
from app.trade.orders import repository as orders
from app.trade.receivables import repository as receivables
from app.trade.receivables.reading import near

MAX_EVENTS = 100_000
MAX_PAGE_EVENTS, MAX_FILE_EVENTS = 1_000, 10_000


class Filters(msgspec.Struct, frozen=True):
    """The filters of a history; an event must belong to each thing that is named."""

    receivable: int | None = None
    claim: int | None = None
    lot: int | None = None
    warehouse_receipt: int | None = None
    order: int | None = None
    loan: int | None = None
    facility: int | None = None
    campaign: int | None = None
    party: str | None = None


def required_stories(connection: Connection, caller: Caller, filters: Filters) -> list[Story]:
    """The stories that each event must belong to; empty: all events.

    Raises:
        NotFound: there is no such thing, or the caller may not see it.
        Forbidden: the caller must name a party or a thing.
    """
    required: list[Story] = []
    for name, find in _FINDERS.items():
        number = getattr(filters, name)
        if number is None:
            continue
        story = find(connection, caller, number)
        if story is None:
            field = camel(name)
            raise NotFound(
                say("there is no {field} {number}", field=field, number=number),
                name=f"{field}-unknown",
                field=field,
            )
        required.append(story)
    if filters.party is not None or not (required or caller.sees_all):
        whose = filters.party or caller.party_id
        if whose is None:
            raise Forbidden("this caller has no history of its own", fix="name a receivable")
        if whose != caller.party_id and not caller.sees_all:
            raise Forbidden("this caller may not read another party's history")
        own = stories.of_party(connection, whose)
        if own is None:
            raise NotFound(
                say("there is no party {whose}", whose=whose), name="party-unknown", field="party"
            )
        required.append(own)
    return required


def _of_receivable(connection: Connection, caller: Caller, number: int) -> Story | None:
    row = receivables.by_id(connection, number)
    if row is None or not near(connection, caller, number):
        return None
    return stories.of_receivable(connection, caller, number)


def _of_claim(connection: Connection, caller: Caller, number: int) -> Story | None:
    row = claims.by_id(connection, number)
    if row is None:
        return None
    debt = row.claim.receivable_id
    may_see = near(connection, caller, debt)
    if not may_see and not stories.lent_on(connection, caller, "claim", number):
        return None
    return stories.of_claim(connection, caller, number, debt)


def _of_lot(connection: Connection, caller: Caller, number: int) -> Story | None:
    if receipts.lot(connection, number, visible_to=visible_to(caller)) is None:
        return None
    return stories.of_lot(connection, caller, number)


def _of_receipt(connection: Connection, caller: Caller, number: int) -> Story | None:
    may_see = (
        receipts.warehouse_receipt(connection, number, visible_to=visible_to(caller)) is not None
    )
    if not may_see and not stories.lent_on(connection, caller, "warehouse-receipt", number):
        return None
    return stories.of_receipt(connection, caller, number)


def _of_order(connection: Connection, caller: Caller, number: int) -> Story | None:
    row = orders.by_id(connection, number)
    if row is None:
        return None
    may_see = stories.named(caller, row.seller, row.buyer, row.lienholder)
    if not may_see and not stories.lent_on(connection, caller, "order", number):
        return None
    return stories.of_order(connection, caller, number)


def _of_loan(connection: Connection, caller: Caller, number: int) -> Story | None:
    row = financing.loan(connection, number)
    if row is None:
        return None
    is_side = stories.named(caller, row.lender, row.borrower, row.entruster)
    if not is_side and not has_share(connection, number, caller.account or ""):
        return None
    return stories.of_loan(connection, caller, number)


def _of_facility(connection: Connection, caller: Caller, number: int) -> Story | None:
    row = financing.facility(connection, number)
    if row is None or not stories.named(caller, row.lender, row.borrower, row.entruster):
        return None
    return stories.of_facility(connection, caller, number)


def _of_campaign(connection: Connection, caller: Caller, number: int) -> Story | None:
    row = campaigns.by_id(connection, number)
    if row is None:
        return None
    mine = [] if caller.account is None else parties.accounts_of(connection, caller.account)
    whole = caller.sees_all or not {row.creator, row.reviewer}.isdisjoint(mine)
    return stories.of_campaign(number, backer=None if whole else mine)


_FINDERS: dict[str, Callable[[Connection, Caller, int], Story | None]] = {
    "receivable": _of_receivable,
    "claim": _of_claim,
    "lot": _of_lot,
    "warehouse_receipt": _of_receipt,
    "order": _of_order,
    "loan": _of_loan,
    "facility": _of_facility,
    "campaign": _of_campaign,
}


def _known_event(gateway: Gateway, contract: str | None, event: str | None) -> str | None:
    """The event that is named, by its name or by its words in a language.

    A contract or an event that the ledger does not have is refused: its answer would be empty.

    Raises:
        BadInput.
    """
    names = gateway.contracts.names()
    if contract is not None and contract not in names:
        raise BadInput(
            say("the ledger has no contract {contract}", contract=contract),
            name="contract-unknown",
            field="contract",
            fix=choice(contract, names),
        )
    known = gateway.contracts.event_names(contract)
    if event is None or event in known:
        return event
    by_words = {_words_of(name, spoken): name for spoken in LANGUAGES for name in sorted(known)}
    if event.casefold() not in by_words:
        raise BadInput(
            say("no contract of the ledger has an event {event}", event=event)
            if contract is None
            else say("{contract} has no event {event}", contract=contract, event=event),
            name="event-unknown",
            field="event",
            fix=choice(event, _for_caller(known)),
        )
    return by_words[event.casefold()]


def _for_caller(events: Iterable[str]) -> Iterable[str]:
    return [_words_of(event, language.get()) for event in events] if on_page.get() else events


def _words_of(event: str, spoken: str) -> str:
    """An event's name in words of a language, in small letters."""
    before = current.set(spoken)
    try:
        return ct(NAME, plain(event)).casefold()
    finally:
        current.reset(before)


def require_limit(limit: int, *, ending: str) -> None:
    """Refuses more events than an answer of this format has.

    Raises:
        BadInput.
    """
    if ending == "json" and limit > MAX_PAGE_EVENTS:
        raise BadInput(
            say(
                "limit is {limit}; a page of JSON has up to {bound} events",
                limit=limit,
                bound=MAX_PAGE_EVENTS,
            ),
            field="limit",
            fix="ask for fewer events and go on with nextCursor, or ask for a file",
        )


async def events(
    gateway: Gateway,
    caller: Caller,
    filters: Filters,
    chosen: Chosen,
    *,
    limit: int,
    **bounds: Any,
) -> tuple[list[EventRow], AsOf]:
    """Events in their order, and the block as of which the list is complete.

    Args:
        bounds: blocks or days, as `moments.window` accepts them.

    Raises:
        NotFound, Forbidden, BadInput, Unavailable.
    """
    event = _known_event(gateway, chosen.contract, chosen.event)
    chosen = msgspec.structs.replace(chosen, event=event)

    def find(connection: Connection) -> tuple[list[EventRow], AsOf]:
        required = required_stories(connection, caller, filters)
        window = moments.window(connection, gateway, **bounds)
        rows = repository.events(
            connection,
            chosen,
            stories=required,
            from_block=window.first,
            to_block=None if window.until is None else window.until.number,
            limit=limit,
        )
        if window.until is not None:
            return rows, moments.view(window.until)
        return rows, moment(connection)[1]

    return await gateway.storage.read(find)


def view(row: EventRow) -> Event:
    """An event in JSON."""
    return {
        "position": row.position,
        "blockNumber": row.block_number,
        "blockHash": row.block_hash,
        "transactionHash": row.transaction_hash,
        "logIndex": row.log_index,
        "at": time_view(row.timestamp),
        "contract": row.contract,
        "event": row.name,
        "arguments": row.arguments,
    }


async def file(
    gateway: Gateway,
    filters: Filters,
    chosen: Chosen,
    rows: list[EventRow],
    *,
    ending: str,
    following: int | None,
    block: int | None,
) -> tuple[str | bytes, str]:
    """Events as CSV or as a spreadsheet (`ending`), and the file's name.

    Args:
        following: the position after which the history goes on; a spreadsheet says so below.
        block: the block as of which the events are complete.
    """

    def find(connection: Connection) -> tuple[Known, BlockRow | None, str]:
        row = None if filters.party is None else parties.by_id(connection, filters.party)
        name = "" if row is None else row.name
        return (
            lookup.known(connection, gateway, rows),
            None if block is None else repository.block_at(connection, block),
            name,
        )

    known, at, name = await gateway.storage.read(find)
    things = [
        (camel(thing), number)
        for thing, number in msgspec.structs.asdict(filters).items()
        if number is not None and thing != "party"
    ]
    title = file_name(
        "history",
        *(part for thing in things for part in thing),
        *(() if filters.party is None else ("party", name or filters.party)),
        chosen.contract or "",
        chosen.event or "",
        *(() if chosen.transaction is None else ("transaction", chosen.transaction)),
        *(() if chosen.after is None else ("after", chosen.after)),
        day=None if at is None else date_of(business_day(gateway, at.timestamp)),
        ending=ending,
    )
    if ending == "csv":
        return await gateway.documents.run(files.as_csv, rows, known), title
    return await gateway.documents.run(files.as_xlsx, rows, known, following), title


async def past_state(
    gateway: Gateway,
    caller: Caller,
    receivable_id: int,
    *,
    block: int | None,
    day: datetime.date | None,
) -> PastState:
    """A receivable and its claims as of a past block or business day.

    They are computed from the events alone; party names are current.

    Raises:
        NotFound, BadInput, Unavailable.
    """
    if (block is None) == (day is None):
        raise BadInput(
            "block and asOf are both missing" if block is None else "block and asOf are both given",
            field="asOf",
            fix="give block=N, or asOf=YYYY-MM-DD for the last block of that business day",
        )

    def find(connection: Connection) -> PastState:
        if day is not None:
            at = moments.last_of_day(connection, gateway, day, field="asOf")
        else:
            assert block is not None
            at = moments.block(connection, block, field="block")
        state = state_of(connection, gateway, caller, receivable_id, at)
        if state is None:
            raise NotFound(
                say(
                    "receivable {receivable_id} did not exist in block {number}",
                    receivable_id=receivable_id,
                    number=at.number,
                ),
                name="receivable-unknown",
            )
        return state

    return await gateway.storage.read(find)


def state_of(
    connection: Connection, gateway: Gateway, caller: Caller, receivable_id: int, at: BlockRow
) -> PastState | None:
    """A receivable and its claims as of a block; None: it did not exist yet.

    Raises:
        NotFound: there is no such receivable, or the caller may not see it.
    """
    rows = repository.events(
        connection,
        Chosen(contract="Receivables"),
        stories=required_stories(connection, caller, Filters(receivable=receivable_id)),
        from_block=None,
        to_block=at.number,
        limit=MAX_EVENTS,
    )
    terms = receivables.by_id(connection, receivable_id)
    if not rows or terms is None:
        return None
    state = past.replay(rows)
    names = parties.names(connection, {claim.owner for claim in state.claims})
    currency = gateway.currency_at(terms.currency)
    return {
        "receivableId": receivable_id,
        "status": state_name(state.status),
        "principalPaid": money_view(state.sums["principalPaid"], currency=currency),
        "lateChargePaid": money_view(state.sums["lateChargePaid"], currency=currency),
        "credited": money_view(state.sums["credited"], currency=currency),
        "redeemed": money_view(state.sums["redeemed"], currency=currency),
        "claims": [
            {
                "claimId": claim.claim_id,
                "owner": party_view(claim.owner, names),
                "value": money_view(claim.value, currency=currency),
            }
            for claim in state.claims
        ],
        "asOf": moments.view(at),
    }
