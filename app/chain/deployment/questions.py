"""Questions to the chain about a deployment: code, answers of views, and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.chain.deployment.plan import LastEvent, Question, Selectors, resolve
from app.chain.deployment.record import Artifacts, selectors_of
from app.chain.evm import abi
from app.chain.evm.contracts import Contracts, RawLog
from app.chain.evm.hashing import keccak
from app.chain.evm.rpc import JsonRpc, RpcError

NO_CODE = "0x"
_RANGE = 50_000


class Unanswered(msgspec.Struct, frozen=True):
    """Stands for the answer of a view that gave none; says why."""

    reason: str

    def __str__(self) -> str:
        return f"nothing ({self.reason})"


def hash_of(code: str) -> str:
    """The hash of code; both are 0x text."""
    return "0x" + keccak(bytes.fromhex(code[2:])).hex()


async def codes_at(rpc: JsonRpc, addresses: Sequence[str]) -> list[str]:
    """The code at each address.

    Raises:
        NodeUnreachable, RpcError.
    """
    codes = await rpc.batch([("eth_getCode", [address, "latest"]) for address in addresses])
    for code in codes:
        if isinstance(code, RpcError):
            raise code
    return codes


async def answers(
    rpc: JsonRpc, contracts: Contracts, artifacts: Artifacts, questions: Sequence[Question]
) -> list[Any]:
    """The current answer of each view, or `Unanswered`."""
    calls = []
    for question in questions:
        arguments = [
            argument(value, contracts.addresses, artifacts) for value in question.arguments
        ]
        data = contracts.encode(question.contract, question.function, arguments)
        call = {"to": contracts.address(question.contract), "data": "0x" + data.hex()}
        calls.append(("eth_call", [call, "latest"]))
    values = []
    for question, answer in zip(questions, await rpc.batch(calls), strict=True):
        if isinstance(answer, RpcError):
            values.append(Unanswered(str(answer)))
            continue
        try:
            value = contracts.decode_result(question.contract, question.function, answer)
        except Exception:  # the decoder raises many kinds for data that is no answer
            value = Unanswered(f"its answer cannot be decoded: {answer[:70]}")
        values.append(_comparable(value))
    return values


def expected_answer(question: Question, contracts: Contracts) -> Any:
    """The answer that the view must give, in the form of `answers`."""
    return _comparable(resolve(question.answer, contracts.addresses))


def argument(value: Any, addresses: dict[str, str], artifacts: Artifacts) -> Any:
    """An argument of the plan in the encoder's form; for selectors, the first one."""
    if isinstance(value, Selectors):
        return selectors_of(artifacts[value.artifact], value.functions)[0]
    return resolve(value, addresses)


def _comparable(value: Any) -> Any:
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, Mapping):
        value = list(value.values())
    return tuple(map(_comparable, value)) if isinstance(value, list | tuple) else value


async def logs_of(
    rpc: JsonRpc, address: str, *, first: int, topics: Sequence[str] = ()
) -> list[RawLog]:
    """All logs of a contract from block `first` on; asks for fewer blocks if the node refuses.

    Raises:
        NodeUnreachable, RpcError.
    """
    last = int(await rpc.call("eth_blockNumber"), 16)
    logs: list[RawLog] = []
    size = max(1, last - first + 1)
    while first <= last:
        query = {
            "address": address,
            "fromBlock": hex(first),
            "toBlock": hex(min(first + size - 1, last)),
            "topics": [*topics],
        }
        try:
            logs += await rpc.call("eth_getLogs", query, kind=list[RawLog])
        except RpcError:
            if size == 1:
                raise
            size = min(_RANGE, size // 2)
            continue
        first += size
    return logs


async def last_event(
    rpc: JsonRpc, contracts: Contracts, artifacts: Artifacts, condition: LastEvent, *, first: int
) -> bool:
    """Whether the last event of the condition has the word that it must have."""
    (item,) = [
        item
        for item in artifacts[contracts.source(condition.contract)]["abi"]
        if item["type"] == "event" and item["name"] == condition.event
    ]
    key = "0x" + resolve(condition.key, contracts.addresses)[2:].lower().zfill(64)
    logs = await logs_of(
        rpc, contracts.address(condition.contract), first=first, topics=[abi.topic_of(item), key]
    )
    return bool(logs) and int(logs[-1].data, 16) == condition.answer
