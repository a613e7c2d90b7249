"""Calls to contracts, all as of one block and in one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from app.chain.evm.rpc import RpcError
from app.errors import Unavailable
from app.gateway.gateway import Gateway
from app.storage.checkpoint import Checkpoint

Question = tuple[str, str, Sequence[Any]]
Answered = TypeVar("Answered", bound=msgspec.Struct)


def answer_as(kind: type[Answered], answer: Any) -> Answered:
    """A contract's answer as a struct.

    Args:
        kind: its fields are those of the answer, in the contract's order and under its names.
        answer: a struct or several values, as `ask` and `call` return them.

    Raises:
        ValueError, msgspec.ValidationError: the answer has other fields.
    """
    names = kind.__struct_encode_fields__
    named = answer if isinstance(answer, Mapping) else dict(zip(names, answer, strict=True))
    return msgspec.convert(named, kind)


async def ask(gateway: Gateway, at: Checkpoint, questions: Sequence[Question]) -> list[Any]:
    """The answers as of the checkpoint's block; None for a call that reverts.

    Raises:
        Unavailable: the chain has another block at that height now, or cannot be reached.
        ChainError: the node does not answer.
    """
    contracts, number = gateway.contracts, hex(at.block_number)
    calls: list[tuple[str, list[Any]]] = [("eth_getBlockByNumber", [number, False])]
    for contract, function, arguments in questions:
        data = "0x" + contracts.encode(contract, function, arguments).hex()
        calls.append(("eth_call", [{"to": contracts.address(contract), "data": data}, number]))
    header, *answers = await gateway.rpc.batch(calls)
    if isinstance(header, RpcError):
        raise header
    if header is None or header["hash"] != at.block_hash:
        raise Unavailable("the chain is reorganising", fix="send the request again in a moment")
    for answer in answers:
        if isinstance(answer, RpcError) and not answer.is_revert:
            raise answer
    return [
        None if isinstance(answer, RpcError) else contracts.decode_result(contract, name, answer)
        for (contract, name, _), answer in zip(questions, answers, strict=True)
    ]
