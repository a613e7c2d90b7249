"""Why an intent failed: `IntentExecuted` says only that it did, so its call is made again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
from sqlalchemy import Connection

from app.chain.evm.contracts import FORWARDER, ContractError, Contracts
from app.chain.evm.rpc import JsonRpc, RpcError
from app.chain.index.outcomes import Outcome, RelayReceipt
from app.chain.outbox.intents import Intent, call_as
from app.storage import Storage, run

_SPARE_GAS = 100_000  # what the forwarder's call of the target costs, and some more


class _Call(msgspec.Struct, frozen=True):
    """A call of our own intent: `data` as the target saw it."""

    contract: str
    data: str
    gas: int


async def explain(
    receipts: Sequence[RelayReceipt], *, storage: Storage, rpc: JsonRpc, contracts: Contracts
) -> None:
    """Finds the error of each failed intent by calling it again at its block.

    Raises:
        NodeUnreachable, StorageError.
    """
    for receipt in receipts:
        failed = [outcome for outcome in receipt.outcomes if not outcome.succeeded]
        if failed:
            calls = await storage.read(partial(_calls, outcomes=failed))
            for outcome in failed:
                call = calls.get(outcome.operation_hash)
                if call is not None:
                    number = receipt.block_number
                    outcome.error = await _reason(call, number, rpc=rpc, contracts=contracts)


async def _reason(call: _Call, number: int, *, rpc: JsonRpc, contracts: Contracts) -> ContractError:
    """The error of a call that failed in block `number`."""
    intent = {
        "from": contracts.address(FORWARDER),
        "to": contracts.address(call.contract),
        "data": call.data,
        "gas": hex(call.gas),
    }
    for answer in await rpc.batch(
        [("eth_call", [intent, hex(number)]), ("eth_call", [intent, hex(number - 1)])]
    ):
        if isinstance(answer, RpcError) and answer.data:
            return contracts.decode_error(answer.data, called=call.contract, call=call.data)
    return ContractError("", "Reverted", {})


def _calls(connection: Connection, *, outcomes: Sequence[Outcome]) -> dict[str, _Call]:
    """The calls of our own intents, by operation hash."""
    calls = {}
    for outcome in outcomes:
        row = run(
            connection,
            "SELECT contract, data, gas FROM operations WHERE hash = ? AND signer = ? "
            "AND data IS NOT NULL",
            (outcome.operation_hash, outcome.signer),
        ).first()
        if row is not None:
            intent = Intent(outcome.signer, "", bytes.fromhex(row.data[2:]), row.gas, 0, 0)
            gas = int(row.gas) + _SPARE_GAS
            calls[outcome.operation_hash] = _Call(row.contract, call_as(intent), gas)
    return calls
