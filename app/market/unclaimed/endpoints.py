"""/v1/unclaimed"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.market.unclaimed import service
from app.market.unclaimed.schemas import UnclaimedList, Withdrawal

router = APIRouter(prefix="/v1", tags=["unclaimed"], responses=PROBLEMS)
Party = Annotated[
    Caller, allow("supplier", "buyer", "financier", "rater", "appraiser", "warehouse", "operator")
]


@router.get("/unclaimed", response_model=UnclaimedList)
async def list_unclaimed(gateway: GatewayOf, caller: CallerOf) -> Response:
    """Unclaimed money of the caller's party in all contracts."""
    return json_response(await service.unclaimed(gateway, caller))


@router.post("/unclaimed/withdrawals", status_code=202, response_model=CommandAnswer)
async def withdraw_unclaimed(body: Withdrawal, _: Party, request: Idempotent) -> Response:
    """Withdraws unclaimed money of the caller's party to the caller's own account."""
    return await request.carry_out(service.withdraw, body)
