"""Blocks as the indexer reads them: headers, then transaction receipts by the block's hash.

The reader rebuilds the receipts' root from the node's answer and compares it with the header, so it
detects a node that leaves out a log.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import msgspec

from app.chain.evm.contracts import RawLog
from app.chain.evm.hashing import LONG, keccak, rlp_encode, whole_bytes
from app.chain.evm.rpc import JsonRpc, NodeUnreachable, RpcError

_METHOD_UNKNOWN = (-32601, -32004)
_METHOD_UNKNOWN_WORDS = ("does not exist", "not supported", "unsupported", "not available")
_RECEIPTS_IN_A_BATCH = 500
_BYTE_DIGITS, _HASH_BYTES = 2, 32
_LONG_DIGITS = _BYTE_DIGITS * LONG
EMPTY_ROOT = "0x" + keccak(b"\x80").hex()


class Header(msgspec.Struct, rename="camel"):
    """The fields of a block's header that the gateway uses; `transactions` are hashes."""

    number: str
    hash: str
    parent_hash: str
    timestamp: str
    receipts_root: str
    gas_limit: str
    transactions: list[str]
    base_fee_per_gas: str | None = None

    @property
    def height(self) -> int:
        """The block's number."""
        return int(self.number, 16)


class TransactionReceipt(msgspec.Struct, rename="camel"):
    """A transaction receipt with its logs."""

    transaction_hash: str
    transaction_index: str
    block_hash: str
    sender: str = msgspec.field(name="from")
    to: str | None = None
    cumulative_gas_used: str = "0x0"
    gas_used: str = "0x0"
    logs_bloom: str = "0x"
    logs: list[RawLog] = []
    type: str | None = "0x0"
    status: str | None = None
    root: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the transaction as a whole succeeded."""
        return self.status != "0x0"


class Block(msgspec.Struct):
    """A header with all transaction receipts of the block."""

    header: Header
    receipts: list[TransactionReceipt]


class ChainMoved(Exception):
    """The node's chain changed while a block was read; read it again."""


class ReceiptsIncomplete(Exception):
    """The node's transaction receipts do not give the header's `receiptsRoot`."""


class BlockReader:
    """Reads headers and transaction receipts, a block's receipts at once if the node can."""

    def __init__(self, rpc: JsonRpc, *, verify: bool) -> None:
        self.rpc = rpc
        self.verify = verify
        self._by_block = True

    async def header(self, which: int | str) -> Header | None:
        """The header with this number or tag, or None."""
        header: Header | None = await self.rpc.call(
            "eth_getBlockByNumber", _name(which), False, kind=Header | None
        )
        return header

    async def headers(self, first: int, last: int) -> list[Header]:
        """Headers `first` … `last`, each the child of the one before.

        Raises:
            ChainMoved: one is missing, or is not the child of the one before.
        """
        answers = await self.rpc.batch(
            [("eth_getBlockByNumber", [hex(n), False]) for n in range(first, last + 1)],
            kind=Header | None,
        )
        for answer in answers:
            if isinstance(answer, RpcError):
                raise answer
            if answer is None:
                raise ChainMoved("a block is missing")
        for parent, child in pairwise(answers):
            if child.parent_hash != parent.hash:
                raise ChainMoved(f"block {child.height} does not follow its parent")
        return answers

    async def blocks(self, headers: Sequence[Header]) -> list[Block]:
        """The headers with their receipts, compared with `receiptsRoot` if `verify` is set.

        Raises:
            ChainMoved: a block is no longer there.
            ReceiptsIncomplete.
        """
        full = [header for header in headers if header.transactions]
        lists = await self._receipts(full)
        by_hash = dict(zip((header.hash for header in full), lists, strict=True))
        blocks = [Block(header, by_hash.get(header.hash, [])) for header in headers]
        for block in blocks:
            _check(block, verify=self.verify)
        return blocks

    async def _receipts(self, headers: Sequence[Header]) -> list[list[TransactionReceipt]]:
        if not headers:
            return []
        if self._by_block:
            answers = await self.rpc.batch(
                [("eth_getBlockReceipts", [header.hash]) for header in headers],
                kind=list[TransactionReceipt] | None,
            )
            if not any(_unknown_method(answer) for answer in answers):
                for answer in answers:
                    if isinstance(answer, RpcError):
                        raise NodeUnreachable(
                            f"the node does not give a block's transaction receipts: {answer}"
                        )
                    if answer is None:
                        raise ChainMoved("a block is no longer there")
                return answers
            self._by_block = False
        hashes = [hash_ for header in headers for hash_ in header.transactions]
        receipts: list[Any] = []
        for start in range(0, len(hashes), _RECEIPTS_IN_A_BATCH):
            part = hashes[start : start + _RECEIPTS_IN_A_BATCH]
            receipts += await self.rpc.batch(
                [("eth_getTransactionReceipt", [hash_]) for hash_ in part],
                kind=TransactionReceipt | None,
            )
        for answer in receipts:
            if isinstance(answer, RpcError):
                raise NodeUnreachable(f"the node does not give a transaction receipt: {answer}")
            if answer is None:
                raise ChainMoved("a transaction is no longer there")
        lists, place = [], 0
        for header in headers:
            lists.append(receipts[place : place + len(header.transactions)])
            place += len(header.transactions)
        return lists


def _name(which: int | str) -> str:
    return hex(which) if isinstance(which, int) else which


def _unknown_method(answer: Any) -> bool:
    """Whether the node does not know the method; ganache has its own code for that."""
    return isinstance(answer, RpcError) and (
        answer.code in _METHOD_UNKNOWN
        or any(words in answer.message.lower() for words in _METHOD_UNKNOWN_WORDS)
    )


def _check(block: Block, *, verify: bool) -> None:
    header = block.header
    if len(block.receipts) != len(header.transactions):
        raise ReceiptsIncomplete(
            f"block {header.height}: {len(block.receipts)} transaction receipts "
            f"for {len(header.transactions)} transactions"
        )
    for place, receipt in enumerate(block.receipts):
        if receipt.block_hash != header.hash:
            raise ChainMoved(f"block {header.height} was replaced while it was read")
        if int(receipt.transaction_index, 16) != place:
            raise ReceiptsIncomplete(
                f"block {header.height}: the transaction receipts are not in order"
            )
    if verify:
        root = receipts_root(block.receipts)
        if root != header.receipts_root:
            raise ReceiptsIncomplete(
                f"block {header.height}: the transaction receipts give the root {root}, "
                f"the header has {header.receipts_root}"
            )


def receipts_root(receipts: Sequence[TransactionReceipt]) -> str:
    """Root of the trie of these transaction receipts, in hexadecimal from 0x."""
    return ordered_root([encode_receipt(receipt) for receipt in receipts])


def encode_receipt(receipt: TransactionReceipt) -> bytes:
    """A transaction receipt as the trie holds it (EIP-2718); built from hexadecimal, for speed."""
    if receipt.root is not None and receipt.status is None:
        outcome = bytes.fromhex(receipt.root[2:])
    else:
        outcome = b"\x01" if receipt.succeeded else b""
    logs = "".join([_log_text(log) for log in receipt.logs])
    body = (
        rlp_encode(outcome)
        + rlp_encode(whole_bytes(int(receipt.cumulative_gas_used, 16)))
        + rlp_encode(bytes.fromhex(receipt.logs_bloom[2:]))
        + bytes.fromhex(_list_head(len(logs) // 2) + logs)
    )
    kind = int(receipt.type or "0x0", 16)
    whole = bytes.fromhex(_list_head(len(body))) + body
    return bytes((kind,)) + whole if kind else whole


def _log_text(log: RawLog) -> str:
    """RLP of a log as hexadecimal text: 20-byte address, 32-byte topics, data of any length."""
    topics, data = log.topics, log.data[2:]
    count = len(topics)
    if len(data) == _BYTE_DIGITS and data < "80":
        head = ""
    elif len(data) < _LONG_DIGITS:
        head = f"{0x80 + len(data) // 2:02x}"
    else:
        size = whole_bytes(len(data) // 2)
        head = f"{0xB7 + len(size):02x}{size.hex()}"
    marked = "".join(["a0" + topic[2:] for topic in topics])
    length = 21 + _list_length(33 * count) + (len(head) + len(data)) // 2
    return f"{_list_head(length)}94{log.address[2:]}{_list_head(33 * count)}{marked}{head}{data}"


@lru_cache(maxsize=4096)
def _list_head(length: int) -> str:
    """RLP's head of a list of `length` bytes, as hexadecimal text."""
    if length < LONG:
        return f"{0xC0 + length:02x}"
    size = whole_bytes(length)
    return f"{0xF7 + len(size):02x}{size.hex()}"


@lru_cache(maxsize=64)
def _list_length(length: int) -> int:
    return len(_list_head(length)) // 2 + length


def ordered_root(values: Sequence[bytes]) -> str:
    """Root of the Merkle Patricia trie from RLP(index) to value (yellow paper, appendix D)."""
    if not values:
        return EMPTY_ROOT
    leaves = sorted(
        (rlp_encode(whole_bytes(place)).hex(), value) for place, value in enumerate(values)
    )
    return "0x" + keccak(rlp_encode(_node(leaves, 0))).hex()


def _node(leaves: list[tuple[str, bytes]], depth: int) -> list[Any]:
    """The trie node over sorted leaves (path in hexadecimal digits, value), from `depth` on."""
    first = leaves[0][0]
    if len(leaves) == 1:
        return [_path(first[depth:], leaf=True), leaves[0][1]]
    last, shared = leaves[-1][0], depth
    while first[shared] == last[shared]:
        shared += 1
    branch: list[Any] = [b""] * 17
    start = 0
    while start < len(leaves):
        digit, end = leaves[start][0][shared], start
        while end < len(leaves) and leaves[end][0][shared] == digit:
            end += 1
        branch[int(digit, 16)] = _reference(_node(leaves[start:end], shared + 1))
        start = end
    if shared == depth:
        return branch
    return [_path(first[depth:shared], leaf=False), _reference(branch)]


def _reference(node: list[Any]) -> Any:
    encoded = rlp_encode(node)
    return node if len(encoded) < _HASH_BYTES else keccak(encoded)


def _path(digits: str, *, leaf: bool) -> bytes:
    flag = 2 if leaf else 0
    odd = len(digits) % 2
    return bytes.fromhex(f"{flag + odd:x}" + ("" if odd else "0") + digits)
