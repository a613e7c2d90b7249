"""A store restored from a backup knows less than the chain."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.chain.evm.contracts import FORWARDER
from app.chain.evm.signers import LocalSigner
from app.chain.index.indexer import IndexerSettings
from app.chain.outbox.intents import Intent, execute_calldata, intent_digest, operation_hash
from app.chain.outbox.nonces import (
    SPACE_BITS,
    nonce_space,
    nonce_spaces,
    renew_nonce_space,
    unknown_executions,
    unreconciled,
)
from app.chain.outbox.outbox import Origin, RanBeforeRestore
from app.storage import run
from tests.support.cash_ledger import CASH, account, send
from tests.support.chains import until
from tests.support.harness import Anvil, Ledger, ledger_on
from tests.support.relays import at_work, counter, give

UNSURE = IndexerSettings(finality=50, poll_busy=0.02, poll_idle=0.02)


def copied(url: str, to: Path) -> str:
    """A copy of an SQLite store as of now, by SQLite's own means."""
    source, target = sqlite3.connect(url.removeprefix("sqlite:///")), sqlite3.connect(to)
    with source, target:
        source.backup(target)
    source.close()
    target.close()
    return f"sqlite:///{to}"


def reconciled(connection: Connection) -> None:
    run(connection, "UPDATE unknown_executions SET reconciled_at = 1")


async def held(ledger: Ledger) -> str:
    """Why the relayer sends nothing, once it has looked."""
    await until(lambda: "older than" in (ledger.relayer.held or ""))
    assert ledger.relayer.held is not None
    return ledger.relayer.held


def test_restored_store_sends_nothing_until_reconciled(
    node: Anvil, storage_url: str, tmp_path: Path
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            user = await ledger.rich(100)
            to = ledger.issuer.address
            await ledger.do(user, "transfer", to, 1)
            backup = copied(storage_url, tmp_path / "backup.db")
            lost = await ledger.enqueue(user, "transfer", [to, 10], origin=Origin("7", "lost-key"))
            assert (await ledger.operations.wait(lost.id, 20)).state == "final"
            standing = ledger.standing
        async with ledger_on(node, backup, standing=standing) as ledger:
            ledger.keystore.keep(user)
            reason = await held(ledger)
            assert "older than the chain; run `cession reconcile`" in reason
            (execution,) = ledger.storage.read_now(unknown_executions)
            assert (execution.signer, execution.nonce, execution.ours) == (
                user.address,
                lost.nonce,
                True,
            )
            assert execution.operation_hash == "0x" + operation_hash("7", "lost-key").hex()
            with pytest.raises(RanBeforeRestore) as refused:
                await ledger.enqueue(user, "transfer", [to, 10], origin=Origin("7", "lost-key"))
            assert refused.value.execution.transaction_hash == execution.transaction_hash
            later = await ledger.enqueue(user, "transfer", [to, 20])
            assert (
                later.nonce == lost.nonce
            )  # the copied store assigns a nonce that was assigned before
            still = await ledger.operations.wait(later.id, 0.5)
            assert still.state == "accepted"
            ledger.storage.write_now(reconciled)
            done = await ledger.operations.wait(later.id, 30)
            assert done.state == "final"
            assert counter(done) > counter(lost)  # under the next nonce: the chain had used its own
            assert await ledger.balance(user.address) == 100 - 1 - 10 - 20

    asyncio.run(main())


def test_restored_store_never_reuses_a_nonce_and_knows_its_spaces(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            user = await ledger.rich(100)
            before = ledger.storage.read_now(nonce_space)
            first = await ledger.do(user, "transfer", ledger.issuer.address, 1)
            now = ledger.storage.write_now(renew_nonce_space)
            second = await ledger.do(user, "transfer", ledger.issuer.address, 1)
            assert now != before
            assert first.nonce is not None and second.nonce is not None
            assert (first.nonce >> SPACE_BITS, second.nonce >> SPACE_BITS) == (before, now)
            assert ledger.storage.read_now(nonce_spaces) == {before, now}

    asyncio.run(main())


def test_wallet_that_signs_unknown_operations_holds_up_nobody(
    node: Anvil, storage_url: str
) -> None:
    """Anybody may sign any hash and nonce with a key of its own, and send it."""

    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            wallet = LocalSigner.generate()
            space = ledger.storage.read_now(nonce_space)
            intent = Intent(
                signer=wallet.address,
                target=ledger.contracts.address(CASH),
                data=ledger.contracts.encode(CASH, "approve", [wallet.address, 1]),
                gas=100_000,
                nonce=space << SPACE_BITS | 99,
                deadline=2**40,
                operation=b"\x07" * 32,
            )
            signature = wallet.sign_hash(intent_digest(ledger.relayer.signing.domain, intent))
            await send(
                ledger.rpc,
                account(8),
                to=ledger.contracts.address(FORWARDER),
                data=execute_calldata(intent, signature),
            )
            user = await ledger.rich(5)
            done = await ledger.do(user, "transfer", ledger.issuer.address, 5)
            assert done.state == "final"
            (execution,) = ledger.storage.read_now(unknown_executions)
            assert (execution.signer, execution.ours) == (wallet.address, False)
            assert ledger.storage.read_now(unreconciled) == 0

    asyncio.run(main())


def test_unknown_execution_is_cleared_when_a_reorganisation_undoes_it(
    node: Anvil, storage_url: str, tmp_path: Path
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, indexing=UNSURE) as ledger:
            user = await ledger.rich(100)
            await ledger.do(user, "transfer", ledger.issuer.address, 1)
            backup = copied(storage_url, tmp_path / "backup.db")
            await ledger.do(user, "transfer", ledger.issuer.address, 10)
            standing = ledger.standing
        async with ledger_on(
            node, backup, indexing=UNSURE, standing=standing, start=False
        ) as ledger:
            await ledger.indexer.catch_up()
            assert ledger.storage.read_now(unreconciled) == 1
            node.ask("anvil_reorg", 1, [])
            await ledger.indexer.catch_up()
            assert ledger.storage.read_now(unreconciled) == 0

    asyncio.run(main())


def test_an_operation_that_ran_under_another_nonce_does_not_run_again(
    node: Anvil, storage_url: str, tmp_path: Path
) -> None:
    """The store gave it that nonce after the backup; the backup has it under the first one."""

    async def main() -> None:
        async with ledger_on(node, storage_url, start=False) as ledger:
            user = ledger.user()
            await give(ledger, node, user.address, 100)
            waits = await ledger.enqueue(user, "transfer", [ledger.issuer.address, 1])
            backup = copied(storage_url, tmp_path / "backup.db")
            async with at_work(ledger):
                done = await ledger.operations.wait(waits.id, 20)
            assert done.state == "final"
            standing = ledger.standing
        async with ledger_on(node, backup, standing=standing, start=False) as ledger:
            ledger.keystore.keep(user)
            ledger.storage.write_now(lambda c: run(c, "UPDATE operations SET nonce = '5'"))
            async with at_work(ledger):
                known = await ledger.operations.wait(waits.id, 20)
            assert (known.state, known.transaction_hash) == ("final", done.transaction_hash)
            assert await ledger.balance(user.address) == 99

    asyncio.run(main())
