"""/v1/loans/{id}/cover and what follows it, /v1/auctions, /v1/margin-calls"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.commands import CommandOf
from app.gateway.gateway import GatewayOf
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.lending import commands
from app.lending.collateral import service, views
from app.lending.collateral.schemas import (
    AuctionPage,
    CoverChange,
    InvoicedGoods,
    MarginCallPage,
    NewBid,
    Passage,
    PassageToGoods,
)

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Lender = Annotated[Caller, allow("bank")]
Borrower = Annotated[Caller, allow("supplier", "buyer")]
Buyer = Annotated[Caller, allow("buyer")]
Seeing = Annotated[Caller, allow("bank", "auditor", "operator", "regulator")]
Checking = Annotated[Caller, allow("supplier", "buyer", "bank", "operator")]
Party = Annotated[Caller, allow("supplier", "buyer", "bank")]


@router.post("/loans/{loan_id}/passage", status_code=202, response_model=CommandAnswer)
async def pass_to_receivable(
    loan_id: Number, body: Passage, _: Buyer, command: CommandOf
) -> Response:
    """The buyer confirms a financed order's invoice: loan and lien pass to the claim at once."""
    return await service.pass_to_receivable(command, loan_id, body.receivableId, body.signature)


@router.post("/loans/{loan_id}/cover", status_code=202, response_model=CommandAnswer)
async def change_cover(
    loan_id: Number, body: CoverChange, _: Borrower, command: CommandOf
) -> Response:
    """Swaps what backs a loan on goods, in one transaction; what stays covers the debt."""
    return await service.change_cover(command, loan_id, body)


@router.post("/loans/{loan_id}/goods", status_code=202, response_model=CommandAnswer)
async def pass_to_goods(
    loan_id: Number, body: PassageToGoods, _: Party, command: CommandOf
) -> Response:
    """An order's goods are in, and the buyer signed for them: loan and lien pass to the receipt."""
    return await service.pass_to_goods(command, loan_id, body)


@router.post("/loans/{loan_id}/invoiced-goods", status_code=202, response_model=CommandAnswer)
async def pass_goods_to_claim(
    loan_id: Number, body: InvoicedGoods, _: Borrower, command: CommandOf
) -> Response:
    """Goods under lien are invoiced: the lien passes to the claim and the goods to the debtor."""
    return await service.pass_to_claim(command, loan_id, body)


@router.post("/loans/{loan_id}/margin-check", status_code=202, response_model=CommandAnswer)
async def check_margin(loan_id: Number, _: Checking, command: CommandOf) -> Response:
    """Starts a margin call when the cover has fallen below the call level, or ends a cured one."""
    return await commands.step(
        command, loan_id, kind="check-margin", function="checkMargin", side="any"
    )


@router.post("/loans/{loan_id}/liquidation", status_code=202, response_model=CommandAnswer)
async def liquidate_loan(loan_id: Number, _: Lender, command: CommandOf) -> Response:
    """The lender opens an auction of a loan's goods, or its next round."""
    return await commands.step(
        command, loan_id, kind="liquidate", function="liquidate", side="lender"
    )


@router.post("/loans/{loan_id}/bids", status_code=202, response_model=CommandAnswer)
async def bid_for_goods(loan_id: Number, body: NewBid, _: Lender, command: CommandOf) -> Response:
    """A funder buys what pays the debt, at the auction's price of the moment, at most at `most`."""
    return await service.bid(command, loan_id, body.most)


@router.post("/loans/{loan_id}/buy-back", status_code=202, response_model=CommandAnswer)
async def call_buy_back(loan_id: Number, _: Party, command: CommandOf) -> Response:
    """Has the undertaker buy what pays the debt, once the auction asks no more than it pays."""
    return await commands.step(
        command, loan_id, kind="call-buy-back", function="callBuyBack", side="any"
    )


@router.get("/auctions", response_model=AuctionPage)
async def list_auctions(
    gateway: GatewayOf, _: Seeing, cursor: NumberCursor = None, limit: Limit = 50
) -> Response:
    """Goods that are for sale, with the price as of the block; open to every funder."""
    return json_response(await views.auctions(gateway, before=cursor, limit=limit))


@router.get("/margin-calls", response_model=MarginCallPage)
async def list_margin_calls(
    gateway: GatewayOf,
    caller: CallerOf,
    near: bool = False,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Open margin calls of the caller's loans; `near` adds those within 5 points of one."""
    return json_response(
        await views.margin_calls(gateway, caller, near=near, before=cursor, limit=limit)
    )
