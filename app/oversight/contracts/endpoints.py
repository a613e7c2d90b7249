"""/v1/contracts"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import CallerOf
from app.gateway.gateway import GatewayOf
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.oversight.contracts import service
from app.oversight.contracts.schemas import AbiItem, ClearSigning, LedgerContracts

router = APIRouter(prefix=service.PATH, tags=["contracts"], responses=PROBLEMS)


@router.get("", response_model=LedgerContracts)
async def list_contracts(gateway: GatewayOf, _: CallerOf) -> Response:
    """The ledger's contracts with their addresses."""
    return json_response(service.listed(gateway))


@router.get("/{contract}/abi", response_model=list[AbiItem])
async def get_contract_abi(contract: str, gateway: GatewayOf, _: CallerOf) -> Response:
    """The contract's interface (ABI): functions, events and errors.

    It includes those of its module, its libraries and the contracts that it calls.
    """
    return json_response(service.interface(gateway, contract))


@router.get("/{contract}/clear-signing", response_model=ClearSigning)
async def get_contract_clear_signing(contract: str, gateway: GatewayOf, _: CallerOf) -> Response:
    """The contract's ERC-7730 descriptors, with its chain and its address.

    A wallet that has them shows messages and calls for this contract in words.
    """
    return json_response(await service.clear_signing(gateway, contract))
