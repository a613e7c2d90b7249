"""/v1/cash"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.chain.evm.hashing import checksum_address
from app.errors import Forbidden
from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.commands import CommandOf
from app.gateway.gateway import GatewayOf
from app.gateway.money import money_view
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import read_as_of
from app.gateway.views import json_response
from app.market.cash import repository, service
from app.market.cash.schemas import Balances, Issue, NewApproval, Redemption
from app.parties.registry import service as parties

router = APIRouter(prefix="/v1/cash", tags=["cash"], responses=PROBLEMS)
Issuer = Annotated[Caller, allow("cash-issuer")]
Holder = Annotated[Caller, allow("supplier", "buyer", "financier")]


@router.get("", response_model=Balances)
async def get_balances(
    gateway: GatewayOf, caller: CallerOf, partyId: str | None = None
) -> Response:
    """Balances of the caller's account; those who see all may read any party's."""
    account = caller.account
    if partyId is not None and partyId != caller.party_id:
        if not caller.sees_all:
            raise Forbidden("this caller may not read another party's balances")
        account = (await parties.party(gateway, partyId)).account
    if account is None:
        raise Forbidden("this caller has no account on the ledger", fix="give partyId")
    rows, as_of = await read_as_of(
        gateway, lambda connection: repository.balances(connection, account)
    )
    items = [
        {
            "account": checksum_address(account),
            "balance": money_view(amount, currency=gateway.currency_at(currency)),
        }
        for currency, amount in rows
    ]
    return json_response({"items": items, "asOf": as_of})


@router.post("/{currency}/mint", status_code=202, response_model=CommandAnswer)
async def issue_cash(currency: str, body: Issue, _: Issuer, command: CommandOf) -> Response:
    """Issues money to a party against a deposit that the bank holds."""
    return await service.issue(command, currency, body)


@router.post("/{currency}/transfers", status_code=202, response_model=CommandAnswer)
async def transfer_cash(currency: str, body: Issue, _: Holder, command: CommandOf) -> Response:
    """Pays another party."""
    return await service.transfer(command, currency, body)


@router.post("/{currency}/approvals", status_code=202, response_model=CommandAnswer)
async def approve_cash(currency: str, body: NewApproval, _: Holder, command: CommandOf) -> Response:
    """Sets how much of the caller's money a contract of the ledger may take."""
    return await service.approve(command, currency, body.contract, body.amount)


@router.post("/{currency}/redemptions", status_code=202, response_model=CommandAnswer)
async def redeem_cash(currency: str, body: Redemption, _: Holder, command: CommandOf) -> Response:
    """Redeems money into an ordinary deposit."""
    return await service.redeem(command, currency, body)
