"""/v1/cash"""

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
from app.market.cash import service
from app.market.cash.schemas import Balances, Issue, NewApproval, Redemption

router = APIRouter(prefix="/v1/cash", tags=["cash"], responses=PROBLEMS)
Issuer = Annotated[Caller, allow("cash-issuer")]
Holder = Annotated[Caller, allow("supplier", "buyer", "financier")]


@router.get("", response_model=Balances)
async def get_balances(
    gateway: GatewayOf, caller: CallerOf, partyId: str | None = None
) -> Response:
    """Balances of the caller's account; those who see all may read any party's."""
    return json_response(await service.balances(gateway, caller, partyId))


@router.post("/{currency}/mint", status_code=202, response_model=CommandAnswer)
async def issue_cash(currency: str, body: Issue, _: Issuer, request: Idempotent) -> Response:
    """Issues money to a party against a deposit that the bank holds."""
    return await request.carry_out(service.issue, currency, body)


@router.post("/{currency}/transfers", status_code=202, response_model=CommandAnswer)
async def transfer_cash(currency: str, body: Issue, _: Holder, request: Idempotent) -> Response:
    """Pays another party."""
    return await request.carry_out(service.transfer, currency, body)


@router.post("/{currency}/approvals", status_code=202, response_model=CommandAnswer)
async def approve_cash(
    currency: str, body: NewApproval, _: Holder, request: Idempotent
) -> Response:
    """Sets how much of the caller's money a contract of the ledger may take."""
    return await request.carry_out(service.approve, currency, body.contract, body.amount)


@router.post("/{currency}/redemptions", status_code=202, response_model=CommandAnswer)
async def redeem_cash(currency: str, body: Redemption, _: Holder, request: Idempotent) -> Response:
    """Redeems money into an ordinary deposit."""
    return await request.carry_out(service.redeem, currency, body)
