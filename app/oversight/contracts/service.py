"""The ledger's contracts with their addresses and interfaces."""

from __future__ import annotations

import difflib

from app.chain.deployment.plan import LIBRARIES
from app.chain.evm.abi import AbiItem
from app.chain.evm.interfaces import MODULE
from app.clear_signing.descriptors import Descriptors, deployment, descriptors_of
from app.clear_signing.signed_calls import source_of
from app.domain.texts import say
from app.errors import NotFound
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.ledger import call
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
    _require_contract(gateway, name)
    return gateway.contracts.interfaces.whole(gateway.contracts.source(name))


async def clear_signing(gateway: Gateway, name: str) -> Descriptors:
    """A contract's ERC-7730 descriptors, bound to its address and chain.

    Raises:
        NotFound.
        ChainError: a settlement token's own name could not be read.
    """
    _require_contract(gateway, name)
    contracts = gateway.contracts
    is_cash = name.startswith(CASH_PREFIX)
    return descriptors_of(
        source_of(name),
        contracts.interfaces.own(contracts.source(name)),
        [deployment(gateway.chain_id, contracts.address(name))],
        domain_name=str(await call(gateway, name, "name", ())) if is_cash else None,
    )


def _require_contract(gateway: Gateway, name: str) -> None:
    addresses = gateway.contracts.addresses
    if name not in addresses:
        near = difflib.get_close_matches(name, addresses, n=1)
        raise NotFound(
            say("the ledger has no contract {name}", name=repr(name[:80])),
            fix=say("did you mean {near}?", near=near[0])
            if near
            else "GET /v1/contracts lists them",
        )


def _kind(name: str) -> ContractKind:
    if name in LIBRARIES:
        return "library"
    return "module" if name.endswith(MODULE) else "contract"
