"""The tables equal the chain: complete, in order, each block as a whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
import rlp
from sqlalchemy import Connection
from trie import HexaryTrie

from app.chain.evm.events import DecodedEvent
from app.chain.evm.rpc import JsonRpc
from app.chain.index.blocks import (
    Block,
    BlockReader,
    ChainMoved,
    Header,
    ReceiptsIncomplete,
    TransactionReceipt,
    ordered_root,
)
from app.storage import StorageFull, run
from app.storage.checkpoint import read_checkpoint
from tests.support.cash_ledger import CASH, send
from tests.support.harness import Anvil, CashProjection, ledger_on
from tests.support.index import contents, fresh_index, some_traffic


def test_event_is_stored_raw_and_decoded_and_can_be_queried(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            user = await ledger.rich(77)
            (event,) = ledger.rows(
                "SELECT events.contract, events.name, events.arguments_json, logs.address "
                "FROM event_subjects JOIN events USING (position) JOIN logs USING (position) "
                f"WHERE subject = '{user.address}' AND events.name = 'Transfer'"
            )
            assert event[:2] == (CASH, "Transfer")
            assert f'"to":"{user.address}","value":77' in event[2]
            assert event[3] == ledger.contracts.address(CASH)
            at = await ledger.storage.read(read_checkpoint)
            head = node.ask("eth_getBlockByNumber", "latest", False)
            assert at is not None
            assert (hex(at.block_number), at.block_hash) == (head["number"], head["hash"])

    asyncio.run(main())


@pytest.mark.parametrize("max_blocks", [1, 7, 1000])
def test_catching_up_gives_the_same_tables_as_following(
    node: Anvil, storage_url: str, tmp_path: Path, max_blocks: int
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            await some_traffic(ledger)
            fresh = await fresh_index(
                ledger, f"sqlite:///{tmp_path}/fresh.db", max_blocks=max_blocks
            )
            assert fresh == contents(ledger)
            assert len(fresh["cash_transfers"]) == 33

    asyncio.run(main())


def test_read_tables_can_be_rebuilt_from_raw_logs(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            await some_traffic(ledger)
            before = contents(ledger)
            await ledger.storage.write(lambda c: run(c, "UPDATE cash_balances SET balance = 1"))
            await ledger.indexer.rebuild()
            assert contents(ledger) == before

    asyncio.run(main())


def test_checkpoint_stays_when_a_projection_fails(node: Anvil, storage_url: str) -> None:
    class Broken(CashProjection):
        def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
            super().apply(connection, events)
            raise LookupError("broken")

    async def main() -> None:
        async with ledger_on(node, storage_url, start=False) as ledger:
            data = ledger.contracts.encode(CASH, "mint", [ledger.issuer.address, 5])
            node.ask("anvil_setBalance", ledger.issuer.address, hex(10**20))
            await send(ledger.rpc, ledger.issuer, to=ledger.contracts.address(CASH), data=data)
            ledger.indexer.projections = [Broken()]
            with pytest.raises(LookupError):
                await ledger.indexer.catch_up()
            stuck = await ledger.storage.read(read_checkpoint)
            assert stuck is not None
            assert ledger.rows("SELECT * FROM cash_transfers") == []
            assert ledger.rows("SELECT max(number) FROM blocks")[0][0] in (None, stuck.block_number)
            ledger.indexer.projections = [CashProjection()]
            await ledger.indexer.catch_up()
            assert ledger.rows("SELECT balance FROM cash_balances") == [(5,)]

    asyncio.run(main())


def test_index_stops_on_a_full_disk_and_resumes_once_there_is_room(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, start=False) as ledger:

            def shrink(connection: Connection) -> None:
                pages = run(connection, "PRAGMA page_count").scalar()
                run(connection, f"PRAGMA max_page_count = {pages}")

            await ledger.storage.write(shrink)
            node.ask("anvil_mine", hex(500))
            with pytest.raises(StorageFull):
                await ledger.indexer.catch_up()
            await ledger.storage.write(lambda c: run(c, "PRAGMA max_page_count = 1000000"))
            await ledger.indexer.catch_up()
            head = int(node.ask("eth_blockNumber"), 16)
            assert ledger.rows("SELECT count(*) FROM blocks") == [(head + 1,)]

    asyncio.run(main())


def test_receipts_root_equals_the_ethereum_library() -> None:
    for count in (1, 2, 3, 16, 17, 127, 128, 129, 300):
        values = [bytes([n % 251]) * (1 + n * 7 % 120) for n in range(count)]
        trie = HexaryTrie({})
        for place, value in enumerate(values):
            trie[rlp.encode(place)] = value
        assert ordered_root(values) == "0x" + trie.root_hash.hex()


@pytest.mark.parametrize("tamper", ["log left out", "data changed", "receipt left out"])
def test_index_detects_a_node_that_omits_data(node: Anvil, storage_url: str, tamper: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            done = await ledger.do(ledger.issuer, "mint", ledger.issuer.address, 5)
            assert done.block_number is not None

        class Lying(BlockReader):
            async def _receipts(self, headers: Sequence[Header]) -> list[list[TransactionReceipt]]:
                lists = await super()._receipts(headers)
                for receipts in lists:
                    if tamper == "receipt left out":
                        receipts.pop()
                    elif tamper == "log left out":
                        receipts[0].logs.pop()
                    else:
                        receipts[0].logs[0].data = "0x" + "00" * 32
                return lists

        rpc = JsonRpc(node.url)
        header = await rpc.call("eth_blockNumber")
        honest, liar = BlockReader(rpc, verify=True), Lying(rpc, verify=True)
        honest_header = await honest.header(int(header, 16))
        assert honest_header is not None
        await honest.blocks([honest_header])
        with pytest.raises(ReceiptsIncomplete):
            await liar.blocks([honest_header])
        await rpc.close()

    asyncio.run(main())


def test_index_reports_a_node_whose_blocks_never_fit_together(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            await ledger.do(ledger.issuer, "mint", ledger.issuer.address, 5)
            reader, honest = ledger.indexer.reader, ledger.indexer.reader.blocks

            async def moved(_: Sequence[Header]) -> list[Block]:
                raise ChainMoved("a block is no longer there")

            reader.blocks = moved  # type: ignore[assignment, method-assign]
            mint = await ledger.enqueue(ledger.issuer, "mint", [ledger.issuer.address, 6])
            async with asyncio.timeout(60):
                while ledger.indexer.last_error is None:
                    await asyncio.sleep(0.05)
            assert ledger.indexer.last_error == "ChainMoved: a block is no longer there"
            reader.blocks = honest  # type: ignore[method-assign]
            done = await ledger.operations.wait(mint.id, 60)
            assert done.state == "final"
            async with asyncio.timeout(60):
                while ledger.indexer.last_error is not None:
                    await asyncio.sleep(0.05)

    asyncio.run(main())


def test_transaction_receipts_one_by_one_equal_receipts_by_block(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            await some_traffic(ledger, 10)
            reader = BlockReader(ledger.rpc, verify=True)
            headers = await reader.headers(1, int(node.ask("eth_blockNumber"), 16))
            whole = await reader.blocks(headers)
            reader._by_block = False
            assert await reader.blocks(headers) == whole

    asyncio.run(main())
