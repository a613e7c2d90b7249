"""/v1/loans/{id}/sales, /v1/loans/{id}/sale-buy-back, /v1/loans/{id}/sale-acknowledgement"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor, QueryNumber
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.lending.agreements.schemas import Agreement
from app.lending.sales import service
from app.lending.sales.schemas import LoanSalePage, NewLoanBuyBack, NewSale

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Financier = Annotated[Caller, allow("financier")]
Borrower = Annotated[Caller, allow("supplier", "buyer")]


@router.post("/loans/{loan_id}/sales", status_code=201, response_model=Agreement)
async def propose_sale(
    loan_id: Number, body: NewSale, _: Financier, request: Idempotent
) -> Response:
    """The lender proposes to sell a loan to another financier; both sign the agreement."""
    return await request.carry_out(service.sell, loan_id, body)


@router.post("/loans/{loan_id}/sale-buy-back", status_code=202, response_model=CommandAnswer)
async def buy_loan_back(
    loan_id: Number, _: Financier, request: Idempotent, body: NewLoanBuyBack | None = None
) -> Response:
    """Buys a sold loan back: its seller by its right, or its holder by the seller's duty."""
    return await request.carry_out(service.buy_back, loan_id, body or NewLoanBuyBack(maxPrice=None))


@router.post("/loans/{loan_id}/sale-acknowledgement", status_code=202, response_model=CommandAnswer)
async def acknowledge_sale(loan_id: Number, _: Borrower, request: Idempotent) -> Response:
    """The borrower acknowledges the notice of the loan's last sale."""
    return await request.carry_out(service.acknowledge, loan_id)


@router.get("/loan-sales", response_model=LoanSalePage)
async def list_loan_sales(
    gateway: GatewayOf,
    caller: CallerOf,
    loanId: QueryNumber = None,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Loans that the caller sold, bought or owes, newest sale first, with their notices."""
    return json_response(
        await service.page(gateway, caller, loan_id=loanId, before=cursor, limit=limit)
    )
