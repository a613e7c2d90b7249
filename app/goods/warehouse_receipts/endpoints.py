"""/v1/lots, /v1/receipts, /v1/warehouses"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.commands import CommandOf
from app.gateway.gateway import GatewayOf
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor, NumberWanted
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.goods.warehouse_receipts import reading, service
from app.goods.warehouse_receipts.schemas import (
    HASH,
    Acknowledgement,
    HandOver,
    Impairment,
    Inspection,
    Lot,
    LotPage,
    NewLot,
    NewReceiptAssignments,
    NewRelease,
    PledgeStop,
    Receipt,
    ReceiptMerge,
    ReceiptPage,
    ReceiptPledge,
)
from app.trade.documents.schemas import DisclosureRequest, DocumentPack

router = APIRouter(prefix="/v1", tags=["receipts"], responses=PROBLEMS)
Warehouse = Annotated[Caller, allow("warehouse")]
Operator = Annotated[Caller, allow("operator")]
Holder = Annotated[Caller, allow("supplier", "buyer", "bank")]


@router.post("/lots", status_code=202, response_model=CommandAnswer)
async def issue_lot(body: NewLot, _: Warehouse, command: CommandOf) -> Response:
    """A warehouse issues a lot that it has taken in, and one receipt for all of it."""
    return await service.issue(command, body)


@router.get("/lots", response_model=LotPage)
async def list_lots(
    gateway: GatewayOf,
    caller: CallerOf,
    item: Annotated[str | None, Query(pattern=HASH)] = None,
    short: bool | None = None,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Lots that the caller keeps, deposited, or holds receipts of, newest first."""
    wanted = None if item is None else item.lower()
    return json_response(
        await reading.lot_page(
            gateway, caller, item=wanted, short=short, before=cursor, limit=limit
        )
    )


@router.get("/lots/{lot_id}", response_model=Lot)
async def get_lot(lot_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One lot: its terms, stock and standing, what its receipt states, what happened to it."""
    return json_response(await reading.seen_lot(gateway, caller, lot_id))


@router.post("/lots/{lot_id}/inspections", status_code=202, response_model=CommandAnswer)
async def inspect_lot(
    lot_id: Number, body: Inspection, _: Warehouse, command: CommandOf
) -> Response:
    """The warehouse reports how it found the goods; better again is possible too."""
    return await service.inspect(command, lot_id, body)


@router.get("/receipts", response_model=ReceiptPage)
async def list_receipts(
    gateway: GatewayOf,
    caller: CallerOf,
    lotId: NumberWanted = None,
    pledgedToMe: bool = False,
    releaseAsked: bool | None = None,
    ended: Annotated[bool | None, Query(description="Handed over, lost, or merged.")] = False,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Receipts that the caller holds, has a lien on, or is the warehouse of, newest first."""
    return json_response(
        await reading.receipt_page(
            gateway,
            caller,
            lot_id=lotId,
            pledged_to_me=pledgedToMe,
            release_asked=releaseAsked,
            ended=ended,
            before=cursor,
            limit=limit,
        )
    )


@router.post("/receipts/merges", status_code=202, response_model=CommandAnswer)
async def merge_receipts(body: ReceiptMerge, _: Holder, command: CommandOf) -> Response:
    """Merges a receipt into another one of the caller's on the same lot."""
    return await service.merge(command, body.receiptId, body.intoReceiptId)


@router.get("/receipts/{receipt_id:int}", response_model=Receipt)
async def get_receipt(receipt_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One receipt: its lot, what it states, lien, release asked for, chain of assignment."""
    return json_response(await reading.seen_receipt(gateway, caller, receipt_id))


@router.post("/receipts/{receipt_id}/disclosure", response_model=DocumentPack)
async def disclose_receipt(
    receipt_id: Number, body: DisclosureRequest, gateway: GatewayOf, caller: CallerOf
) -> Response:
    """A pack of chosen fields of what the receipt states, each with its proof."""
    return json_response(await reading.disclose(gateway, caller, receipt_id, body.fields))


@router.post("/receipts/{receipt_id}/impairments", status_code=202, response_model=CommandAnswer)
async def impair_receipt(
    receipt_id: Number, body: Impairment, _: Warehouse, command: CommandOf
) -> Response:
    """The warehouse reports goods of a receipt lost or worthless."""
    return await service.impair(command, receipt_id, body)


@router.post("/receipts/{receipt_id}/releases", status_code=202, response_model=CommandAnswer)
async def ask_release(
    receipt_id: Number, _: Holder, command: CommandOf, body: NewRelease | None = None
) -> Response:
    """The holder asks for goods; less than all splits them off first."""
    return await service.ask_release(command, receipt_id, body or NewRelease(quantity=None))


@router.post("/receipts/{receipt_id}/withdrawal", status_code=202, response_model=CommandAnswer)
async def withdraw_release(receipt_id: Number, _: Holder, command: CommandOf) -> Response:
    """The holder no longer asks for the goods."""
    return await service.withdraw_release(command, receipt_id)


@router.post("/receipts/{receipt_id}/hand-over", status_code=202, response_model=CommandAnswer)
async def hand_over(
    receipt_id: Number, _: Warehouse, command: CommandOf, body: HandOver | None = None
) -> Response:
    """The warehouse has handed over what was asked for; the receipt ends."""
    papers = body or HandOver()
    return await service.hand_over(command, receipt_id, papers.report, papers.papersRoot)


@router.post(
    "/receipts/{receipt_id}/acknowledgement", status_code=202, response_model=CommandAnswer
)
async def acknowledge_transfer(
    receipt_id: Number, body: Acknowledgement, _: Warehouse, command: CommandOf
) -> Response:
    """The warehouse lets a receipt that is not negotiable pass to a party, once."""
    return await service.acknowledge(command, receipt_id, body.toPartyId)


@router.post("/receipts/{receipt_id}/assignments", status_code=202, response_model=CommandAnswer)
async def assign_receipt(
    receipt_id: Number, body: NewReceiptAssignments, _: Holder, command: CommandOf
) -> Response:
    """Splits a receipt and passes the parts on, all of them or none."""
    return await service.assign(command, receipt_id, body.parts)


@router.post("/receipts/{receipt_id}/pledge", status_code=202, response_model=CommandAnswer)
async def pledge_receipt(
    receipt_id: Number, body: ReceiptPledge, _: Holder, command: CommandOf
) -> Response:
    """Puts a lien on a receipt: it then moves at the lienholder's word only."""
    return await service.pledge(command, receipt_id, body.lienholderPartyId)


@router.delete("/receipts/{receipt_id}/pledge", status_code=202, response_model=CommandAnswer)
async def release_pledge(receipt_id: Number, _: Holder, command: CommandOf) -> Response:
    """The lienholder lets a receipt go."""
    return await service.release_pledge(command, receipt_id)


@router.post("/warehouses/{party_id}/pledge-stop", status_code=202, response_model=CommandAnswer)
async def stop_pledges(
    party_id: str, body: PledgeStop, _: Operator, command: CommandOf
) -> Response:
    """Stops or allows new pledges of what a warehouse keeps; nothing else is stopped."""
    return await service.stop_pledges(command, party_id, body)
