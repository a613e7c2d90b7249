"""/v1/reserves, /v1/loans/{loan_id}/loss"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, Written
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.lending.losses import service
from app.lending.losses.schemas import Amount, Loss, Reserve, TopUp

router = APIRouter(prefix="/v1", tags=["risk"], responses=PROBLEMS)
Operator = Annotated[Caller, allow("operator")]
Party = Annotated[Caller, allow("supplier", "buyer", "financier")]
Watcher = Annotated[Caller, allow("financier", "auditor", "operator", "regulator")]
Place = Annotated[Written, Path(ge=0, le=255)]


@router.get("/reserves/{product_id}", response_model=Reserve)
async def get_reserve(product_id: Number, gateway: GatewayOf, _: Watcher) -> Response:
    """What is set aside for a product's losses, with each movement and agreement."""
    return json_response(await service.reserve(gateway, product_id))


@router.post("/reserves/{product_id}/cap", status_code=202, response_model=CommandAnswer)
async def set_reserve_cap(
    product_id: Number, body: Amount, _: Operator, request: Idempotent
) -> Response:
    """Sets the maximum balance that draws and top-ups may bring a reserve to."""
    return await request.carry_out(service.set_cap, product_id, body.amount)


@router.post("/reserves/{product_id}/top-ups", status_code=202, response_model=CommandAnswer)
async def top_up_reserve(
    product_id: Number, body: TopUp, _: Party, request: Idempotent
) -> Response:
    """Pays into a lender's reserve or a product's pool, from the caller's own money."""
    return await request.carry_out(service.top_up, product_id, body)


@router.get("/loans/{loan_id}/loss", response_model=Loss)
async def get_loss(loan_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """A loan's loss: what each source paid, owes, and recovered."""
    return json_response(await service.loss(gateway, caller, loan_id))


@router.post(
    "/loans/{loan_id}/loss/shares/{place}/payments", status_code=202, response_model=CommandAnswer
)
async def pay_loss_share(
    loan_id: Number, place: Place, body: Amount, _: Party, request: Idempotent
) -> Response:
    """Pays what a sharer owes of a loss; it goes to the lender."""
    return await request.carry_out(service.pay_share, loan_id, place, body.amount)


@router.post(
    "/loans/{loan_id}/loss/insurance/payments", status_code=202, response_model=CommandAnswer
)
async def pay_loss_insurance(
    loan_id: Number, body: Amount, _: Party, request: Idempotent
) -> Response:
    """Pays an insurer's claimed part of a loss; it goes to the lender."""
    return await request.carry_out(service.pay_insurance, loan_id, body.amount)
