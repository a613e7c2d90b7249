"""The identity of the ledger's chain, and how a node proves that it serves that chain.

A chain id alone is not an identity: anybody may start a chain with the same id, and a fork has the
same id. The identity is the chain id, the hash of block 0 and the hash of the deployment's block.
The store holds it from the first start on. The proof includes the newest final block: if the node's
chain has another block there, the node has replaced a block that was final.

NodeUnreachable
└── WrongChain           the node serves another chain; the gateway does not use the node
    └── FinalityBroken   the node's chain lacks a block that was final
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection

from app.chain.evm.rpc import Calls, JsonRpc, NodeUnreachable, RpcError, quantity
from app.storage import Storage, StorageError, run
from app.storage.checkpoint import read_checkpoint

log = structlog.get_logger(__name__)
Ask = Callable[[Calls], Awaitable[list[Any]]]
BlockHash = tuple[int, str]
_SETTING = "chain_identity"


class WrongChain(NodeUnreachable):
    """The node does not serve the ledger's chain.

    Attributes:
        what: the chain id or the block that differs.
        expected, actual: the value on the ledger's chain, and on the node's.
    """

    def __init__(self, *, node: str, what: str, expected: str, actual: str) -> None:
        super().__init__(
            f"{node} serves another chain: {what} is {actual}, expected {expected}; set "
            "CESSION_RPC_URL to a node of the ledger's chain"
        )
        self.what = what
        self.expected = expected
        self.actual = actual


class FinalityBroken(WrongChain):
    """The node's chain has another block in place of a final one.

    Attributes:
        number: number of a block that differs.
    """

    def __init__(self, *, node: str, number: int, expected: str, actual: str) -> None:
        NodeUnreachable.__init__(
            self,
            f"{node} has replaced a final block: block {number} is {actual}, expected {expected}. "
            "Nothing is indexed or sent. If the network agreed on the other block, run `cession "
            f"chain accept {actual}`",
        )
        self.what = f"block {number}"
        self.number = number
        self.expected = expected
        self.actual = actual


class ChainIdentity(msgspec.Struct, frozen=True):
    """What identifies a chain.

    Attributes:
        chain_id: EIP-155.
        genesis_hash: hash of block 0.
        blocks: number and hash of more of its blocks: those of the deployment.
    """

    chain_id: int
    genesis_hash: str
    blocks: tuple[BlockHash, ...] = ()


class ChainGuard:
    """Makes a node prove that it serves the ledger's chain.

    Args:
        identity: the identity that the node must show.
        hash_at: returns the hash of the stored block with a number, or None. It distinguishes a
            node that lags from one on a shorter fork.

    Attributes:
        final: number and hash of the newest final block that the index reported, None before the
            first.
        final_at: reads the newest final block from the store, at each proof: another gateway, or
            the last write of this gateway's index, may be ahead of `final`. None: only `final`
            counts.
    """

    def __init__(
        self,
        identity: ChainIdentity,
        *,
        hash_at: Callable[[int], Awaitable[str | None]] | None = None,
        final_at: Callable[[], Awaitable[BlockHash | None]] | None = None,
        final: BlockHash | None = None,
    ) -> None:
        self.identity = identity
        self.final = final
        self._hash_at = hash_at
        self.final_at = final_at

    async def prove(self, ask: Ask, node: str) -> None:
        """Returns if the node proves the identity, and has the newest final block or is before it.

        Args:
            ask: sends a batch to the node (`JsonRpc.batch`).
            node: the node's name, for messages.

        Raises:
            WrongChain, FinalityBroken.
            NodeUnreachable: the node does not give the proof; it may be starting.
        """
        blocks, final = self.identity.blocks, await self._newest_final()
        numbers = [number for number, _ in blocks] + ([final[0]] if final else [])
        chain_id, latest, first, second, *headers = await ask(
            [
                ("eth_chainId", []),
                ("eth_getBlockByNumber", ["latest", False]),
                *_GENESIS,
                *(("eth_getBlockByNumber", [hex(number), False]) for number in numbers),
            ]
        )
        for answer in (chain_id, latest, first, second, *headers):
            if isinstance(answer, RpcError):
                raise NodeUnreachable(f"{node} does not show which chain it serves: {answer}")
        if quantity(chain_id) != self.identity.chain_id:
            raise WrongChain(
                node=node,
                what="the chain id",
                expected=str(self.identity.chain_id),
                actual=str(quantity(chain_id)),
            )
        genesis = _genesis(first, second, node)
        if genesis != self.identity.genesis_hash:
            raise WrongChain(
                node=node,
                what="the hash of block 0 (genesis)",
                expected=self.identity.genesis_hash,
                actual=genesis,
            )
        for (number, hash_), header in zip(blocks, headers, strict=False):
            if header is None:
                raise NodeUnreachable(f"{node} has no block {number}; it may be starting")
            if _hash(header) != hash_:
                what = f"the hash of block {number}"
                raise WrongChain(node=node, what=what, expected=hash_, actual=_hash(header))
        if final is not None:
            await self._prove_final(final, headers[-1], latest, node)

    async def _newest_final(self) -> BlockHash | None:
        if self.final_at is None:
            return self.final
        try:
            return await self.final_at() or self.final
        except StorageError:  # the last known final block is still final
            return self.final

    async def _prove_final(self, final: BlockHash, header: Any, latest: Any, node: str) -> None:
        number, hash_ = final
        if header is not None:
            if _hash(header) != hash_:
                raise FinalityBroken(node=node, number=number, expected=hash_, actual=_hash(header))
            return
        if latest is None:
            raise NodeUnreachable(f"{node} has no blocks")
        head = quantity(latest.get("number"))
        if head >= number:
            raise NodeUnreachable(f"{node} is at block {head} and does not show block {number}")
        known = await self._hash_at(head) if self._hash_at is not None else None
        if known is not None and known != _hash(latest):
            raise FinalityBroken(node=node, number=head, expected=known, actual=_hash(latest))


_GENESIS = [("eth_getBlockByNumber", [number, False]) for number in ("0x0", "0x1")]


def _genesis(first: Any, second: Any, node: str) -> str:
    """Hash of block 0, from blocks 0 and 1.

    Block 1 names its parent, and its own hash covers that name. A node may show another block as
    block 0: anvil does so after the second start from one state file.
    """
    if second is not None:
        return _hash(second, "parentHash")
    if first is None:
        raise NodeUnreachable(f"{node} has no block 0")
    return _hash(first)


def _hash(header: Any, name: str = "hash") -> str:
    value = header.get(name) if isinstance(header, dict) else None
    if not isinstance(value, str):
        raise NodeUnreachable("the node gives a block without a hash")
    return value.lower()


def stored_identity(connection: Connection) -> ChainIdentity | None:
    """The identity in the store, None before the first start."""
    value = run(connection, "SELECT value FROM settings WHERE name = ?", (_SETTING,)).scalar()
    return None if value is None else msgspec.json.decode(bytes(value), type=ChainIdentity)


def stored_hash(connection: Connection, number: int) -> str | None:
    """Hash of the indexed block with this number, or None."""
    value = run(connection, "SELECT hash FROM blocks WHERE number = ?", (number,)).scalar()
    return None if value is None else str(value)


def stored_final(connection: Connection) -> BlockHash | None:
    """Number and hash of the newest final block, None before the first."""
    at = read_checkpoint(connection)
    known = None if at is None else stored_hash(connection, at.final_number)
    return None if at is None or known is None else (at.final_number, known)


async def identity_of(
    *, storage: Storage, rpc: JsonRpc, chain_id: int, block: BlockHash | None
) -> ChainIdentity:
    """The chain's identity: from the store, with the deployment's block.

    At the first start it comes from the node, which must prove the rest.

    Args:
        chain_id: the deployment record's chain id.
        block: number and hash of the deployment's block in its record.

    Raises:
        WrongChain: the store belongs to a chain with another id.
        NodeUnreachable, StorageError.
    """
    blocks = () if block is None else ((block[0], block[1].lower()),)
    known = await storage.read(stored_identity)
    if known is None:
        first, second = await rpc.batch(_GENESIS)
        for answer in (first, second):
            if isinstance(answer, RpcError):
                raise answer
        draft = ChainIdentity(chain_id, _genesis(first, second, rpc.name), blocks)
        await ChainGuard(draft).prove(rpc.batch, rpc.name)
        value = msgspec.json.encode(draft)
        await storage.write(
            lambda connection: run(
                connection,
                "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
                (_SETTING, value),
            )
        )
        known = await storage.read(stored_identity) or draft
    if known.chain_id != chain_id:
        raise WrongChain(
            node="the deployment record",
            what="the chain id",
            expected=f"{known.chain_id} (this store's)",
            actual=str(chain_id),
        )
    return ChainIdentity(chain_id, known.genesis_hash, tuple({*known.blocks, *blocks}))
