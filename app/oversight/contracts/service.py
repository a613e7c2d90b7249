"""The ledger's contracts with their addresses and interfaces."""

from __future__ import annotations

import difflib

from app.chain.deployment.plan import LIBRARIES
from app.chain.evm.abi import AbiItem
from app.chain.evm.interfaces import MODULE
from app.errors import NotFound
from app.gateway.gateway import Gateway
from app.oversight.contracts.schemas import ContractKind, LedgerContract, LedgerContracts

PATH = "/v1/contracts"


def listed(gateway: Gateway) -> LedgerContracts:
    """All contracts by name."""
    items: list[LedgerContract] = [
        {"name": name, "kind": _kind(name), "address": address, "abi": f"{PATH}/{name}/abi"}
        for name, address in sorted(gateway.contracts.checksummed().items())
    ]
    return {"chainId": gateway.chain_id, "items": items}


def interface(gateway: Gateway, name: str) -> list[AbiItem]:
    """A contract's interface (ABI), with those of its module, its libraries and what it calls.

    Raises:
        NotFound.
    """
    contracts = gateway.contracts
    if name not in contracts.addresses:
        near = difflib.get_close_matches(name, contracts.addresses, n=1)
        raise NotFound(
            f"the ledger has no contract {name[:80]!r}",
            fix=f"did you mean {near[0]}?" if near else "GET /v1/contracts lists them",
        )
    return contracts.interfaces.whole(contracts.source(name))


def _kind(name: str) -> ContractKind:
    if name in LIBRARIES:
        return "library"
    return "module" if name.endswith(MODULE) else "contract"
