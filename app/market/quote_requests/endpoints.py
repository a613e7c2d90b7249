"""/v1/quote-requests"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.path_types import QueryNumber
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.views import json_response
from app.market.quote_requests import service
from app.market.quote_requests.schemas import (
    Decline,
    ListedState,
    NewRequestToQuote,
    RequestToQuoteDetails,
    RequestToQuotePage,
)

router = APIRouter(prefix="/v1/quote-requests", tags=["quote requests"], responses=PROBLEMS)
Financier = Annotated[Caller, allow("financier")]
Seller = Annotated[Caller, allow("supplier", "financier")]


@router.post("", status_code=201, response_model=RequestToQuoteDetails)
async def make_quote_request(body: NewRequestToQuote, _: Seller, request: Idempotent) -> Response:
    """The holder of a claim asks financiers for offers until a time."""
    return await request.carry_out(service.make, body)


@router.get("", response_model=RequestToQuotePage)
async def list_quote_requests(
    gateway: GatewayOf,
    caller: CallerOf,
    claimId: QueryNumber = None,
    state: Annotated[
        ListedState | None,
        Query(description="As the reader sees it; `current`: open or answered."),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The caller's requests to quote, and those to the caller as a financier, newest first."""
    return json_response(
        await service.page(
            gateway, caller, claim_id=claimId, state=state, before=cursor, limit=limit
        )
    )


@router.get("/{quote_request_id}", response_model=RequestToQuoteDetails)
async def get_quote_request(
    quote_request_id: str, gateway: GatewayOf, caller: CallerOf
) -> Response:
    """One request to quote."""
    return json_response(await service.details(gateway, caller, quote_request_id))


@router.post(
    "/{quote_request_id}/withdrawal", status_code=200, response_model=RequestToQuoteDetails
)
async def withdraw_quote_request(quote_request_id: str, _: Seller, request: Idempotent) -> Response:
    """The seller withdraws its request; offers that financiers signed for it stay open."""
    return await request.carry_out(service.withdraw, quote_request_id)


@router.post("/{quote_request_id}/decline", status_code=200, response_model=RequestToQuoteDetails)
async def decline_quote_request(
    quote_request_id: str, body: Decline, _: Financier, request: Idempotent
) -> Response:
    """A financier that is asked says why it makes no offer."""
    return await request.carry_out(service.decline, quote_request_id, body.reason)
