"""/v1/prices, /v1/price-items"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.http.callers import Caller, CallerOf, allow
from app.http.commands import CommandOf
from app.http.gateway import GatewayOf
from app.http.numbers import NumberCursor
from app.http.problems import PROBLEMS
from app.http.reading import Limit
from app.http.views import json_response
from app.operations.schemas import CommandAnswer
from app.prices import service
from app.prices.schemas import (
    CURRENCY,
    ITEM,
    Confirmations,
    ItemPage,
    NewListing,
    NewPrices,
    PricePage,
)

router = APIRouter(prefix="/v1", tags=["prices"], responses=PROBLEMS)
Operator = Annotated[Caller, allow("operator")]
Appraiser = Annotated[Caller, allow("appraiser")]


@router.post("/price-items", status_code=202, response_model=CommandAnswer)
async def list_price_items(body: NewListing, _: Operator, command: CommandOf) -> Response:
    """The operator lists what may be priced, with the guards of age and jump."""
    return await service.list_items(command, body)


@router.get("/price-items", response_model=ItemPage)
async def get_price_items(gateway: GatewayOf, _: CallerOf) -> Response:
    """What may be priced."""
    return json_response(await service.items(gateway))


@router.post("/prices", status_code=202, response_model=CommandAnswer)
async def post_prices(body: NewPrices, _: Appraiser, command: CommandOf) -> Response:
    """An appraiser posts prices; a first one and a jump wait for a second appraiser."""
    return await service.post(command, body)


@router.post("/prices/confirmations", status_code=202, response_model=CommandAnswer)
async def confirm_prices(body: Confirmations, _: Appraiser, command: CommandOf) -> Response:
    """An appraiser of another party confirms jumps."""
    return await service.confirm(command, body)


@router.get("/prices", response_model=PricePage)
async def list_prices(
    gateway: GatewayOf,
    _: CallerOf,
    item: Annotated[str | None, Query(pattern=ITEM)] = None,
    currency: Annotated[str | None, Query(pattern=CURRENCY)] = None,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """The history of prices, newest first."""
    return json_response(
        await service.history(gateway, item=item, currency=currency, before=cursor, limit=limit)
    )
