"""Calls to contracts as of the newest block, and whether new risk is stopped."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from app.chain.evm.contracts import FORWARDER, ContractError
from app.chain.evm.hashing import ZERO_HASH
from app.chain.evm.rpc import RpcError
from app.domain.texts import say
from app.errors import Conflict
from app.gateway.cache import CacheKey
from app.gateway.gateway import Gateway

REGISTRY = "PartyRegistry"
# Calls that the ledger refuses while new risk is stopped: those whose specification names
# NewRiskStopped. A test compares the two.
NEW_RISK = frozenset(
    (
        ("Receivables", "request"),
        ("Receivables", "confirm"),
        ("Receivables", "encumber"),
        ("PurchaseOrders", "request"),
        ("PurchaseOrders", "confirm"),
        ("PurchaseOrders", "encumber"),
        ("WarehouseReceipts", "issue"),
        ("WarehouseReceipts", "encumber"),
        ("ClaimMarket", "accept"),
        ("Campaigns", "open"),
        ("Campaigns", "fund"),
        ("Facilities", "agree"),
        ("Facilities", "draw"),
        ("Facilities", "drawOnGoods"),
        ("Facilities", "agreeBuyBack"),
        ("Facilities", "sellLoan"),
        ("Facilities", "sellParticipation"),
        ("CreditRegistry", "attest"),
        ("RiskReserve", "topUp"),
        ("RiskReserve", "agreeSharing"),
        ("RiskReserve", "agreeInsurance"),
    )
)
_BATCH = 200
# The hash of the reason why new risk is stopped, and the monotonic seconds until which the gateway
# relies on it.
RISK_STOP: CacheKey[tuple[float, str | None]] = CacheKey(lambda: (0.0, None))
_STOP_SECONDS = 1.0


async def call(gateway: Gateway, contract: str, function: str, arguments: Sequence[Any]) -> Any:
    """Calls a contract's view as of the newest block.

    Raises:
        ChainError.
    """
    (answer,) = await call_many(gateway, [(contract, function, arguments)])
    return answer


async def call_many(
    gateway: Gateway, calls: Sequence[tuple[str, str, Sequence[Any]]], *, lenient: bool = False
) -> list[Any]:
    """Makes many calls in few requests, each as of the newest block.

    Args:
        lenient: a call that reverts gives None.

    Raises:
        ChainError.
    """
    answers: list[Any] = []
    for first in range(0, len(calls), _BATCH):
        batch = calls[first : first + _BATCH]
        results = await gateway.rpc.batch([_request(gateway, *item) for item in batch])
        for (contract, function, _), answer in zip(batch, results, strict=True):
            if not isinstance(answer, RpcError):
                answers.append(gateway.contracts.decode_result(contract, function, answer))
            elif lenient and answer.is_revert:
                answers.append(None)
            else:
                raise answer
    return answers


def _request(
    gateway: Gateway, contract: str, function: str, arguments: Sequence[Any]
) -> tuple[str, list[Any]]:
    data = "0x" + gateway.contracts.encode(contract, function, arguments).hex()
    return ("eth_call", [{"to": gateway.contracts.address(contract), "data": data}, "latest"])


async def refusal_of(
    gateway: Gateway, signer: str, contract: str, function: str, arguments: Sequence[Any]
) -> ContractError | None:
    """The error with which the ledger would refuse an account's call now; None: it would not.

    Nothing is sent: the node runs the call as the forwarder would make it, and forgets it.

    Raises:
        ChainError: the node does not answer.
    """
    data = gateway.contracts.encode(contract, function, arguments)
    intent = {
        "from": gateway.contracts.address(FORWARDER),
        "to": gateway.contracts.address(contract),
        "data": "0x" + data.hex() + signer[2:],
    }
    (answer,) = await gateway.rpc.batch([("eth_call", [intent, "latest"])])
    if not isinstance(answer, RpcError):
        return None
    if not answer.is_revert:
        raise answer
    return gateway.contracts.decode_error(answer.data, called=contract, call=data)


async def risk_stop(gateway: Gateway) -> tuple[str | None, str | None]:
    """The hash of the reason why new risk is stopped, and who proposed to resume it.

    Raises:
        ChainError.
    """
    reason, proposer = await call(gateway, REGISTRY, "riskStop", [])
    if reason == ZERO_HASH:
        return None, None
    return str(reason), None if int(str(proposer), 16) == 0 else str(proposer).lower()


async def require_new_risk(gateway: Gateway) -> None:
    """Checks that new risk is not stopped; asks the ledger at most once a second.

    Raises:
        Conflict: it is stopped.
    """
    until, reason = gateway.cache.get(RISK_STOP)
    if until < time.monotonic():
        reason, _ = await risk_stop(gateway)
        gateway.cache.set(RISK_STOP, (time.monotonic() + _STOP_SECONDS, reason))
    if reason is not None:
        raise new_risk_stopped(reason)


def new_risk_stopped(reason: str, **more: Any) -> Conflict:
    """The refusal of a command for new risk."""
    return Conflict(
        say("new risk is stopped on the ledger; the reason has the hash {reason}", reason=reason),
        name="new-risk-stopped",
        fix="wait until two officials resume it (GET /v1/new-risk); repayment, collection and "
        "release go on",
        reasonHash=reason,
        **more,
    )
