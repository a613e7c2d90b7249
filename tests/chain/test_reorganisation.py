"""After a reorganisation the tables follow, and no intent is lost or runs twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.chain.index.indexer import IndexerSettings
from app.chain.nodes.identity import FinalityBroken
from app.storage import run
from tests.support.harness import Anvil, ledger_on
from tests.support.index import contents, fresh_index, some_traffic

UNSURE = IndexerSettings(finality=50, poll_busy=0.02, poll_idle=0.02)


@pytest.mark.parametrize("storage_url", ["sqlite", "postgresql"], indirect=True)
def test_after_a_reorganisation_the_tables_equal_a_fresh_index(
    node: Anvil, storage_url: str, tmp_path: Path
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, indexing=UNSURE) as ledger:
            users = [await ledger.rich(1000) for _ in range(4)]
            for n in range(8):
                done = await ledger.do(users[n % 4], "transfer", users[(n + 1) % 4].address, n + 1)
                assert done.state == "included"
            before = contents(ledger)
            orphaned = int(node.ask("eth_blockNumber"), 16)
            node.ask("anvil_reorg", 6, [])
            moved = [1000] * 4
            for n in range(8):
                moved[n % 4] -= n + 1
                moved[(n + 1) % 4] += n + 1
            # The relayer sends the stored bytes again: every intent comes back, once.
            for _ in range(400):
                head = node.ask("eth_getBlockByNumber", "latest", False)
                states = ledger.rows("SELECT DISTINCT state FROM operations")
                at = ledger.rows("SELECT block_hash FROM checkpoints")
                if at == [(head["hash"],)] and states == [("included",)]:
                    break
                await asyncio.sleep(0.05)
            assert states == [("included",)]
            assert [await ledger.balance(user.address) for user in users] == moved
            after = contents(ledger)
            fresh = await fresh_index(ledger, f"sqlite:///{tmp_path}/fresh.db")
            assert after == fresh
            assert after["blocks"] != before["blocks"]
            assert len(after["cash_transfers"]) == 12
            assert int(head["number"], 16) > orphaned
            hashes = dict(ledger.rows("SELECT number, hash FROM blocks"))
            for number, block_hash in ledger.rows(
                "SELECT block_number, block_hash FROM operations"
            ):
                assert hashes[number] == block_hash

    asyncio.run(main())


def test_reorganisation_during_downtime_is_found_at_the_next_start(
    node: Anvil, storage_url: str, tmp_path: Path
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, indexing=UNSURE) as ledger:
            await some_traffic(ledger, 6)
            standing = ledger.standing
        node.ask("anvil_reorg", 3, [])
        node.ask("anvil_mine", hex(5))
        async with ledger_on(
            node, storage_url, indexing=UNSURE, standing=standing, start=False
        ) as ledger:
            await ledger.indexer.catch_up()
            fresh = await fresh_index(ledger, f"sqlite:///{tmp_path}/fresh.db")
            assert contents(ledger) == fresh

    asyncio.run(main())


def test_shorter_chain_counts_as_a_reorganisation(
    node: Anvil, storage_url: str, tmp_path: Path
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, indexing=UNSURE, start=False) as ledger:
            snapshot = node.ask("evm_snapshot")
            node.ask("anvil_mine", hex(20))
            await ledger.indexer.catch_up()
            node.ask("evm_revert", snapshot)
            node.ask("anvil_mine", hex(3))
            await ledger.indexer.catch_up()
            fresh = await fresh_index(ledger, f"sqlite:///{tmp_path}/fresh.db")
            assert contents(ledger) == fresh
            assert ledger.rows("SELECT block_number FROM checkpoints") == [
                (int(node.ask("eth_blockNumber"), 16),)
            ]

    asyncio.run(main())


@pytest.mark.parametrize("blocks", [2, 30])
def test_index_stays_unchanged_when_the_node_serves_another_chain(
    node: Anvil, storage_url: str, blocks: int
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, start=False) as ledger:
            node.ask("anvil_mine", hex(10))
            await ledger.indexer.catch_up()
            before = contents(ledger)
            node.ask("anvil_reset")
            node.ask("anvil_mine", hex(blocks), "0x3")
            with pytest.raises(FinalityBroken):
                await ledger.indexer.catch_up()
            assert contents(ledger) == before

    asyncio.run(main())


def test_operation_sent_by_others_is_sent_again_after_a_reorganisation(
    node: Anvil, storage_url: str
) -> None:
    """Its slot was given up: only the copied intent had run, in a block that is no more."""

    async def main() -> None:
        async with ledger_on(node, storage_url, indexing=UNSURE) as ledger:
            user = await ledger.rich(100)
            done = await ledger.do(user, "transfer", ledger.issuer.address, 1)
            await ledger.storage.write(
                lambda c: run(
                    c,
                    "UPDATE relay_transactions SET state = 'replaced', block_number = NULL, "
                    "block_hash = NULL WHERE hash = ?",
                    (done.transaction_hash,),
                )
            )
            node.ask("anvil_reorg", 1, [])
            async with asyncio.timeout(60):
                while True:
                    again = await ledger.operations.get(done.id)
                    sent_again = again.transaction_hash not in (None, done.transaction_hash)
                    if again.state == "included" and sent_again:
                        break
                    await asyncio.sleep(0.05)
            assert again.nonce == done.nonce
            assert await ledger.balance(user.address) == 99

    asyncio.run(main())
