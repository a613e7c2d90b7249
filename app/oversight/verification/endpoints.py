"""/v1/verification"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import CallerOf
from app.gateway.gateway import GatewayOf
from app.gateway.path_types import Number
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.oversight.verification import packs, receipts, service
from app.oversight.verification.schemas import (
    PackQuestion,
    PackVerification,
    Verification,
    WarehouseReceiptVerification,
)

router = APIRouter(prefix="/v1/verification", tags=["verification"], responses=PROBLEMS)


@router.get("/claims/{claim_id}", response_model=Verification)
async def verify_claim(claim_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """Every check that a bank makes of a claim, from the chain, as of one block."""
    return json_response(await service.verify_claim(gateway, caller, claim_id))


@router.get(
    "/warehouse-receipts/{warehouse_receipt_id}", response_model=WarehouseReceiptVerification
)
async def verify_warehouse_receipt(
    warehouse_receipt_id: Number, gateway: GatewayOf, caller: CallerOf
) -> Response:
    """Every check that a bank makes of a warehouse receipt, from the chain, as of one block."""
    return json_response(
        await receipts.verify_warehouse_receipt(gateway, caller, warehouse_receipt_id)
    )


@router.post("/documents", response_model=PackVerification)
async def verify_documents(body: PackQuestion, gateway: GatewayOf, caller: CallerOf) -> Response:
    """Whether disclosed fields are in the document behind a receivable and match its terms."""
    return json_response(await packs.verify_pack(gateway, caller, body))
