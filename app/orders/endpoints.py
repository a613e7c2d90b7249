"""/v1/orders"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.http.callers import Caller, CallerOf, allow
from app.http.commands import CommandOf
from app.http.gateway import GatewayOf
from app.http.numbers import Number, NumberCursor
from app.http.problems import PROBLEMS
from app.http.reading import Limit
from app.http.views import json_response
from app.operations.schemas import CommandAnswer
from app.orders import service
from app.orders.schemas import Confirmation, NewOrder, Order, OrderPage, Reason, Status

router = APIRouter(prefix="/v1/orders", tags=["orders"], responses=PROBLEMS)
Supplier = Annotated[Caller, allow("supplier")]
Buyer = Annotated[Caller, allow("buyer")]


@router.post("", status_code=202, response_model=CommandAnswer)
async def request_order(body: NewOrder, _: Supplier, command: CommandOf) -> Response:
    """Asks a buyer to confirm an order, so that it can be lent on before delivery."""
    return await service.request(command, body)


@router.get("", response_model=OrderPage)
async def list_orders(
    gateway: GatewayOf,
    caller: CallerOf,
    status: Status | None = None,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Orders of the caller, newest first."""
    return json_response(
        await service.page(gateway, caller, status=status, before=cursor, limit=limit)
    )


@router.get("/{order_id}", response_model=Order)
async def get_order(order_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One order, with the typed data that the buyer signs."""
    return json_response(await service.seen(gateway, caller, order_id))


@router.post("/{order_id}/confirmation", status_code=202, response_model=CommandAnswer)
async def confirm_order(
    order_id: Number, _: Buyer, command: CommandOf, body: Confirmation | None = None
) -> Response:
    """The buyer confirms the order by its signature over the terms."""
    return await service.confirm(command, order_id, None if body is None else body.signature)


@router.post("/{order_id}/rejection", status_code=202, response_model=CommandAnswer)
async def reject_order(order_id: Number, body: Reason, _: Buyer, command: CommandOf) -> Response:
    """The buyer rejects it."""
    return await service.step(
        command,
        order_id,
        kind="reject-order",
        function="reject",
        side="buyer",
        reason=body.reason,
    )


@router.post("/{order_id}/withdrawal", status_code=202, response_model=CommandAnswer)
async def withdraw_order(order_id: Number, _: Supplier, command: CommandOf) -> Response:
    """The supplier withdraws a request that is not confirmed yet."""
    return await service.step(
        command, order_id, kind="withdraw-order", function="withdraw", side="seller", reason=None
    )
