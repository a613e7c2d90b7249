"""/v1/orders, /v1/deliveries"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.trade.orders import delivery_service, service
from app.trade.orders.schemas import (
    BuyerSignature,
    Delivery,
    DeliveryExecution,
    DeliveryPage,
    NewDelivery,
    NewOrder,
    OrderDetails,
    OrderPage,
    Reason,
    Status,
)

router = APIRouter(prefix="/v1", tags=["orders"], responses=PROBLEMS)
Supplier = Annotated[Caller, allow("supplier")]
Buyer = Annotated[Caller, allow("buyer")]


@router.post("/orders", status_code=202, response_model=CommandAnswer)
async def request_order(body: NewOrder, _: Supplier, request: Idempotent) -> Response:
    """Asks a buyer to confirm an order, so that it can back a loan before delivery."""
    return await request.carry_out(service.request, body)


@router.get("/orders", response_model=OrderPage)
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


@router.get("/orders/{order_id}", response_model=OrderDetails)
async def get_order(order_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One order, with the typed data that the buyer signs."""
    return json_response(await delivery_service.details(gateway, caller, order_id))


@router.post("/orders/{order_id}/confirmation", status_code=202, response_model=CommandAnswer)
async def confirm_order(
    order_id: Number, _: Buyer, request: Idempotent, body: BuyerSignature | None = None
) -> Response:
    """The buyer confirms the order by signing its terms."""
    return await request.carry_out(
        service.confirm, order_id, None if body is None else body.signature
    )


@router.post("/orders/{order_id}/rejection", status_code=202, response_model=CommandAnswer)
async def reject_order(order_id: Number, body: Reason, _: Buyer, request: Idempotent) -> Response:
    """The buyer rejects a requested order."""
    return await request.carry_out(
        service.step,
        order_id,
        kind="reject-order",
        function="reject",
        side="buyer",
        reason=body.reason,
    )


@router.post("/orders/{order_id}/withdrawal", status_code=202, response_model=CommandAnswer)
async def withdraw_order(order_id: Number, _: Supplier, request: Idempotent) -> Response:
    """The supplier withdraws a request that is not confirmed yet."""
    return await request.carry_out(
        service.step,
        order_id,
        kind="withdraw-order",
        function="withdraw",
        side="seller",
        reason=None,
    )


# ------------------------------------------------------------------ deliveries


@router.post("/orders/{order_id}/deliveries", status_code=201, response_model=Delivery)
async def propose_delivery(
    order_id: Number, body: NewDelivery, _: Supplier, request: Idempotent
) -> Response:
    """The supplier states which goods came into which lot; the buyer then signs for them."""
    return await request.carry_out(delivery_service.propose, order_id, body)


@router.get("/orders/{order_id}/deliveries", response_model=DeliveryPage)
async def list_deliveries(order_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """Deliveries of an order, oldest first, and those on the ledger."""
    return json_response(await delivery_service.page(gateway, caller, order_id))


@router.get("/deliveries/{delivery_id}", response_model=Delivery)
async def get_delivery(delivery_id: str, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One delivery, with the typed data that the buyer signs."""
    row = await delivery_service.delivery(gateway, caller, delivery_id)
    return json_response(delivery_service.view(gateway, row))


@router.post("/deliveries/{delivery_id}/signature", response_model=Delivery)
async def sign_delivery(
    delivery_id: str, _: Buyer, request: Idempotent, body: BuyerSignature | None = None
) -> Response:
    """The buyer signs for the goods; its signature waits until it goes on the ledger."""
    return await request.carry_out(
        delivery_service.sign, delivery_id, None if body is None else body.signature
    )


@router.post(
    "/deliveries/{delivery_id}/execution", status_code=202, response_model=DeliveryExecution
)
async def execute_delivery(delivery_id: str, _: Supplier, request: Idempotent) -> Response:
    """The supplier records a signed delivery, if the order is not under a lien."""
    return await request.carry_out(delivery_service.execute, delivery_id)
