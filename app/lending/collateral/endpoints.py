"""/v1/loans/{id}/collateral, conversions and liquidation, /v1/auctions, /v1/margin-calls"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor, Written
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.lending import commands
from app.lending.collateral import coverage, service, views
from app.lending.collateral.schemas import (
    AuctionPage,
    CollateralSubstitution,
    ConversionToClaim,
    ConversionToGoods,
    CoverageHistory,
    InvoicedGoods,
    MarginCallPage,
    NewBid,
)

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Lender = Annotated[Caller, allow("financier")]
Borrower = Annotated[Caller, allow("supplier", "buyer")]
Buyer = Annotated[Caller, allow("buyer")]
Viewer = Annotated[Caller, allow("financier", "auditor", "operator", "regulator")]
MarginChecker = Annotated[Caller, allow("supplier", "buyer", "financier", "operator")]
Party = Annotated[Caller, allow("supplier", "buyer", "financier")]


@router.post("/loans/{loan_id}/conversion", status_code=202, response_model=CommandAnswer)
async def convert_to_claim(
    loan_id: Number, body: ConversionToClaim, _: Buyer, request: Idempotent
) -> Response:
    """The buyer confirms a financed order's invoice; the order converts to the claim at once."""
    return await request.carry_out(
        service.convert_to_claim, loan_id, body.receivableId, body.signature
    )


@router.post("/loans/{loan_id}/collateral", status_code=202, response_model=CommandAnswer)
async def substitute_collateral(
    loan_id: Number, body: CollateralSubstitution, _: Borrower, request: Idempotent
) -> Response:
    """Substitutes collateral of a loan on goods at once; what remains must secure the debt."""
    return await request.carry_out(service.substitute_collateral, loan_id, body)


@router.post("/loans/{loan_id}/goods", status_code=202, response_model=CommandAnswer)
async def convert_to_goods(
    loan_id: Number, body: ConversionToGoods, _: Party, request: Idempotent
) -> Response:
    """Converts a signed delivery of a financed order: the lien moves to the warehouse receipt."""
    return await request.carry_out(service.convert_to_goods, loan_id, body)


@router.post("/loans/{loan_id}/invoiced-goods", status_code=202, response_model=CommandAnswer)
async def convert_goods_to_claim(
    loan_id: Number, body: InvoicedGoods, _: Borrower, request: Idempotent
) -> Response:
    """Converts invoiced goods: the lien moves to the claim, and the goods go to the debtor."""
    return await request.carry_out(service.convert_goods_to_claim, loan_id, body)


@router.post("/loans/{loan_id}/margin-check", status_code=202, response_model=CommandAnswer)
async def check_margin(loan_id: Number, _: MarginChecker, request: Idempotent) -> Response:
    """Starts a margin call when the collateral is below the call level, or ends a cured one."""
    return await request.carry_out(
        commands.step, loan_id, kind="check-margin", function="checkMargin", side="any"
    )


@router.post("/loans/{loan_id}/liquidation", status_code=202, response_model=CommandAnswer)
async def liquidate_loan(loan_id: Number, _: Lender, request: Idempotent) -> Response:
    """The lender opens an auction of a loan's goods, or the next round of it."""
    return await request.carry_out(
        commands.step, loan_id, kind="liquidate", function="liquidate", side="lender"
    )


@router.post("/loans/{loan_id}/bids", status_code=202, response_model=CommandAnswer)
async def bid_for_goods(loan_id: Number, body: NewBid, _: Lender, request: Idempotent) -> Response:
    """A funder buys goods that pay the debt at the current auction price, up to `maxPrice`."""
    return await request.carry_out(service.bid, loan_id, body.maxPrice)


@router.post("/loans/{loan_id}/buy-back", status_code=202, response_model=CommandAnswer)
async def call_buy_back(loan_id: Number, _: Party, request: Idempotent) -> Response:
    """Makes the undertaker buy goods that pay the debt.

    This needs an auction price that is at most what the undertaker pays.
    """
    return await request.carry_out(
        commands.step, loan_id, kind="call-buy-back", function="callBuyBack", side="any"
    )


@router.get("/auctions", response_model=AuctionPage)
async def list_auctions(
    gateway: GatewayOf, _: Viewer, cursor: NumberCursor = None, limit: Limit = 50
) -> Response:
    """Goods for sale, with the price as of the block; open to every funder."""
    return json_response(await views.auctions(gateway, before=cursor, limit=limit))


@router.get("/margin-calls", response_model=MarginCallPage)
async def list_margin_calls(
    gateway: GatewayOf,
    caller: CallerOf,
    near: bool = False,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Open margin calls of the caller's loans; `near` adds loans within 5 points of a call."""
    return json_response(
        await views.margin_calls(gateway, caller, near=near, before=cursor, limit=limit)
    )


@router.get("/loans/{loan_id}/coverage-history", response_model=CoverageHistory)
async def get_coverage_history(
    loan_id: Number,
    gateway: GatewayOf,
    caller: CallerOf,
    cursor: NumberCursor = None,
    limit: Annotated[Written, Query(ge=1, le=50, description="Maximum number of items.")] = 50,
) -> Response:
    """Collateral over debt of a loan on goods over time, with its call and liquidation levels."""
    body = await coverage.history(gateway, caller, loan_id, before=cursor, limit=limit)
    return json_response(body)
