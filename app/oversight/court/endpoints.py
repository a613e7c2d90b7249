"""/v1/orders-of-court and /v1/holds"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import Caller, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.oversight.court import service
from app.oversight.court.schemas import (
    CourtOrder,
    CourtOrderPage,
    Execution,
    HoldConfirmation,
    HoldPage,
    NewCourtOrder,
    NewHold,
)

router = APIRouter(prefix="/v1", tags=["orders of court"], responses=PROBLEMS)
Regulator = Annotated[Caller, allow("regulator")]
Reader = Annotated[Caller, allow("regulator", "auditor", "operator")]


@router.post("/orders-of-court", status_code=202, response_model=CommandAnswer)
async def issue_court_order(body: NewCourtOrder, _: Regulator, request: Idempotent) -> Response:
    """Records a court order; another regulator executes it after the delay."""
    return await request.carry_out(service.issue, body)


@router.get("/orders-of-court", response_model=CourtOrderPage)
async def list_court_orders(
    gateway: GatewayOf, _: Reader, cursor: NumberCursor = None, limit: Limit = 50
) -> Response:
    """Orders, newest first."""
    return json_response(await service.page(gateway, before=cursor, limit=limit))


@router.get("/orders-of-court/{order_id}", response_model=CourtOrder)
async def get_court_order(order_id: Number, gateway: GatewayOf, _: Reader) -> Response:
    """One order."""
    return json_response(await service.details(gateway, order_id))


@router.post("/orders-of-court/{order_id}/execution", status_code=202, response_model=CommandAnswer)
async def execute_court_order(
    order_id: Number, _: Regulator, request: Idempotent, body: Execution | None = None
) -> Response:
    """A second regulator executes the order once its delay is over.

    An order over a party's holdings takes the tokens that the party holds now. The part that the
    party does not hold stays open until the order lapses.
    """
    return await request.carry_out(
        service.execute, order_id, body or Execution(tokenIds=None, value=None, left=None)
    )


@router.post(
    "/orders-of-court/{order_id}/cancellation", status_code=202, response_model=CommandAnswer
)
async def cancel_court_order(order_id: Number, _: Regulator, request: Idempotent) -> Response:
    """Cancels the order: its issuer alone, or two other regulators; the first of these objects."""
    return await request.carry_out(service.cancel, order_id)


@router.post("/holds", status_code=202, response_model=CommandAnswer)
async def hold_party(body: NewHold, _: Regulator, request: Idempotent) -> Response:
    """Holds a party at once, as if frozen, for 72 hours; longer if another regulator confirms."""
    return await request.carry_out(service.hold, body)


@router.get("/holds", response_model=HoldPage)
async def list_holds(
    gateway: GatewayOf, _: Reader, cursor: NumberCursor = None, limit: Limit = 50
) -> Response:
    """The last hold of each party that was ever held."""
    return json_response(await service.hold_page(gateway, after=cursor, limit=limit))


@router.post("/holds/{party_id}/confirmation", status_code=202, response_model=CommandAnswer)
async def confirm_hold(
    party_id: str, body: HoldConfirmation, _: Regulator, request: Idempotent
) -> Response:
    """Another regulator extends the hold until its order is decided, for at most 90 days."""
    return await request.carry_out(service.confirm_hold, party_id, body.orderId)


@router.post("/holds/{party_id}/end", status_code=202, response_model=CommandAnswer)
async def end_hold(party_id: str, _: Regulator, request: Idempotent) -> Response:
    """The regulator who held the party ends a hold that nobody confirmed."""
    return await request.carry_out(service.lift_hold, party_id)
