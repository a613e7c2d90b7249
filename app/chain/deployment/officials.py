"""Which official roles an account has on the ledger."""

from __future__ import annotations

from app.chain.deployment.plan import CASH_ISSUER, OPERATOR, REGISTRAR
from app.chain.evm.contracts import Contracts
from app.chain.evm.rpc import JsonRpc
from app.chain.evm.views import view

REGULATOR = "regulator"
MANAGED = {"registrar": REGISTRAR, "cash-issuer": CASH_ISSUER, "operator": OPERATOR}
# Officials who act on the ledger; an auditor only reads.
ACTING = (*MANAGED, REGULATOR)
OFFICIALS = (*ACTING, "auditor")


async def holds_role(rpc: JsonRpc, contracts: Contracts, *, role: str, account: str) -> bool:
    """Whether the account has the role now.

    Args:
        role: one of `ACTING`.

    Raises:
        ChainError.
    """
    if role == REGULATOR:
        return bool(await view(rpc, contracts, "CourtOrders", "isRegulator", [account]))
    held = await view(rpc, contracts, "AccessManager", "hasRole", [MANAGED[role], account])
    return bool(held[0])
