"""/v1/contracts"""

from __future__ import annotations

import difflib

from fastapi import APIRouter
from starlette.responses import Response

from app.chain.deployment.plan import LIBRARIES
from app.chain.evm.interfaces import MODULE
from app.errors import NotFound
from app.gateway.callers import CallerOf
from app.gateway.gateway import GatewayOf
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.oversight.contracts.schemas import AbiItem, LedgerContracts

router = APIRouter(prefix="/v1/contracts", tags=["contracts"], responses=PROBLEMS)


def _kind(name: str) -> str:
    if name in LIBRARIES:
        return "library"
    return "module" if name.endswith(MODULE) else "contract"


@router.get("", response_model=LedgerContracts)
async def list_contracts(gateway: GatewayOf, _: CallerOf) -> Response:
    """The ledger's contracts with their addresses."""
    items = [
        {
            "name": name,
            "kind": _kind(name),
            "address": address,
            "abi": f"{router.prefix}/{name}/abi",
        }
        for name, address in sorted(gateway.contracts.checksummed().items())
    ]
    return json_response({"chainId": gateway.chain_id, "items": items})


@router.get("/{contract}/abi", response_model=list[AbiItem])
async def get_contract_abi(contract: str, gateway: GatewayOf, _: CallerOf) -> Response:
    """The contract's interface (ABI): functions, events and errors, including those of its module,
    its libraries and the contracts that it calls."""
    contracts = gateway.contracts
    if contract not in contracts.addresses:
        near = difflib.get_close_matches(contract, contracts.addresses, n=1)
        raise NotFound(
            f"the ledger has no contract {contract[:80]!r}",
            fix=f"did you mean {near[0]}?" if near else "GET /v1/contracts lists them",
        )
    return json_response(contracts.interfaces.whole(contracts.source(contract)))
