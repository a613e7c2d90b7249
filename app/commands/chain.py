"""`cession chain`: the chain of the store, and what its nodes show.

It also goes on after a reorganisation below a final block.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy import Connection

from app.chain.evm.rpc import ChainError, JsonRpc
from app.chain.index.blocks import BlockReader
from app.chain.index.recording import keep_final_failures
from app.chain.index.reorganisation import common_ancestor
from app.chain.nodes.identity import (
    ChainGuard,
    ChainIdentity,
    stored_final,
    stored_hash,
    stored_identity,
)
from app.chain.nodes.pool import NodePool
from app.config import SettingInvalid, Settings, settings_from
from app.domain.texts import say
from app.errors import CessionError, Conflict
from app.storage import Storage, StorageError, create_storage, run
from app.storage.checkpoint import Checkpoint, read_checkpoint

Work = Callable[[Storage, Settings, ChainIdentity, Checkpoint], Awaitable[None]]


def chain_status() -> int:
    """Prints the chain's identity, the index's position, and what each node shows.

    0: every node serves the chain; 1: a node does not, or cannot be reached.
    """
    wrong = 0

    async def work(
        storage: Storage, settings: Settings, identity: ChainIdentity, at: Checkpoint
    ) -> None:
        nonlocal wrong
        print(f"chain {identity.chain_id}, genesis {identity.genesis_hash}")
        for number, hash_ in identity.blocks:
            print(f"deployed at block {number}: {hash_}")
        print(f"index at block {at.block_number}, final up to block {at.final_number}")

        async def hash_at(number: int) -> str | None:
            return await storage.read(partial(stored_hash, number=number))

        guard = ChainGuard(identity, hash_at=hash_at, final=await storage.read(stored_final))
        for url in settings.rpc_urls:
            node = JsonRpc(url, timeout=settings.rpc_timeout)
            try:
                await guard.prove(node.batch, node.name)
                print(f"{node.name}: serves this chain")
            except ChainError as error:
                wrong += 1
                print(error)
            finally:
                await node.close()

    return _with_store("status", work) or int(wrong > 0)


def chain_accept(block_hash: str) -> int:
    """Lets the index follow the nodes below a final block.

    The operator names the block that replaces a final one, and so confirms that this is the
    network's chain. 0: done; 1: it failed; the reason is printed.
    """

    async def work(
        storage: Storage, settings: Settings, identity: ChainIdentity, at: Checkpoint
    ) -> None:
        rpc = NodePool(
            [JsonRpc(url, timeout=settings.rpc_timeout) for url in settings.rpc_urls],
            agreement=settings.rpc_agreement,
            guard=ChainGuard(identity),
        )
        try:
            await _accept(storage, rpc, at, block_hash.lower())
        finally:
            await rpc.close()

    return _with_store("accept", work)


async def _accept(storage: Storage, rpc: JsonRpc, at: Checkpoint, block_hash: str) -> None:
    first = await storage.read(_first)
    number, _, _ = await common_ancestor(
        storage=storage,
        reader=BlockReader(rpc, verify=False),
        below=at.block_number,
        floor=first - 1,
    )
    if number >= at.final_number:
        raise Conflict(
            say(
                "the node's chain has every final block, up to {final_number}",
                final_number=at.final_number,
            )
        )
    block = await rpc.call("eth_getBlockByHash", block_hash, False)
    height = None if block is None else int(block["number"], 16)
    standing = None
    if height is not None:
        standing = await rpc.call("eth_getBlockByNumber", hex(height), False)
    if height is None or standing is None or standing["hash"] != block_hash or height <= number:
        raise Conflict(
            say(
                "{block_hash} is not a block of the node's chain above block {number}, where "
                "that chain parts from the index; name the block in the log or in /readyz",
                block_hash=block_hash,
                number=number,
            )
        )

    def write(connection: Connection) -> int:
        if read_checkpoint(connection) != at:
            raise Conflict("the index has moved in the meantime; run the command again")
        run(connection, "UPDATE checkpoints SET final_number = ? WHERE name = 'index'", (number,))
        query = "SELECT count(*) FROM operations WHERE block_number > ?"
        count = int(run(connection, query, (number,)).scalar())
        keep_final_failures(connection, above=number, final_number=at.final_number)
        return count

    undone = await storage.write(write)
    print(
        f"accepted: the index goes back from block {at.block_number} to block {number}, which "
        f"undoes {at.final_number - number} final blocks and {undone} operations. The gateway "
        "follows when it next looks"
    )


def _first(connection: Connection) -> int:
    number = run(connection, "SELECT min(number) FROM blocks").scalar()
    return 0 if number is None else int(number)


def _with_store(command: str, work: Work) -> int:
    async def main(settings: Settings) -> None:
        storage = create_storage(settings.database_url)
        try:
            storage.migrate()
            identity = await storage.read(stored_identity)
            at = await storage.read(read_checkpoint)
            if identity is None or at is None:
                raise Conflict("this store has no chain yet; start the gateway first")
            await work(storage, settings, identity, at)
        finally:
            storage.close()

    try:
        asyncio.run(main(settings_from()))
    except (SettingInvalid, ChainError, CessionError, StorageError) as error:
        print(f"chain {command}: {error}", file=sys.stderr)
        return 1
    return 0
