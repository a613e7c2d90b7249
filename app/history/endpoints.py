"""/v1/history"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.history import service
from app.history.schemas import EventPage, PastState
from app.http.callers import CallerOf
from app.http.gateway import GatewayOf
from app.http.numbers import MOST, Number, NumberCursor
from app.http.problems import PROBLEMS
from app.http.views import json_response

router = APIRouter(prefix="/v1/history", tags=["history"], responses=PROBLEMS)
Given = Annotated[int | None, Query(ge=0, le=MOST)]


@router.get(
    "",
    response_model=EventPage,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def get_history(
    gateway: GatewayOf,
    caller: CallerOf,
    receivable: Given = None,
    claim: Given = None,
    lot: Given = None,
    receipt: Given = None,
    party: Annotated[str | None, Query(description="A party's id.")] = None,
    contract: str | None = None,
    event: str | None = None,
    fromBlock: Given = None,
    toBlock: Given = None,
    cursor: NumberCursor = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    format: Literal["json", "csv"] = "json",
) -> Response:
    """Events in the chain's order; with `receivable` also those of every claim on it.

    With `lot` also those of every receipt on it.
    """
    rows, as_of = await service.events(
        gateway,
        caller,
        receivable_id=receivable,
        claim_id=claim,
        lot_id=lot,
        receipt_id=receipt,
        party_id=party,
        contract=contract,
        name=event,
        from_block=fromBlock,
        to_block=toBlock,
        after=cursor,
        limit=limit,
    )
    following = rows[-1].position if len(rows) == limit else None
    if format == "csv":
        headers = {} if following is None else {"X-Next-Cursor": str(following)}
        return Response(service.as_csv(rows), media_type="text/csv", headers=headers)
    items = [service.view(row) for row in rows]
    return json_response({"items": items, "nextCursor": following, "asOf": as_of})


@router.get("/receivables/{receivable_id}/balances", response_model=PastState)
async def get_past_state(
    receivable_id: Number,
    gateway: GatewayOf,
    caller: CallerOf,
    block: Annotated[int, Query(ge=0, le=2**43)],
) -> Response:
    """The receivable, and who held what of it, as of a past block."""
    return json_response(await service.past_state(gateway, caller, receivable_id, block=block))
