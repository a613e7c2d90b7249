"""/v1/orders-of-court"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.court import repository, service
from app.court.schemas import NewOrder, Order, OrderPage
from app.http.callers import Caller, allow
from app.http.commands import CommandOf
from app.http.gateway import GatewayOf
from app.http.numbers import Number, NumberCursor
from app.http.problems import PROBLEMS
from app.http.reading import Limit, read_as_of
from app.http.views import json_response
from app.operations.schemas import CommandAnswer

router = APIRouter(prefix="/v1/orders-of-court", tags=["orders of court"], responses=PROBLEMS)
Regulator = Annotated[Caller, allow("regulator")]
Reader = Annotated[Caller, allow("regulator", "auditor", "operator")]


@router.post("", status_code=202, response_model=CommandAnswer)
async def issue_order(body: NewOrder, _: Regulator, command: CommandOf) -> Response:
    """Puts an order of a court on record: a freeze, its end, or a forced transfer."""
    return await service.issue(command, body)


@router.get("", response_model=OrderPage)
async def list_orders(
    gateway: GatewayOf, _: Reader, cursor: NumberCursor = None, limit: Limit = 50
) -> Response:
    """Orders, newest first."""
    rows, as_of = await read_as_of(
        gateway, lambda connection: repository.listed(connection, before=cursor, limit=limit)
    )
    following = rows[-1].order_id if len(rows) == limit else None
    items = [service.view(gateway, row) for row in rows]
    return json_response({"items": items, "nextCursor": following, "asOf": as_of})


@router.get("/{order_id}", response_model=Order)
async def get_order(order_id: Number, gateway: GatewayOf, _: Reader) -> Response:
    """One order."""
    return json_response(service.view(gateway, await service.order(gateway, order_id)))


@router.post("/{order_id}/execution", status_code=202, response_model=CommandAnswer)
async def execute_order(order_id: Number, _: Regulator, command: CommandOf) -> Response:
    """A second regulator carries the order out, once its delay is over."""
    return await service.close(command, order_id, kind="execute-order", function="execute")


@router.post("/{order_id}/cancellation", status_code=202, response_model=CommandAnswer)
async def cancel_order(order_id: Number, _: Regulator, command: CommandOf) -> Response:
    """A regulator takes the order back."""
    return await service.close(command, order_id, kind="cancel-order", function="cancel")
