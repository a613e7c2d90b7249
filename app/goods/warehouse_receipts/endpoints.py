"""/v1/lots, /v1/warehouse-receipts, /v1/warehouses"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor, QueryNumber
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.goods.warehouse_receipts import reading, service, warehouse_service
from app.goods.warehouse_receipts.schemas import (
    HASH,
    Acknowledgement,
    HandOver,
    Impairment,
    Inspection,
    LienStop,
    LotDetails,
    LotPage,
    NewLot,
    NewRelease,
    NewWarehouseReceiptAssignments,
    WarehouseReceiptDetails,
    WarehouseReceiptLien,
    WarehouseReceiptMerge,
    WarehouseReceiptPage,
)
from app.trade.documents.schemas import DisclosureRequest, DocumentPack

router = APIRouter(prefix="/v1", tags=["warehouse receipts"], responses=PROBLEMS)
Warehouse = Annotated[Caller, allow("warehouse")]
Operator = Annotated[Caller, allow("operator")]
Holder = Annotated[Caller, allow("supplier", "buyer", "financier")]


@router.post("/lots", status_code=202, response_model=CommandAnswer)
async def issue_lot(body: NewLot, _: Warehouse, request: Idempotent) -> Response:
    """A warehouse issues a lot that it has taken in, and one warehouse receipt for all of it."""
    return await request.carry_out(warehouse_service.issue, body)


@router.get("/lots", response_model=LotPage)
async def list_lots(
    gateway: GatewayOf,
    caller: CallerOf,
    item: Annotated[str | None, Query(pattern=HASH)] = None,
    short: bool | None = None,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Lots that the caller stores, deposited, or holds warehouse receipts of, newest first."""
    item_hash = None if item is None else item.lower()
    return json_response(
        await reading.lot_page(
            gateway, caller, item=item_hash, short=short, before=cursor, limit=limit
        )
    )


@router.get("/lots/{lot_id}", response_model=LotDetails)
async def get_lot(lot_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One lot: its terms, stock and standing, its warehouse receipt, what happened to it."""
    return json_response(await reading.lot_details(gateway, caller, lot_id))


@router.post("/lots/{lot_id}/inspections", status_code=202, response_model=CommandAnswer)
async def inspect_lot(
    lot_id: Number, body: Inspection, _: Warehouse, request: Idempotent
) -> Response:
    """The warehouse reports the condition of the goods; it may also improve."""
    return await request.carry_out(warehouse_service.inspect, lot_id, body)


@router.get("/warehouse-receipts", response_model=WarehouseReceiptPage)
async def list_warehouse_receipts(
    gateway: GatewayOf,
    caller: CallerOf,
    lotId: QueryNumber = None,
    underMyLien: bool = False,
    releaseRequested: bool | None = None,
    ended: Annotated[bool | None, Query(description="Handed over, lost, or merged.")] = False,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Warehouse receipts that the caller holds, has a lien on, or issued, newest first."""
    return json_response(
        await reading.warehouse_receipt_page(
            gateway,
            caller,
            lot_id=lotId,
            under_my_lien=underMyLien,
            release_requested=releaseRequested,
            ended=ended,
            before=cursor,
            limit=limit,
        )
    )


@router.post("/warehouse-receipts/merges", status_code=202, response_model=CommandAnswer)
async def merge_warehouse_receipts(
    body: WarehouseReceiptMerge, _: Holder, request: Idempotent
) -> Response:
    """Merges a warehouse receipt into another one of the caller's for the same lot."""
    return await request.carry_out(
        service.merge, body.warehouseReceiptId, body.intoWarehouseReceiptId
    )


@router.get("/warehouse-receipts/{warehouse_receipt_id}", response_model=WarehouseReceiptDetails)
async def get_warehouse_receipt(
    warehouse_receipt_id: Number, gateway: GatewayOf, caller: CallerOf
) -> Response:
    """One warehouse receipt: lot, statement, lien, requested release, chain of assignment."""
    return json_response(
        await reading.warehouse_receipt_details(gateway, caller, warehouse_receipt_id)
    )


@router.post("/warehouse-receipts/{warehouse_receipt_id}/disclosure", response_model=DocumentPack)
async def disclose_warehouse_receipt(
    warehouse_receipt_id: Number, body: DisclosureRequest, gateway: GatewayOf, caller: CallerOf
) -> Response:
    """A pack of chosen fields of what the warehouse receipt states, each with its proof."""
    return json_response(await reading.disclose(gateway, caller, warehouse_receipt_id, body.fields))


@router.post(
    "/warehouse-receipts/{warehouse_receipt_id}/impairments",
    status_code=202,
    response_model=CommandAnswer,
)
async def impair_warehouse_receipt(
    warehouse_receipt_id: Number, body: Impairment, _: Warehouse, request: Idempotent
) -> Response:
    """The warehouse reports goods of a warehouse receipt lost or worthless."""
    return await request.carry_out(warehouse_service.impair, warehouse_receipt_id, body)


@router.post(
    "/warehouse-receipts/{warehouse_receipt_id}/releases",
    status_code=202,
    response_model=CommandAnswer,
)
async def ask_release(
    warehouse_receipt_id: Number, _: Holder, request: Idempotent, body: NewRelease | None = None
) -> Response:
    """The holder asks for goods; a part of them is split off first."""
    return await request.carry_out(
        service.ask_release, warehouse_receipt_id, body or NewRelease(quantity=None)
    )


@router.post(
    "/warehouse-receipts/{warehouse_receipt_id}/withdrawal",
    status_code=202,
    response_model=CommandAnswer,
)
async def withdraw_release(
    warehouse_receipt_id: Number, _: Holder, request: Idempotent
) -> Response:
    """The holder no longer asks for the goods."""
    return await request.carry_out(service.withdraw_release, warehouse_receipt_id)


@router.post(
    "/warehouse-receipts/{warehouse_receipt_id}/hand-over",
    status_code=202,
    response_model=CommandAnswer,
)
async def hand_over(
    warehouse_receipt_id: Number, body: HandOver, _: Warehouse, request: Idempotent
) -> Response:
    """The warehouse has handed over the requested goods; the warehouse receipt ends.

    The body names what was handed over, and to whom: if the holder has changed its request or
    assigned goods meanwhile, nothing happens.
    """
    return await request.carry_out(warehouse_service.hand_over, warehouse_receipt_id, body)


@router.post(
    "/warehouse-receipts/{warehouse_receipt_id}/acknowledgement",
    status_code=202,
    response_model=CommandAnswer,
)
async def acknowledge_transfer(
    warehouse_receipt_id: Number, body: Acknowledgement, _: Warehouse, request: Idempotent
) -> Response:
    """The warehouse lets a non-negotiable warehouse receipt pass to a party, once."""
    return await request.carry_out(
        warehouse_service.acknowledge, warehouse_receipt_id, body.toPartyId
    )


@router.post(
    "/warehouse-receipts/{warehouse_receipt_id}/assignments",
    status_code=202,
    response_model=CommandAnswer,
)
async def assign_warehouse_receipt(
    warehouse_receipt_id: Number,
    body: NewWarehouseReceiptAssignments,
    _: Holder,
    request: Idempotent,
) -> Response:
    """Splits a warehouse receipt and assigns the parts, all of them or none."""
    return await request.carry_out(service.assign, warehouse_receipt_id, body.parts)


@router.post(
    "/warehouse-receipts/{warehouse_receipt_id}/lien", status_code=202, response_model=CommandAnswer
)
async def encumber_warehouse_receipt(
    warehouse_receipt_id: Number, body: WarehouseReceiptLien, _: Holder, request: Idempotent
) -> Response:
    """Puts a lien on a warehouse receipt: then only the lienholder can move it."""
    return await request.carry_out(service.encumber, warehouse_receipt_id, body.lienholderPartyId)


@router.delete(
    "/warehouse-receipts/{warehouse_receipt_id}/lien", status_code=202, response_model=CommandAnswer
)
async def release_lien(warehouse_receipt_id: Number, _: Holder, request: Idempotent) -> Response:
    """The lienholder releases its lien on a warehouse receipt."""
    return await request.carry_out(service.release_lien, warehouse_receipt_id)


@router.post("/warehouses/{party_id}/lien-stop", status_code=202, response_model=CommandAnswer)
async def stop_new_liens(
    party_id: str, body: LienStop, _: Operator, request: Idempotent
) -> Response:
    """Stops or allows new liens on what a warehouse stores; nothing else is stopped."""
    return await request.carry_out(warehouse_service.stop_new_liens, party_id, body)
