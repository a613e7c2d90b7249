"""/v1/history"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import CallerOf
from app.gateway.downloads import CSV, XLSX, spoken
from app.gateway.gateway import GatewayOf
from app.gateway.languages import SPEAKS
from app.gateway.path_types import MAX, Day, Number, NumberCursor, Written
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.oversight.history import changes, service
from app.oversight.history.repository import Chosen
from app.oversight.history.schemas import Changes, EventPage, PastState

router = APIRouter(
    prefix="/v1/history", tags=["history"], responses=PROBLEMS, dependencies=[SPEAKS]
)


def _number(words: str) -> Any:
    return Query(ge=0, le=MAX, description=words)


def _moment(name: str, words: str) -> Any:
    return Query(
        alias=name,
        pattern=r"^([0-9]{1,18}|[0-9]{4}-[0-9]{2}-[0-9]{2})$",
        description=f"{words} A day is a business day of the ledger, and must be over.",
    )


OptionalNumber = Written | None
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            CSV: {"schema": {"type": "string"}},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
        },
        "headers": {
            "X-Next-Cursor": {
                "description": "With a file: the cursor of the next page, if there is one.",
                "schema": {"type": "string"},
            }
        },
    }
}
_DAY = "A business day of the ledger, YYYY-MM-DD. "


@router.get(
    "",
    response_model=EventPage,
    responses=_FILES,
)
async def get_history(
    gateway: GatewayOf,
    caller: CallerOf,
    receivable: Annotated[
        OptionalNumber, _number("With all claims on it and the loans on those.")
    ] = None,
    claim: Annotated[
        OptionalNumber, _number("With its ancestors, the debt behind it and the loans drawn on it.")
    ] = None,
    lot: Annotated[
        OptionalNumber, _number("With all its warehouse receipts and the loans on those.")
    ] = None,
    warehouseReceipt: Annotated[
        OptionalNumber, _number("With its ancestors and the loans drawn on it.")
    ] = None,
    order: Annotated[
        OptionalNumber, _number("With its deliveries and the loans drawn on it.")
    ] = None,
    loan: Annotated[
        OptionalNumber, _number("With its collateral, for as long as it was the loan's collateral.")
    ] = None,
    facility: Annotated[OptionalNumber, _number("With all its loans.")] = None,
    campaign: Annotated[
        OptionalNumber,
        _number(
            "The creator, the reviewer and auditors see all backers; others see only themselves."
        ),
    ] = None,
    party: Annotated[str | None, Query(description="A party's id.")] = None,
    contract: Annotated[
        str | None, Query(description="Name of a contract of the ledger, such as Receivables.")
    ] = None,
    event: Annotated[
        str | None,
        Query(description="An event: ReceivableConfirmed, or the same in words."),
    ] = None,
    transaction: Annotated[
        str | None,
        Query(pattern=r"^0x[0-9a-fA-F]{64}$", description="Hash of a transaction: its events."),
    ] = None,
    fromBlock: Annotated[OptionalNumber, _number("The first block.")] = None,
    toBlock: Annotated[OptionalNumber, _number("The last block; it must exist.")] = None,
    fromDate: Annotated[Day | None, Query(description=_DAY + "The first day.")] = None,
    asOf: Annotated[
        Day | None,
        Query(description=_DAY + "Events up to the day's last block. The day must be over."),
    ] = None,
    sort: Annotated[
        Literal["oldest", "newest"], Query(description="The chain's order, or the newest first.")
    ] = "oldest",
    cursor: NumberCursor = None,
    limit: Annotated[
        Written,
        Query(
            ge=1,
            le=service.MAX_FILE_EVENTS,
            description="Maximum number of events on a page: up to 1,000 as JSON.",
        ),
    ] = 100,
    format: Annotated[
        Literal["json", "csv", "xlsx"],
        Query(description="The format of the answer; csv and xlsx describe events in words."),
    ] = "json",
) -> Response:
    """Events in the chain's order; with several filters, those that match every filter."""
    service.require_limit(limit, ending=format)
    filters = service.Filters(
        receivable=receivable,
        claim=claim,
        lot=lot,
        warehouse_receipt=warehouseReceipt,
        order=order,
        loan=loan,
        facility=facility,
        campaign=campaign,
        party=party,
    )
    chosen = Chosen(
        contract=contract,
        event=event,
        transaction=None if transaction is None else transaction.lower(),
        newest_first=sort == "newest",
        after=cursor,
    )
    rows, as_of = await service.events(
        gateway,
        caller,
        filters,
        chosen,
        limit=limit + 1,
        from_block=fromBlock,
        to_block=toBlock,
        from_date=fromDate,
        as_of=asOf,
    )
    following = rows[limit - 1].position if len(rows) > limit else None
    rows = rows[:limit]
    if format != "json":
        content, name = await service.file(
            gateway,
            filters,
            chosen,
            rows,
            ending=format,
            following=following,
            block=as_of["blockNumber"],
        )
        headers = {} if following is None else {"X-Next-Cursor": str(following)}
        return spoken(content, kind=CSV if format == "csv" else XLSX, name=name, headers=headers)
    page: EventPage = {
        "items": [service.view(row) for row in rows],
        "nextCursor": following,
        "asOf": as_of,
    }
    return json_response(page)


@router.get("/changes", response_model=Changes)
async def get_changes(
    gateway: GatewayOf,
    caller: CallerOf,
    since: Annotated[str, _moment("from", "The state before is the one after this block or day.")],
    until: Annotated[str, _moment("to", "The last block or day.")],
    receivable: Annotated[OptionalNumber, _number("A receivable.")] = None,
    claim: Annotated[OptionalNumber, _number("A claim.")] = None,
    loan: Annotated[OptionalNumber, _number("A loan.")] = None,
    facility: Annotated[OptionalNumber, _number("A facility.")] = None,
    party: Annotated[str | None, Query(description="A party's id.")] = None,
    cursor: NumberCursor = None,
    limit: Annotated[
        Written, Query(ge=1, le=1000, description="Maximum number of events on a page.")
    ] = 100,
) -> Response:
    """What changed of one thing between two blocks or days: figures before and after, events."""
    filters = service.Filters(
        receivable=receivable, claim=claim, loan=loan, facility=facility, party=party
    )
    body = await changes.between(
        gateway, caller, filters, first=since, last=until, after=cursor, limit=limit
    )
    return json_response(body)


@router.get("/receivables/{receivable_id}/balances", response_model=PastState)
async def get_past_state(
    receivable_id: Number,
    gateway: GatewayOf,
    caller: CallerOf,
    block: Annotated[OptionalNumber, _number("A block; it must exist.")] = None,
    asOf: Annotated[
        Day | None, Query(description=_DAY + "Its last block; the day must be over.")
    ] = None,
) -> Response:
    """The receivable, and who held what of it, as of a past block or day."""
    state = await service.past_state(gateway, caller, receivable_id, block=block, day=asOf)
    return json_response(state)
