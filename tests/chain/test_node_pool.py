"""Several real nodes as one: fail-over, agreement on the head, sends to all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.chain.evm.rpc import JsonRpc, NodeUnreachable, RpcError
from app.chain.evm.transactions import Transaction
from app.chain.nodes.engines import free_port
from app.chain.nodes.pool import NoAgreement, NodePool
from tests.support.cash_ledger import account
from tests.support.chains import FIVE, fork_of, until
from tests.support.harness import Anvil, Ledger, Nodes, ledger_on
from tests.support.switch import switch


@pytest.fixture
def nodes(node: Anvil, tmp_path: Path) -> Iterator[list[Anvil]]:
    """Three nodes with one history."""
    node.ask("anvil_mine", hex(10))
    twins = [node, fork_of(node, tmp_path / "second"), fork_of(node, tmp_path / "third")]
    yield twins
    for twin in twins[1:]:
        twin.kill()


def mine(nodes: list[Anvil], count: int) -> None:
    """The same blocks on each of these nodes."""
    for _ in range(count):
        time_ = int(nodes[0].ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16) + 1000
        for node in nodes:
            node.ask("evm_setNextBlockTimestamp", time_)
            node.ask("evm_mine")
    assert len({head(node) for node in nodes}) == 1


def part(node: Anvil, count: int) -> None:
    """Blocks that no other node has."""
    node.ask("anvil_mine", hex(count), hex(5 + count))


def head(node: Anvil) -> str:
    return str(node.ask("eth_getBlockByNumber", "latest", False)["hash"])


def number(node: Anvil) -> int:
    return int(node.ask("eth_blockNumber"), 16)


def pool_of(
    urls: list[str], *, agreement: int = 1, timeout: float = 60, **options: Any
) -> NodePool:
    return NodePool([JsonRpc(url, timeout=timeout) for url in urls], agreement=agreement, **options)


async def latest(pool: NodePool) -> Any:
    return await pool.call("eth_getBlockByNumber", "latest", False)


def test_pool_asks_the_next_node_when_the_first_does_not_answer(nodes: list[Anvil]) -> None:
    async def main() -> None:
        pool = pool_of([node.url for node in nodes])
        try:
            part(nodes[1], 7)
            assert await pool.call("eth_blockNumber") == hex(10)
            nodes[0].kill()
            assert await pool.call("eth_blockNumber") == hex(17)
            assert pool.answering == [False, True, True]
            assert await pool.batch([("eth_blockNumber", [])]) == [hex(17)]
            nodes[1].stop()
            assert await pool.call("eth_blockNumber") == hex(10)
            nodes[2].kill()
            with pytest.raises(NodeUnreachable):
                await pool.call("eth_blockNumber")
            pool._resting.clear()
            nodes[1].start()
            assert await pool.call("eth_blockNumber") == hex(17)
        finally:
            await pool.close()

    asyncio.run(main())


def test_silent_node_costs_its_share_of_the_time_only_once(nodes: list[Anvil]) -> None:
    async def main() -> None:
        assert nodes[0].port is not None
        async with switch(nodes[0].port) as way:
            way.silent = True
            pool = pool_of([way.url, nodes[1].url], timeout=4, rest=600)
            try:
                assert await pool.call("eth_blockNumber") == hex(10)
                asked = way.connections
                assert asked > 0
                for _ in range(5):
                    assert await pool.call("eth_blockNumber") == hex(10)
                assert way.connections == asked, "a node that failed lately is asked last"
            finally:
                await pool.close()

    asyncio.run(main())


def test_pool_asks_the_next_node_after_an_error_other_than_a_revert(nodes: list[Anvil]) -> None:
    async def main() -> None:
        part(nodes[1], 5)
        pool = pool_of([node.url for node in nodes[:2]])
        try:
            transfer = {"from": account(1).address, "to": account(2).address}
            # The first node has no block 12.
            assert await pool.call("eth_call", transfer, hex(12)) == "0x"
            with pytest.raises(RpcError):
                await pool.call("eth_call", transfer, hex(99))
            assert pool.answering == [True, True], "an error is an answer"
        finally:
            await pool.close()

    asyncio.run(main())


def test_head_is_the_highest_block_that_enough_nodes_confirm(nodes: list[Anvil]) -> None:
    async def main() -> None:
        urls = [node.url for node in nodes]
        one, two, three = (pool_of(urls, agreement=count) for count in (1, 2, 3))
        try:
            mine(nodes, 3)
            common = head(nodes[0])
            mine(nodes[:2], 4)
            ahead = head(nodes[0])
            part(nodes[0], 9)
            assert (await latest(one))["hash"] == head(nodes[0])
            assert (await latest(two))["hash"] == ahead
            assert await two.call("eth_blockNumber") == hex(17)
            assert (await latest(three))["hash"] == common
            part(nodes[1], 30)
            part(nodes[2], 60)
            assert (await latest(two))["hash"] == ahead, "a longer fork of one node changes nothing"
            assert (await latest(three))["hash"] == common
            nodes[2].kill()
            assert (await latest(two))["hash"] == ahead
            with pytest.raises(NoAgreement, match="2 of 3 nodes"):
                await latest(three)
            nodes[1].kill()
            with pytest.raises(NoAgreement):
                await latest(two)
            assert (await latest(one))["hash"] == head(nodes[0])
        finally:
            for pool in (one, two, three):
                await pool.close()

    asyncio.run(main())


def test_nodes_that_share_no_block_do_not_agree(node: Anvil, tmp_path: Path) -> None:
    time.sleep(1.1)  # else both begin in one second, with the same genesis
    stranger = Anvil(tmp_path / "stranger")

    async def main() -> None:
        part(stranger, 40)
        part(node, 3)
        pool = pool_of([node.url, stranger.url], agreement=2)
        try:
            with pytest.raises(NoAgreement, match="same block"):
                await latest(pool)
        finally:
            await pool.close()
            stranger.kill()

    asyncio.run(main())


def test_send_reaches_every_node_and_succeeds_when_one_accepts(nodes: list[Anvil]) -> None:
    def transfer(nonce: int) -> tuple[str, str]:
        return Transaction(
            nonce=nonce,
            gas_price=3_000_000_000,
            gas_limit=21_000,
            to=account(2).address,
            data=b"",
            chain_id=31337,
        ).sign(account(1))

    async def main() -> None:
        assert nodes[0].port is not None
        async with switch(nodes[0].port) as way:
            pool = pool_of([way.url, nodes[1].url, nodes[2].url], timeout=5)
            try:
                raw, hash_ = transfer(0)
                assert await pool.call("eth_sendRawTransaction", raw) == hash_
                await until(lambda: all(receipt(node, hash_) for node in nodes))
                way.silent = True
                nodes[2].kill()
                raw, hash_ = transfer(1)
                assert await pool.call("eth_sendRawTransaction", raw) == hash_
                await until(
                    lambda: bool(receipt(nodes[1], hash_))
                )  # the block comes after the answer
                with pytest.raises(RpcError, match="nonce too low"):
                    await pool.call("eth_sendRawTransaction", raw)
                nodes[1].kill()
                with pytest.raises(NodeUnreachable):
                    await pool.call("eth_sendRawTransaction", raw)
            finally:
                await pool.close()

    asyncio.run(main())


def receipt(node: Anvil, hash_: str) -> Any:
    return node.ask("eth_getTransactionReceipt", hash_)


def test_ledger_keeps_working_while_nodes_come_and_go(node: Anvil, storage_url: str) -> None:
    """Two ways to one node, as two front ends of it: each is cut and silent in turn."""

    async def main() -> None:
        assert node.port is not None
        nobody = free_port()
        async with (
            switch(node.port) as first,
            switch(node.port) as second,
            ledger_on(
                node, storage_url, nodes=Nodes([first.url, second.url]), indexing=FIVE
            ) as ledger,
        ):
            user = await ledger.rich(1000)
            for turn, way in enumerate((first, second, first, second)):
                way.lead_to(nobody if turn < 2 else node.port)
                way.silent = turn >= 2
                waiting = [
                    await ledger.enqueue(user, "transfer", [ledger.issuer.address, n + 1])
                    for n in range(3)
                ]
                for operation in waiting:
                    done = await ledger.operations.wait(operation.id, 40)
                    assert done.error is None and done.state in ("included", "final")
                way.silent = False
                way.lead_to(node.port)
            assert await ledger.balance(user.address) == 1000 - 4 * 6

    asyncio.run(main())


def test_index_follows_blocks_that_both_required_nodes_have(
    node: Anvil, storage_url: str, tmp_path: Path
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, start=False) as ledger:
            standing = ledger.standing
        twin = fork_of(node, tmp_path / "twin")
        try:
            async with ledger_on(
                node,
                storage_url,
                nodes=Nodes([node.url, twin.url], agreement=2),
                indexing=FIVE,
                standing=standing,
            ) as ledger:
                first = number(twin)
                mine([node, twin], 2)
                await until(lambda: indexed(ledger) == first + 2)
                part(node, 8)
                await asyncio.sleep(0.5)
                assert indexed(ledger) == first + 2
                assert ledger.indexer.wrong_chain is None
        finally:
            twin.kill()

    asyncio.run(main())


def indexed(ledger: Ledger) -> int:
    rows = ledger.rows("SELECT block_number FROM checkpoints")
    return int(rows[0][0]) if rows else -1


@pytest.mark.parametrize("agreement", [0, 3])
def test_pool_refuses_an_agreement_of_more_nodes_than_configured(agreement: int) -> None:
    with pytest.raises(ValueError):
        pool_of(["http://a", "http://b"], agreement=agreement)
