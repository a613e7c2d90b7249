"""/v1/offers"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import QueryNumber
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.views import json_response
from app.market.offers import service
from app.market.offers.repository import State
from app.market.offers.schemas import Acceptance, NewOffer, Offer, OfferPage, OfferSignature

router = APIRouter(prefix="/v1/offers", tags=["offers"], responses=PROBLEMS)
Funder = Annotated[Caller, allow("financier")]
Seller = Annotated[Caller, allow("supplier", "financier")]


@router.post("", status_code=201, response_model=Offer)
async def make_offer(body: NewOffer, _: Funder, request: Idempotent) -> Response:
    """A bank offers a signed price or discount rate for a claim or part of one."""
    return await request.carry_out(service.make, body)


@router.get("", response_model=OfferPage)
async def list_offers(
    gateway: GatewayOf,
    caller: CallerOf,
    claimId: QueryNumber = None,
    quoteRequestId: Annotated[
        str | None,
        Query(pattern=r"^[0-9a-f-]{36}$", description="Only offers that answer this request."),
    ] = None,
    state: State | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The caller's offers, made or received, newest first.

    An offer that its funder has not signed is a draft: the funder alone sees it.
    """
    return json_response(
        await service.page(
            gateway,
            caller,
            claim_id=claimId,
            quote_request_id=quoteRequestId,
            state=state,
            before=cursor,
            limit=limit,
        )
    )


@router.get("/{offer_id}", response_model=Offer)
async def get_offer(offer_id: str, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One offer with its typed data."""
    row = await service.offer(gateway, caller, offer_id)
    return json_response(await service.offer_view(gateway, row))


@router.post("/{offer_id}/signature", response_model=Offer)
async def sign_offer(
    offer_id: str, body: OfferSignature, gateway: GatewayOf, caller: Funder
) -> Response:
    """Takes the bank's own signature over the offer's typed data."""
    row = await service.sign(gateway, caller, offer_id, body.signature)
    return json_response(await service.offer_view(gateway, row))


@router.post("/{offer_id}/acceptance", status_code=202, response_model=CommandAnswer)
async def accept_offer(
    offer_id: str, _: Seller, request: Idempotent, body: Acceptance | None = None
) -> Response:
    """The holder accepts; one transaction exchanges the claim for cash."""
    return await request.carry_out(
        service.accept, offer_id, None if body is None else body.documentRoot
    )


@router.delete("/{offer_id}", status_code=202, response_model=CommandAnswer)
async def cancel_offer(offer_id: str, _: Funder, request: Idempotent) -> Response:
    """The bank cancels its offer on the ledger."""
    return await request.carry_out(service.cancel, offer_id)
