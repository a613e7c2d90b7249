"""The gateway proves the identity of its chain; it neither reads from another nor sends to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from app.chain.evm.rpc import JsonRpc, NodeUnreachable
from app.chain.nodes.identity import (
    ChainGuard,
    ChainIdentity,
    FinalityBroken,
    WrongChain,
    identity_of,
    stored_identity,
)
from app.chain.nodes.pool import NodePool
from app.commands import chain as chain_command
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.storage import StorageError, create_storage
from tests.support.chains import FIVE, fork_of, quick, until
from tests.support.harness import Anvil, Ledger, Nodes, ledger_on
from tests.support.index import contents, fresh_index, some_traffic
from tests.support.switch import switch

INSTANT = quick(finality="instant")


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Anvil]:
    """Another chain with the same id, started at another time."""
    time.sleep(1.1)  # else both begin in one second, with the same genesis
    anvil = Anvil(tmp_path / "other")
    anvil.ask("anvil_mine", hex(50), "0x3")
    yield anvil
    anvil.kill()


def transactions(node: Anvil, *, after: int = 0) -> int:
    """How many transactions the node's chain holds above a block, its pool included."""
    head = int(node.ask("eth_blockNumber"), 16)
    blocks = [node.ask("eth_getBlockByNumber", hex(n), False) for n in range(after + 1, head + 1)]
    status = node.ask("txpool_status")
    waiting = int(status["pending"], 16) + int(status["queued"], 16)
    return sum(len(block["transactions"]) for block in blocks) + waiting


def height(node: Anvil) -> int:
    return int(node.ask("eth_blockNumber"), 16)


def test_gateway_ignores_another_chain_with_the_same_id(
    node: Anvil, other: Anvil, storage_url: str, tmp_path: Path
) -> None:
    async def main() -> None:
        assert node.port is not None and other.port is not None
        async with (
            switch(node.port) as way,
            ledger_on(node, storage_url, nodes=Nodes([way.url]), indexing=FIVE) as ledger,
        ):
            user = await ledger.rich(1000)
            before = contents(ledger)
            way.lead_to(other.port)
            waiting = [await ledger.enqueue(user, "transfer", [user.address, 1]) for _ in range(5)]
            await until(lambda: ledger.indexer.wrong_chain)
            wrong = ledger.indexer.wrong_chain
            assert isinstance(wrong, WrongChain) and not isinstance(wrong, FinalityBroken)
            genesis = node.ask("eth_getBlockByNumber", "0x0", False)["hash"]
            assert wrong.expected == genesis and genesis in str(wrong)
            assert other.ask("eth_getBlockByNumber", "0x0", False)["hash"] in str(wrong)
            await until(lambda: "WrongChain" in str(ledger.relayer.last_error))
            await asyncio.sleep(1)
            assert transactions(other) == 0
            assert contents(ledger) == before
            way.lead_to(node.port)
            for operation in waiting:
                done = await ledger.operations.wait(operation.id, 30)
                assert done.error is None and done.state == "included"
            assert ledger.indexer.wrong_chain is None
            fresh = await fresh_index(ledger, f"sqlite:///{tmp_path}/fresh.db")
            assert contents(ledger) == fresh

    asyncio.run(main())


@pytest.mark.parametrize("longer", [True, False])
def test_a_fork_below_a_final_block_stops_index_and_relayer(
    node: Anvil, storage_url: str, tmp_path: Path, longer: bool
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, indexing=INSTANT) as ledger:
            user = await ledger.rich(1000)
            standing = ledger.standing
        fork = fork_of(node, tmp_path / "fork")
        try:
            shared = height(fork)
            assert node.port is not None and fork.port is not None
            async with (
                switch(node.port) as way,
                ledger_on(
                    node,
                    storage_url,
                    nodes=Nodes([way.url]),
                    indexing=INSTANT,
                    standing=standing,
                ) as ledger,
            ):
                ledger.keystore.keep(user)
                for n in range(4):
                    done = await ledger.do(user, "transfer", ledger.issuer.address, n + 1)
                    assert done.error is None
                fork.ask("anvil_mine", hex(20 if longer else 2), "0x2")
                before, at_fork = contents(ledger), height(fork)
                way.lead_to(fork.port)
                waiting = [
                    await ledger.enqueue(user, "transfer", [ledger.issuer.address, 7])
                    for _ in range(5)
                ]
                await until(lambda: isinstance(ledger.indexer.wrong_chain, FinalityBroken))
                await asyncio.sleep(1)
                assert height(fork) == at_fork
                assert transactions(fork, after=shared) == 0
                assert contents(ledger) == before
                broken = ledger.indexer.wrong_chain
                assert isinstance(broken, FinalityBroken)
                assert broken.expected in str(broken) and "cession chain accept" in str(broken)
                way.lead_to(node.port)
                for operation in waiting:
                    done = await ledger.operations.wait(operation.id, 30)
                    assert done.error is None and done.state in ("included", "final")
        finally:
            fork.kill()

    asyncio.run(main())


def test_a_reorganisation_above_the_final_block_is_followed(
    node: Anvil, storage_url: str, tmp_path: Path
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, nodes=Nodes([node.url]), indexing=FIVE) as ledger:
            await some_traffic(ledger, 6)
            node.ask("anvil_mine", hex(6))
            await until(lambda: at_head(ledger, node))
            node.ask("anvil_reorg", 4, [])
            node.ask("anvil_mine", hex(3))
            await until(lambda: at_head(ledger, node))
            assert ledger.indexer.wrong_chain is None
            fresh = await fresh_index(ledger, f"sqlite:///{tmp_path}/fresh.db")
            assert contents(ledger) == fresh

    asyncio.run(main())


def at_head(ledger: Ledger, node: Anvil) -> bool:
    head = node.ask("eth_getBlockByNumber", "latest", False)["hash"]
    return ledger.rows("SELECT block_hash FROM checkpoints") == [(head,)]


@pytest.mark.parametrize("storage_url", ["sqlite", "postgresql"], indirect=True)
def test_a_reorganisation_below_the_final_block_waits_for_the_operator(
    node: Anvil,
    storage_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CESSION_DATABASE_URL", storage_url)
    monkeypatch.setenv("CESSION_RPC_URL", node.url)
    monkeypatch.setenv("CESSION_LEDGER_KEY", DEVELOPMENT_LEDGER_KEY)
    monkeypatch.setenv("CESSION_MASTER_KEY", "x" * 40)
    monkeypatch.setenv("CESSION_KEYSTORE_PASSWORD", "a password")

    async def main() -> None:
        async with ledger_on(node, storage_url, nodes=Nodes([node.url]), indexing=FIVE) as ledger:
            await some_traffic(ledger, 6)
            node.ask("anvil_mine", hex(12))
            await until(lambda: at_head(ledger, node))
            before = contents(ledger)
            node.ask("anvil_reorg", 10, [])
            node.ask("anvil_mine", hex(2))
            await until(lambda: isinstance(ledger.indexer.wrong_chain, FinalityBroken))
            await asyncio.sleep(0.5)
            assert contents(ledger) == before
            broken = ledger.indexer.wrong_chain
            assert isinstance(broken, FinalityBroken)
            assert await asyncio.to_thread(chain_command.chain_status) == 1
            assert "has replaced a final block" in capsys.readouterr().out
            wrong = await asyncio.to_thread(chain_command.chain_accept, broken.expected)
            assert wrong == 1 and "not a block of the node's chain" in capsys.readouterr().err
            assert ledger.indexer.wrong_chain is not None
            assert await asyncio.to_thread(chain_command.chain_accept, broken.actual) == 0
            assert "accepted: the index goes back" in capsys.readouterr().out
            await until(lambda: at_head(ledger, node))
            assert ledger.indexer.wrong_chain is None
            fresh = await fresh_index(ledger, f"sqlite:///{tmp_path}/fresh.db")
            assert contents(ledger) == fresh
            assert await asyncio.to_thread(chain_command.chain_status) == 0
            again = await asyncio.to_thread(chain_command.chain_accept, broken.actual)
            assert again == 1 and "has every final block" in capsys.readouterr().err

    asyncio.run(main())


def test_a_store_starts_on_no_other_chain(node: Anvil, other: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, nodes=Nodes([node.url])) as ledger:
            standing = ledger.standing
            await ledger.rich(5)
        with pytest.raises(WrongChain, match="genesis"):
            async with ledger_on(other, storage_url, nodes=Nodes([other.url]), standing=standing):
                raise AssertionError("it started")

    asyncio.run(main())


def test_the_first_start_keeps_the_identity_in_the_store(node: Anvil, storage_url: str) -> None:
    node.ask("anvil_mine", hex(5))
    third = node.ask("eth_getBlockByNumber", "0x3", False)["hash"]

    async def main() -> None:
        storage, rpc = create_storage(storage_url), JsonRpc(node.url)
        storage.migrate()
        try:
            identity = await identity_of(
                storage=storage, rpc=rpc, chain_id=31337, block=(3, third.upper().replace("X", "x"))
            )
            genesis = node.ask("eth_getBlockByNumber", "0x0", False)["hash"]
            assert identity == ChainIdentity(31337, genesis, ((3, third),))
            assert await storage.read(stored_identity) == identity
            again = await identity_of(storage=storage, rpc=rpc, chain_id=31337, block=(4, "0xab"))
            assert again.blocks == tuple({(3, third), (4, "0xab")})
            with pytest.raises(WrongChain, match="chain id is 5"):
                await identity_of(storage=storage, rpc=rpc, chain_id=5, block=None)
        finally:
            await rpc.close()
            storage.close()

    asyncio.run(main())


def test_record_with_another_deployment_block_is_refused_and_not_stored(
    node: Anvil, storage_url: str
) -> None:
    node.ask("anvil_mine", hex(5))

    async def main() -> None:
        storage, rpc = create_storage(storage_url), JsonRpc(node.url)
        storage.migrate()
        try:
            with pytest.raises(WrongChain, match="hash of block 3") as caught:
                await identity_of(
                    storage=storage, rpc=rpc, chain_id=31337, block=(3, "0x" + "ab" * 32)
                )
            assert "0x" + "ab" * 32 in str(caught.value)
            assert await storage.read(stored_identity) is None
        finally:
            await rpc.close()
            storage.close()

    asyncio.run(main())


def test_a_node_that_lags_behind_the_final_block_serves_the_chain(node: Anvil) -> None:
    node.ask("anvil_mine", hex(5))
    hashes = {n: node.ask("eth_getBlockByNumber", hex(n), False)["hash"] for n in range(6)}

    async def hash_at(number: int) -> str | None:
        return hashes.get(number)

    async def proof(**more: Any) -> None:
        identity = ChainIdentity(more.pop("chain_id", 31337), hashes[0], more.pop("blocks", ()))
        rpc = JsonRpc(node.url)
        try:
            await ChainGuard(identity, **more).prove(rpc.batch, rpc.name)
        finally:
            await rpc.close()

    async def main() -> None:
        await proof(hash_at=hash_at, final=(9, "0x" + "cd" * 32))
        hashes[5] = "0x" + "ee" * 32
        with pytest.raises(FinalityBroken, match="block 5"):
            await proof(hash_at=hash_at, final=(9, "0x" + "cd" * 32))
        with pytest.raises(FinalityBroken, match="block 2"):
            await proof(hash_at=hash_at, final=(2, "0x" + "cd" * 32))
        with pytest.raises(WrongChain, match="chain id is 31337, expected 1"):
            await proof(chain_id=1)
        with pytest.raises(NodeUnreachable, match="no block 8"):
            await proof(blocks=((8, "0x" + "cd" * 32),))

    asyncio.run(main())


def test_each_proof_reads_the_newest_final_block_from_the_store(node: Anvil) -> None:
    """Another gateway's index may have stored a newer final block meanwhile."""
    node.ask("anvil_mine", hex(5))
    hashes = {n: node.ask("eth_getBlockByNumber", hex(n), False)["hash"] for n in range(6)}
    stored: list[Any] = [(5, hashes[5])]

    async def final_at() -> tuple[int, str] | None:
        block = stored[0]
        if isinstance(block, Exception):
            raise block
        return cast("tuple[int, str] | None", block)

    async def main() -> None:
        identity, rpc = ChainIdentity(31337, hashes[0]), JsonRpc(node.url)
        guard = ChainGuard(identity, final_at=final_at, final=(3, hashes[3]))
        try:
            await guard.prove(rpc.batch, rpc.name)
            stored[0] = (5, "0x" + "cd" * 32)
            with pytest.raises(FinalityBroken, match="block 5"):
                await guard.prove(rpc.batch, rpc.name)
            for away in (None, StorageError("away")):
                stored[0] = away
                await guard.prove(rpc.batch, rpc.name)
                guard.final = (4, "0x" + "cd" * 32)
                with pytest.raises(FinalityBroken, match="block 4"):
                    await guard.prove(rpc.batch, rpc.name)
                guard.final = (3, hashes[3])
        finally:
            await rpc.close()

    asyncio.run(main())


def test_new_connection_proves_its_chain_before_first_use(node: Anvil, other: Anvil) -> None:
    genesis = node.ask("eth_getBlockByNumber", "0x0", False)["hash"]

    async def main() -> None:
        assert node.port is not None and other.port is not None
        async with switch(node.port) as way:
            guard = ChainGuard(ChainIdentity(31337, genesis))
            pool = NodePool([JsonRpc(way.url, timeout=5)], guard=guard)
            try:
                assert await pool.chain_id() == 31337
                way.lead_to(other.port)
                with pytest.raises(WrongChain):
                    await pool.call("eth_blockNumber")
                with pytest.raises(WrongChain):
                    await pool.batch([("eth_blockNumber", [])])
                way.lead_to(node.port)
                assert await pool.call("eth_blockNumber") == "0x0"
            finally:
                await pool.close()

    asyncio.run(main())


def test_each_send_proves_its_chain_again(node: Anvil) -> None:
    """A balancer may move an open connection to another node; here the chain changes instead."""

    async def main() -> None:
        genesis = node.ask("eth_getBlockByNumber", "0x0", False)["hash"]
        node.ask("anvil_mine", hex(5))
        final = (4, node.ask("eth_getBlockByNumber", "0x4", False)["hash"])
        guard = ChainGuard(ChainIdentity(31337, genesis), final=final)
        pool = NodePool([JsonRpc(node.url, timeout=5)], guard=guard)
        try:
            assert await pool.chain_id() == 31337
            node.ask("anvil_reorg", 3, [])
            with pytest.raises(FinalityBroken):
                await pool.call("eth_sendRawTransaction", "0x00")
        finally:
            await pool.close()

    asyncio.run(main())


def test_a_chain_is_the_same_after_each_start_from_its_state(node: Anvil) -> None:
    """After some starts anvil shows another block 0; block 1 names the right one."""
    node.ask("anvil_mine", hex(3))
    genesis = node.ask("eth_getBlockByNumber", "0x0", False)["hash"]
    third = node.ask("eth_getBlockByNumber", "0x3", False)["hash"]

    async def main() -> None:
        rpc = JsonRpc(node.url, timeout=5)
        try:
            await ChainGuard(ChainIdentity(31337, genesis, ((3, third),))).prove(rpc.batch, "it")
        finally:
            await rpc.close()

    for _ in range(4):
        asyncio.run(main())
        node.stop()
        time.sleep(1.1)
        node.start()
