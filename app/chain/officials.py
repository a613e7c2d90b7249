"""Which official roles an account holds on the ledger."""

from __future__ import annotations

from app.chain.contracts import Contracts
from app.chain.deployment_plan import CASH_ISSUER, OPERATOR, REGISTRAR
from app.chain.rpc import JsonRpc

REGULATOR = "regulator"
MANAGED = {"registrar": REGISTRAR, "cash-issuer": CASH_ISSUER, "operator": OPERATOR}
# Officials who act on the ledger; an auditor only reads.
ACTING = (*MANAGED, REGULATOR)
OFFICIALS = (*ACTING, "auditor")


async def holds_role(rpc: JsonRpc, contracts: Contracts, *, role: str, account: str) -> bool:
    """Whether the account holds the role now.

    Args:
        role: one of `ACTING`.

    Raises:
        NodeUnreachable.
    """
    contract, function = ("CourtOrders", "isRegulator")
    arguments: list[int | str] = [account]
    if role != REGULATOR:
        contract, function, arguments = "AccessManager", "hasRole", [MANAGED[role], account]
    data = "0x" + contracts.encode(contract, function, arguments).hex()
    call = {"to": contracts.address(contract), "data": data}
    answer = await rpc.call("eth_call", call, "latest")
    found = contracts.decode_result(contract, function, answer)
    return bool(found if role == REGULATOR else found[0])
