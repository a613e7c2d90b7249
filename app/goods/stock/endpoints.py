"""/v1/stock-movements, /v1/stock-counts, /v1/stock-differences"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, UploadFile
from starlette.responses import Response

from app.gateway.callers import Caller, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.path_types import Day, QueryNumber
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.uploads import SingleParts, content_of
from app.gateway.views import json_response
from app.goods.stock import reading, service
from app.goods.stock.model import LIMIT_BYTES
from app.goods.stock.schemas import DifferencePage, MovementPage, StockAnswer

router = APIRouter(prefix="/v1", tags=["stock"], responses=PROBLEMS)
Warehouse = Annotated[Caller, allow("warehouse")]
Watcher = Annotated[Caller, allow("warehouse", "operator", "auditor", "regulator")]


@router.post(
    "/stock-movements", status_code=202, response_model=StockAnswer, dependencies=[SingleParts]
)
async def send_movements(
    _: Warehouse,
    request: Idempotent,
    file: Annotated[
        UploadFile, File(description="CSV, or GS1 EPCIS 2.0 as JSON; 5 MB, 20,000 movements.")
    ],
    asOf: Annotated[
        Day | None,
        Form(description="The day up to whose close the file goes; default: its newest day."),
    ] = None,
) -> Response:
    """Stores a warehouse's movements, all or none, and counts its lots on the ledger."""
    data = await content_of(file, limit=LIMIT_BYTES)
    await request.require_new(f"{asOf} ".encode() + data)
    return await request.carry_out(service.upload, data, as_of=asOf)


@router.get("/stock-movements", response_model=MovementPage)
async def list_movements(
    gateway: GatewayOf,
    caller: Watcher,
    lotId: QueryNumber = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Stored movements, newest first."""
    return json_response(
        await reading.movements(gateway, caller, lot_id=lotId, before=cursor, limit=limit)
    )


@router.post("/stock-counts", status_code=202, response_model=StockAnswer)
async def recount(_: Warehouse, request: Idempotent) -> Response:
    """Sends the count of the last file again, for lots that the ledger has another count of."""
    return await request.carry_out(service.recount)


@router.get("/stock-differences", response_model=DifferencePage)
async def list_differences(
    gateway: GatewayOf,
    caller: Watcher,
    lotId: QueryNumber = None,
    open: Annotated[bool | None, Query(description="Default: open and closed ones.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Lots whose stock and warehouse receipts did not agree, newest first."""
    return json_response(
        await reading.differences(
            gateway, caller, lot_id=lotId, still_open=open, before=cursor, limit=limit
        )
    )
