"""One question to a contract as of the newest block, before there is a gateway to ask through."""

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
    """What a view answers, in our form.

    Raises:
        ChainError.
    """
    data = "0x" + contracts.encode(contract, function, list(arguments)).hex()
    call = {"to": contracts.address(contract), "data": data}
    answer = await rpc.call("eth_call", call, "latest")
    return contracts.decode_result(contract, function, answer)
