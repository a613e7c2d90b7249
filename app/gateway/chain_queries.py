"""Calls to contracts and wallets, all as of one block and in one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from app.chain.evm.rpc import RpcError
from app.chain.evm.wallet_signatures import WalletAnswer, answer_of, question
from app.errors import Unavailable
from app.gateway.gateway import Gateway
from app.storage.checkpoint import Checkpoint, read_checkpoint

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
    _require_block(header, at)
    for answer in answers:
        if isinstance(answer, RpcError) and not answer.is_revert:
            raise answer
    return [
        None if isinstance(answer, RpcError) else contracts.decode_result(contract, name, answer)
        for (contract, name, _), answer in zip(questions, answers, strict=True)
    ]


async def ask_wallet(
    gateway: Gateway, account: str, digest: bytes, signature: bytes, *, block: int | None = None
) -> WalletAnswer:
    """Whether an account has code, and whether its code accepts the signature (ERC-1271).

    Args:
        account: an address, lower case.
        block: an older block as of which it is asked; None: the index's.

    Raises:
        Unavailable: the index has no block yet, or the chain has another block at that height now.
        ChainError: the node does not answer, or no longer has the state of an older block.
    """
    at = await gateway.storage.read(read_checkpoint)
    if at is None:
        raise Unavailable("the index has no block yet", fix="send the request again in a moment")
    height = hex(at.block_number)
    header, returned = await gateway.rpc.batch(
        [
            ("eth_getBlockByNumber", [height, False]),
            (
                "eth_call",
                [question(account, digest, signature), height if block is None else hex(block)],
            ),
        ]
    )
    _require_block(header, at)
    if isinstance(returned, RpcError):
        raise returned
    return answer_of(returned)


def _require_block(header: Any, at: Checkpoint) -> None:
    if isinstance(header, RpcError):
        raise header
    if header is None or header["hash"] != at.block_hash:
        raise Unavailable("the chain is reorganising", fix="send the request again in a moment")
