"""Calls a view of a contract at the newest block, where there is no gateway to do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.chain.evm.contracts import Contracts
from app.chain.evm.rpc import JsonRpc


async def view(
    rpc: JsonRpc,
    contracts: Contracts,
    contract: str,
    function: str,
    arguments: Sequence[Any] = (),
) -> Any:
    """The result of a view, as `Contracts.decode_result` gives it.

    Raises:
        ChainError.
    """
    data = "0x" + contracts.encode(contract, function, list(arguments)).hex()
    call = {"to": contracts.address(contract), "data": data}
    answer = await rpc.call("eth_call", call, "latest")
    return contracts.decode_result(contract, function, answer)
