"""/v1/prices, /v1/price-items, /v1/valuations"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, UploadFile
from starlette.responses import Response

from app.domain.quantity import UNIT
from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Day, NumberCursor
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.uploads import SingleParts, content_of
from app.gateway.views import json_response
from app.goods.prices import service, valuations, waiting
from app.goods.prices.schemas import (
    CURRENCY,
    HASH,
    ITEM,
    Confirmations,
    Goods,
    ItemPage,
    NewListing,
    NewPrices,
    PricePage,
    PriceWithdrawal,
    ValuationAnswer,
    WaitingPrices,
)
from app.goods.stock.model import LIMIT_BYTES

router = APIRouter(prefix="/v1", tags=["prices"], responses=PROBLEMS)
Operator = Annotated[Caller, allow("operator")]
Appraiser = Annotated[Caller, allow("appraiser")]


@router.post("/price-items", status_code=202, response_model=CommandAnswer)
async def list_price_items(body: NewListing, _: Operator, request: Idempotent) -> Response:
    """The operator lists items that may be priced, with the guards of age and jump.

    A change of guards, or listing an item again, waits until another operator asks for the same.
    """
    return await request.carry_out(service.list_items, body)


@router.get("/price-items", response_model=ItemPage)
async def get_price_items(gateway: GatewayOf, _: CallerOf) -> Response:
    """The items that may be priced."""
    return json_response(await service.items(gateway))


@router.post("/prices", status_code=202, response_model=CommandAnswer)
async def post_prices(body: NewPrices, _: Appraiser, request: Idempotent) -> Response:
    """An appraiser posts prices; a first one and a jump wait for a second appraiser."""
    return await request.carry_out(service.post, body)


@router.post("/prices/confirmations", status_code=202, response_model=CommandAnswer)
async def confirm_prices(body: Confirmations, _: Appraiser, request: Idempotent) -> Response:
    """An appraiser of another party confirms a first price, a jump or another haircut.

    `priceHash` names exactly what was looked at: if another price waits meanwhile, nothing happens.
    """
    return await request.carry_out(waiting.confirm, body)


@router.post("/prices/withdrawals", status_code=202, response_model=CommandAnswer)
async def withdraw_price(body: PriceWithdrawal, _: Appraiser, request: Idempotent) -> Response:
    """An appraiser withdraws what its party proposed; the doubt about the item ends.

    `priceHash` names exactly what was looked at: if its party proposed another price meanwhile,
    nothing happens.
    """
    return await request.carry_out(waiting.withdraw, body)


@router.get("/prices/waiting", response_model=WaitingPrices)
async def list_waiting_prices(
    gateway: GatewayOf,
    _: CallerOf,
    item: Annotated[str | None, Query(pattern=ITEM)] = None,
    currency: Annotated[str | None, Query(pattern=CURRENCY)] = None,
) -> Response:
    """The prices that wait for a second appraiser, of one item or of all, newest first of each."""
    return json_response(await waiting.waiting(gateway, item=item, currency=currency))


@router.get("/prices", response_model=PricePage)
async def list_prices(
    gateway: GatewayOf,
    _: CallerOf,
    item: Annotated[str | None, Query(pattern=ITEM)] = None,
    currency: Annotated[str | None, Query(pattern=CURRENCY)] = None,
    newest: Annotated[
        bool, Query(description="Only the newest price of each item and currency.")
    ] = False,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """The history of prices, newest first."""
    return json_response(
        await service.history(
            gateway, item=item, currency=currency, newest=newest, before=cursor, limit=limit
        )
    )


@router.post(
    "/valuations", status_code=202, response_model=ValuationAnswer, dependencies=[SingleParts]
)
async def value_goods(
    _: Appraiser,
    request: Idempotent,
    sku: Annotated[str, Form(min_length=1, max_length=100)],
    unit: Annotated[str, Form(pattern=UNIT)],
    currency: Annotated[str, Form(pattern=CURRENCY)],
    sales: Annotated[UploadFile, File(description="Sales as CSV; 5 MB, 50,000 lines.")],
    grade: Annotated[str, Form(max_length=16)] = "",
    asOf: Annotated[
        Day | None,
        Form(description="The goods are valued at the close of this day; default: yesterday."),
    ] = None,
    movements: Annotated[
        UploadFile | None, File(description="Movements of these goods, CSV or EPCIS 2.0.")
    ] = None,
    post: Annotated[bool, Query(description="Whether the price goes to the ledger.")] = False,
) -> Response:
    """Values goods by their sales and movements, explains it, and posts the price on request."""
    valuation_request = valuations.ValuationRequest(
        goods=Goods(sku=sku, grade=grade, unit=unit),
        currency=currency,
        as_of=asOf,
        sales=await content_of(sales, field="sales", limit=LIMIT_BYTES),
        movements=None
        if movements is None
        else await content_of(movements, field="movements", limit=LIMIT_BYTES),
        post=post,
    )
    await request.require_new(valuations.request_bytes(valuation_request))
    return await request.carry_out(valuations.value, valuation_request)


@router.get("/valuations/{evidence}", response_model=ValuationAnswer)
async def get_valuation(
    evidence: Annotated[str, Path(pattern=HASH)], gateway: GatewayOf, caller: CallerOf
) -> Response:
    """The valuation behind a price's evidence, for its appraiser and auditors."""
    return json_response(await valuations.stored_valuation(gateway, caller, evidence))
