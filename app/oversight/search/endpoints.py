"""/v1/search"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import CallerOf
from app.gateway.gateway import GatewayOf
from app.gateway.path_types import Written
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.oversight.search import service
from app.oversight.search.schemas import SearchAnswer

router = APIRouter(prefix="/v1/search", tags=["search"], responses=PROBLEMS)


@router.get("", response_model=SearchAnswer)
async def search_everything(
    gateway: GatewayOf,
    caller: CallerOf,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=service.MAX_LENGTH,
            description="An id, with or without its kind (`claim 7`); a hash or an address; the "
            "beginning of an invoice's number or of a party's name, whatever the case; or a whole "
            "legal id.",
        ),
    ],
    limit: Annotated[Written, Query(ge=1, le=50, description="Maximum number of items.")] = 20,
) -> Response:
    """Whatever the caller may see that has this id, number, hash, address or name."""
    return json_response(await service.search(gateway, caller, q, limit=limit))
