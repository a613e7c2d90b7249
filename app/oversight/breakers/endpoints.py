"""/v1/breakers"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import CallerOf
from app.gateway.gateway import GatewayOf
from app.gateway.path_types import NumberCursor
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.oversight.breakers import service
from app.oversight.breakers.schemas import BreakerHistory, Breakers

router = APIRouter(prefix="/v1/breakers", tags=["incidents"], responses=PROBLEMS)


@router.get("", response_model=Breakers)
async def get_breakers(gateway: GatewayOf, _: CallerOf) -> Response:
    """The breaker of each product beside what it measures, and the stops of new liens."""
    return json_response(await service.breakers(gateway))


@router.get("/history", response_model=BreakerHistory)
async def list_breaker_changes(
    gateway: GatewayOf, _: CallerOf, cursor: NumberCursor = None, limit: Limit = 50
) -> Response:
    """Who changed a breaker or stopped new risk, and when; newest first."""
    return json_response(await service.history(gateway, before=cursor, limit=limit))
