"""Who may read which events, events as JSON and as files, and the state as of a past block."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.errors import BadInput, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.downloads import file_name
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.naming import state_name
from app.gateway.query import choice
from app.gateway.read_as_of import moment
from app.gateway.views import party_view, time_view
from app.goods.warehouse_receipts import repository as receipts
from app.goods.warehouse_receipts.reading import seen_by
from app.lending import repository as financing
from app.market.campaigns import service as campaigns
from app.oversight.history import files, lookup, moments, past, repository, stories
from app.oversight.history.repository import BlockRow, EventRow
from app.oversight.history.stories import Story
from app.oversight.history.words import Known
from app.parties.registry import repository as parties
from app.trade.claims import repository as claims
from app.trade.orders import service as orders
from app.trade.receivables import repository as receivables
from app.trade.receivables.reading import near

MOST_EVENTS = 100_000


class Wanted(msgspec.Struct, frozen=True):
    """What a history is asked of; an event must belong to each thing that is given."""

    receivable: int | None = None
    claim: int | None = None
    lot: int | None = None
    receipt: int | None = None
    order: int | None = None
    loan: int | None = None
    facility: int | None = None
    campaign: int | None = None
    party: str | None = None


def _stories(connection: Connection, caller: Caller, wanted: Wanted) -> list[Story]:
    """What the events must belong to; none: all of them.

    Raises:
        NotFound: nothing that the caller may see.
        Forbidden: it must say whose history.
    """
    found: list[Story] = []
    for name, find in _FINDERS.items():
        number = getattr(wanted, name)
        if number is None:
            continue
        story = find(connection, caller, number)
        if story is None:
            raise NotFound(f"there is no {name} {number}", name=f"{name}-unknown", field=name)
        found.append(story)
    if wanted.party is not None or not (found or caller.sees_all):
        whose = wanted.party or caller.party_id
        if whose is None:
            raise Forbidden("this caller reads no history of its own", fix="give receivable")
        if whose != caller.party_id and not caller.sees_all:
            raise Forbidden("another party's history is not this caller's to read")
        own = stories.of_party(connection, whose)
        if own is None:
            raise NotFound(f"there is no party {whose}", name="party-unknown", field="party")
        found.append(own)
    return found


def _of_receivable(connection: Connection, caller: Caller, number: int) -> Story | None:
    row = receivables.by_id(connection, number)
    if row is None or not near(connection, caller, number):
        return None
    return stories.of_receivable(connection, caller, number)


def _of_claim(connection: Connection, caller: Caller, number: int) -> Story | None:
    found = claims.by_id(connection, number)
    if found is None:
        return None
    debt = found.claim.receivable_id
    seen = near(connection, caller, debt)
    if not seen and not stories.lent_on(connection, caller, "claim", number):
        return None
    return stories.of_claim(connection, caller, number, debt)


def _of_lot(connection: Connection, caller: Caller, number: int) -> Story | None:
    if receipts.lot(connection, number, seen_by=seen_by(caller)) is None:
        return None
    return stories.of_lot(connection, caller, number)


def _of_receipt(connection: Connection, caller: Caller, number: int) -> Story | None:
    seen = receipts.receipt(connection, number, seen_by=seen_by(caller)) is not None
    if not seen and not stories.lent_on(connection, caller, "receipt", number):
        return None
    return stories.of_receipt(connection, caller, number)


def _of_order(connection: Connection, caller: Caller, number: int) -> Story | None:
    row = orders.by_id(connection, number)
    if row is None:
        return None
    seen = stories.named(caller, row.seller, row.buyer, row.lienholder)
    if not seen and not stories.lent_on(connection, caller, "order", number):
        return None
    return stories.of_order(connection, caller, number)


def _of_loan(connection: Connection, caller: Caller, number: int) -> Story | None:
    row = financing.loan(connection, number)
    if row is None or not stories.named(caller, row.lender, row.borrower, row.entruster):
        return None
    return stories.of_loan(connection, caller, number)


def _of_facility(connection: Connection, caller: Caller, number: int) -> Story | None:
    row = financing.facility(connection, number)
    if row is None or not stories.named(caller, row.lender, row.borrower, row.entruster):
        return None
    return stories.of_facility(number)


def _of_campaign(connection: Connection, caller: Caller, number: int) -> Story | None:
    row = campaigns.by_id(connection, number)
    if row is None:
        return None
    mine = [] if caller.account is None else stories.accounts_of(connection, caller.account)
    whole = caller.sees_all or not {row.creator, row.reviewer}.isdisjoint(mine)
    return stories.of_campaign(number, backer=None if whole else mine)


_FINDERS: dict[str, Callable[[Connection, Caller, int], Story | None]] = {
    "receivable": _of_receivable,
    "claim": _of_claim,
    "lot": _of_lot,
    "receipt": _of_receipt,
    "order": _of_order,
    "loan": _of_loan,
    "facility": _of_facility,
    "campaign": _of_campaign,
}


def _require_known(gateway: Gateway, contract: str | None, event: str | None) -> None:
    """A contract or an event that the ledger has not is refused: it would look like "nothing".

    Raises:
        BadInput.
    """
    names = gateway.contracts.names()
    if contract is not None and contract not in names:
        raise BadInput(
            f"the ledger has no contract {contract}",
            name="contract-unknown",
            field="contract",
            fix=choice(contract, names),
        )
    known = gateway.contracts.event_names(contract)
    if event is not None and event not in known:
        whose = "no contract of the ledger" if contract is None else contract
        raise BadInput(
            f"{whose} has {'an' if contract is None else 'no'} event {event}",
            name="event-unknown",
            field="event",
            fix=choice(event, known),
        )


async def events(
    gateway: Gateway,
    caller: Caller,
    wanted: Wanted,
    *,
    contract: str | None = None,
    event: str | None = None,
    after: int | None = None,
    limit: int,
    **bounds: Any,
) -> tuple[list[EventRow], dict[str, Any]]:
    """Events in the chain's order, and the block as of which they are all there are.

    Args:
        bounds: blocks or days, as `moments.window` takes them.

    Raises:
        NotFound, Forbidden, BadInput, Unavailable.
    """
    _require_known(gateway, contract, event)

    def find(connection: Connection) -> tuple[list[EventRow], dict[str, Any]]:
        found = _stories(connection, caller, wanted)
        window = moments.window(connection, gateway, **bounds)
        rows = repository.events(
            connection,
            stories=found,
            contract=contract,
            name=event,
            from_block=window.first,
            to_block=None if window.until is None else window.until.number,
            after=after,
            limit=limit,
        )
        if window.until is not None:
            return rows, moments.view(window.until)
        return rows, moment(connection)[1]

    return await gateway.storage.read(find)


def view(row: EventRow) -> dict[str, Any]:
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
    wanted: Wanted,
    rows: list[EventRow],
    *,
    ending: str,
    contract: str | None,
    event: str | None,
    after: int | None,
    block: int,
) -> tuple[str | bytes, str]:
    """Events as CSV or as a spreadsheet (`ending`), and the file's name.

    Args:
        block: as of which they are.
    """

    def find(connection: Connection) -> tuple[Known, BlockRow | None, str]:
        row = None if wanted.party is None else parties.by_id(connection, wanted.party)
        name = "" if row is None else row.name
        return (
            lookup.known(connection, gateway, rows),
            repository.block_at(connection, block),
            name,
        )

    known, at, name = await gateway.storage.read(find)
    things = [
        (thing, number)
        for thing, number in msgspec.structs.asdict(wanted).items()
        if number is not None and thing != "party"
    ]
    called = file_name(
        "history",
        *(part for thing in things for part in thing),
        *(() if wanted.party is None else ("party", name or wanted.party)),
        contract or "",
        event or "",
        *(() if after is None else ("after", after)),
        day=None if at is None else date_of(at.timestamp // moments.DAY),
        ending=ending,
    )
    write = files.as_csv if ending == "csv" else files.as_xlsx
    return await gateway.documents.run(write, rows, known), called


async def past_state(
    gateway: Gateway,
    caller: Caller,
    receivable_id: int,
    *,
    block: int | None,
    day: datetime.date | None,
) -> dict[str, Any]:
    """A receivable and its claims as of a past block or day (UTC), told by the events alone; names
    are those of today.

    Raises:
        NotFound, BadInput, Unavailable.
    """
    if (block is None) == (day is None):
        raise BadInput(
            "give either a block or a day" if block is None else "block and asOf are two moments",
            field="asOf",
            fix="give block=N, or asOf=YYYY-MM-DD for the last block of that day in UTC",
        )

    def find(connection: Connection) -> dict[str, Any]:
        found = _stories(connection, caller, Wanted(receivable=receivable_id))
        if day is not None:
            at = moments.last_of_day(connection, gateway, day, field="asOf")
        else:
            assert block is not None
            at = moments.block(connection, block, field="block")
        rows = repository.events(
            connection,
            stories=found,
            contract="Receivables",
            name=None,
            from_block=None,
            to_block=at.number,
            after=None,
            limit=MOST_EVENTS,
        )
        terms = receivables.by_id(connection, receivable_id)
        if not rows or terms is None:
            raise NotFound(
                f"receivable {receivable_id} did not exist in block {at.number}",
                name="receivable-unknown",
            )
        state = past.replay(rows)
        names = parties.names(connection, {claim.owner for claim in state.claims})
        currency = gateway.currency_at(terms.currency)
        return {
            "receivableId": receivable_id,
            "status": state_name(state.status),
            **{name: money_view(amount, currency=currency) for name, amount in state.sums.items()},
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

    return await gateway.storage.read(find)
