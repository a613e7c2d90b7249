"""The relayer: order, rejections, batches, relay accounts, a lost node."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from eth_account import Account

from app.chain.evm.contracts import FORWARDER
from app.chain.evm.signers import LocalSigner
from app.chain.evm.transactions import Transaction, read_raw
from app.chain.index.indexer import IndexerSettings
from app.chain.outbox.intents import Intent, batch_calldata, intent_digest
from app.chain.outbox.outbox import (
    Call,
    IntentRefused,
    Operation,
    OperationClosed,
    SignatureMismatch,
)
from app.chain.relay.batch import MAX_CALL_BYTES, RelayerSettings, SignedOperation, fit
from app.chain.relay.simulator import Trial
from app.storage import run
from app.storage.checkpoint import read_checkpoint
from tests.support.cash_ledger import CASH, account
from tests.support.chains import until
from tests.support.harness import QUIET, Anvil, Ganache, Ledger, ledger_on
from tests.support.postgres import new_database
from tests.support.relays import at_work, counter, give


async def used(ledger: Ledger, operation: Operation) -> bool:
    """Whether the forwarder has taken the operation's nonce."""
    data = ledger.contracts.encode(
        FORWARDER, "isNonceUsed", [operation.signer, str(operation.nonce)]
    )
    call = {"to": ledger.contracts.address(FORWARDER), "data": "0x" + data.hex()}
    return int(await ledger.rpc.call("eth_call", call, "latest"), 16) == 1


def test_operation_runs_and_shows_its_result(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            user = ledger.user()
            done = await ledger.do(ledger.issuer, "mint", user.address, 500)
            assert done.state == "final"
            assert done.block_number is not None and done.gas_used is not None
            assert done.result is not None
            transfer = done.result["events"][0]
            assert (transfer["contract"], transfer["name"]) == (CASH, "Transfer")
            assert transfer["arguments"]["to"] == user.address
            assert transfer["arguments"]["value"] == 500
            assert await ledger.balance(user.address) == 500
            rows = ledger.rows("SELECT account, balance FROM cash_balances")
            assert rows == [(user.address, 500)]

    asyncio.run(main())


def test_failing_operation_is_rejected_with_the_contract_error_and_uses_no_nonce(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            user = await ledger.rich(100)
            refused = await ledger.do(user, "transfer", ledger.issuer.address, 101)
            assert refused.state == "rejected" and refused.error is not None
            assert refused.error.name == "ERC20InsufficientBalance"
            assert refused.error.arguments == {
                "sender": user.address,
                "balance": 100,
                "needed": 101,
            }
            assert refused.transaction_hash is None
            done = await ledger.do(user, "transfer", ledger.issuer.address, 100)
            # Its nonce stays unused; the gap blocks no other operation.
            assert (done.state, counter(done)) == ("final", counter(refused) + 1)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("function", "arguments", "name"),
    [
        ("transfer", ["0x1234", 1], "ArgumentsInvalid"),
        ("transfer", [], "ArgumentsInvalid"),
        ("nothing", [], "UnknownContract"),
    ],
)
def test_operation_is_rejected_when_its_call_cannot_be_encoded(
    node: Anvil, storage_url: str, function: str, arguments: list[object], name: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            refused = await ledger.do(ledger.issuer, function, *arguments)
            assert refused.error is not None and refused.error.name == name

    asyncio.run(main())


def test_missing_custody_key_rejects_only_the_operations_of_its_signer(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            stranger = LocalSigner.generate()
            first, second = await asyncio.gather(
                ledger.do(stranger, "approve", ledger.issuer.address, 1),
                ledger.do(ledger.issuer, "mint", stranger.address, 1),
            )
            assert first.error is not None and first.error.name == "KeyUnknown"
            assert second.state == "final"

    asyncio.run(main())


def test_operations_of_one_signer_keep_their_order_in_large_numbers(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            user = await ledger.rich()
            waiting = await asyncio.gather(
                *(
                    ledger.enqueue(user, "transfer", [account(n % 5).address, n + 1])
                    for n in range(150)
                )
            )
            done = [await ledger.operations.wait(operation.id, 30) for operation in waiting]
            assert {operation.state for operation in done} == {"final"}
            assert [counter(operation) for operation in done] == list(range(150))
            order = ledger.rows(
                "SELECT amount FROM cash_transfers WHERE from_account <> "
                f"'0x{'0' * 40}' ORDER BY position"
            )
            assert [row[0] for row in order] == list(range(1, 151))
            assert ledger.relayer.sent_transactions < 20  # many intents in one transaction

    asyncio.run(main())


def test_one_failing_intent_in_a_batch_fails_alone(node: Anvil, storage_url: str) -> None:
    """Two operations spend the same money. Both pass the simulation; only the first succeeds."""

    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            owner, first, second = ledger.user(), ledger.user(), ledger.user()
            before = [
                await ledger.enqueue(ledger.issuer, "mint", [owner.address, 10]),
                await ledger.enqueue(owner, "approve", [first.address, 10]),
                await ledger.enqueue(owner, "approve", [second.address, 10]),
            ]
            for operation in before:
                assert (await ledger.operations.wait(operation.id, 20)).state == "final"
            takes = await ledger.storage.write(
                lambda connection: [
                    ledger.operations.enqueue(
                        connection,
                        Call(
                            kind="take",
                            party_id=None,
                            signer=spender.address,
                            contract=CASH,
                            function="transferFrom",
                            arguments=[owner.address, spender.address, 7],
                        ),
                    )
                    for spender in (first, second)
                ]
            )
            done = [await ledger.operations.wait(take.id, 20) for take in takes]
            assert [operation.state for operation in done] == ["final", "rejected"]
            assert done[0].transaction_hash == done[1].transaction_hash
            assert done[1].error is not None
            assert done[1].error.name == "ERC20InsufficientBalance"
            assert done[1].error.arguments["balance"] == 3
            again = await ledger.do(second, "approve", owner.address, 1)
            assert again.state == "final"
            assert await used(ledger, done[1])  # the failed one used its nonce

    asyncio.run(main())


def test_operation_waits_for_the_one_it_requires(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            user, other = ledger.user(), ledger.user()
            mint = await ledger.enqueue(ledger.issuer, "mint", [user.address, 50])
            approve = await ledger.enqueue(user, "approve", [other.address, 50])
            take = await ledger.enqueue(
                other,
                "transferFrom",
                [user.address, other.address, 50],
                after=[mint.id, approve.id],
            )
            done = await ledger.operations.wait(take.id, 20)
            assert done.state == "final"

    asyncio.run(main())


def test_operation_is_rejected_when_the_one_it_requires_is_rejected(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            poor, other = ledger.user(), ledger.user()
            first = await ledger.enqueue(poor, "transfer", [other.address, 1])
            second = await ledger.enqueue(
                ledger.issuer, "mint", [other.address, 1], after=[first.id]
            )
            done = await ledger.operations.wait(second.id, 20)
            assert done.error is not None and done.error.name == "DependencyRejected"
            assert await ledger.balance(other.address) == 0

    asyncio.run(main())


@pytest.mark.parametrize("amount", [5, 500], ids=["carried out", "rejected"])
def test_operation_waits_for_an_earlier_one_whatever_its_outcome(
    node: Anvil, storage_url: str, amount: int
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            user = await ledger.rich(100)
            first = await ledger.enqueue(user, "transfer", [ledger.issuer.address, amount])
            second = await ledger.enqueue(
                user, "approve", [ledger.issuer.address, 1], after=[f"~{first.id}"]
            )
            third = await ledger.enqueue(
                user, "approve", [ledger.issuer.address, 2], after=[f"~{second.id}"]
            )
            assert (await ledger.operations.wait(third.id, 20)).state == "final"
            after = await ledger.operations.get(second.id)
            before = await ledger.operations.get(first.id)
            assert before.state == ("final" if amount == 5 else "rejected")
            assert after.state == "final"

    asyncio.run(main())


def test_a_failure_is_proved_only_at_the_block_of_the_index(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            user = await ledger.rich(10)
            rich = await ledger.storage.read(read_checkpoint)
            await ledger.do(user, "transfer", ledger.issuer.address, 10)
            poor = await ledger.storage.read(read_checkpoint)
            assert rich is not None and poor is not None
            data = ledger.contracts.encode(CASH, "transfer", [ledger.issuer.address, 10])
            trial = Trial(user.address, CASH, "transfer", data)
            simulator = ledger.relayer.simulator
            await simulator.run([trial])
            assert trial.error is not None
            assert trial.error.name == "ERC20InsufficientBalance"
            elsewhere = msgspec.structs.replace(poor, block_hash="0x" + "5" * 64)
            unknown = msgspec.structs.replace(poor, block_number=poor.block_number + 9)
            proofs = [await simulator.prove(trial, at) for at in (rich, poor, elsewhere, unknown)]
            assert proofs == [False, True, False, False]

    asyncio.run(main())


def test_a_signers_later_operation_may_build_on_an_earlier_one(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            user, other = ledger.user(), ledger.user()
            await ledger.do(ledger.issuer, "mint", ledger.issuer.address, 30)
            first = await ledger.enqueue(ledger.issuer, "mint", [ledger.issuer.address, 70])
            second = await ledger.enqueue(ledger.issuer, "transfer", [user.address, 100])
            assert (await ledger.operations.wait(first.id, 20)).state == "final"
            assert (await ledger.operations.wait(second.id, 20)).state == "final"
            assert await ledger.balance(other.address) == 0
            assert await ledger.balance(user.address) == 100

    asyncio.run(main())


def test_a_wallet_signs_its_own_intent(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            wallet = Account.create()
            address = wallet.address.lower()
            assert (await ledger.do(ledger.issuer, "mint", address, 9)).state == "final"
            draft, typed = await ledger.operations.prepare(
                Call(
                    kind="transfer",
                    party_id=None,
                    signer=wallet.address,
                    contract=CASH,
                    function="transfer",
                    arguments=[ledger.issuer.address, 4],
                ),
            )
            assert draft.state == "prepared"
            signature = (
                "0x" + Account.sign_typed_data(wallet.key, full_message=typed).signature.hex()
            )
            other = (
                "0x"
                + Account.sign_typed_data(Account.create().key, full_message=typed).signature.hex()
            )
            with pytest.raises(SignatureMismatch):
                await ledger.operations.submit_signature(draft.id, other)
            await ledger.operations.submit_signature(draft.id, signature)
            done = await ledger.operations.wait(draft.id, 20)
            assert done.state == "final"
            assert (await ledger.operations.submit_signature(draft.id, signature)).id == draft.id
            with pytest.raises(OperationClosed):
                await ledger.operations.submit_signature(draft.id, other)
            assert await ledger.balance(address) == 5
            with pytest.raises(IntentRefused) as refused:
                await ledger.operations.prepare(
                    Call(
                        kind="transfer",
                        party_id=None,
                        signer=address,
                        contract=CASH,
                        function="transfer",
                        arguments=[ledger.issuer.address, 6],
                    ),
                )
            assert refused.value.error.name == "ERC20InsufficientBalance"

    asyncio.run(main())


def test_a_wallets_intents_run_in_any_order(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            wallet = LocalSigner.generate()
            await ledger.do(ledger.issuer, "mint", wallet.address, 9)
            drafts = [
                await ledger.operations.prepare(
                    Call(
                        kind="transfer",
                        party_id=None,
                        signer=wallet.address,
                        contract=CASH,
                        function="transfer",
                        arguments=[ledger.issuer.address, amount],
                    ),
                )
                for amount in (1, 2)
            ]
            for draft, _ in reversed(drafts):
                digest = intent_digest(ledger.operations.domain, ledger.operations.intent(draft))
                signature = "0x" + wallet.sign_hash(digest).hex()
                await ledger.operations.submit_signature(draft.id, signature)
                done = await ledger.operations.wait(draft.id, 20)
                assert done.state == "final"
            assert await ledger.balance(wallet.address) == 6

    asyncio.run(main())


def test_node_outage_delays_operations_and_loses_none(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            user = await ledger.rich(100)
            node.stop()
            waiting = [
                await ledger.enqueue(user, "transfer", [ledger.issuer.address, 1])
                for _ in range(20)
            ]
            await asyncio.sleep(0.5)
            assert ledger.relayer.last_error and ledger.indexer.last_error
            node.start()
            done = [await ledger.operations.wait(operation.id, 30) for operation in waiting]
            assert {operation.state for operation in done} == {"final"}
            assert await ledger.balance(user.address) == 80

    asyncio.run(main())


def test_relayer_adopts_a_relay_account_nonce_used_elsewhere(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, relay_accounts=1) as ledger:
            await ledger.rich()
            relay = account(1)
            nonce = int(node.ask("eth_getTransactionCount", relay.address, "latest"), 16)
            alien = Transaction(nonce, 3 * 10**9, 21_000, relay.address, b"", 31337)
            raw, _ = alien.sign(relay)
            node.ask("eth_sendRawTransaction", raw)
            done = await ledger.do(ledger.issuer, "mint", relay.address, 3, timeout=30)
            assert done.state == "final"
            assert await ledger.balance(relay.address) == 3

    asyncio.run(main())


def test_relayer_fills_a_missing_nonce_and_later_transactions_go_through(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, start=False, relay_accounts=1) as ledger:
            relay = account(1)
            nonce = int(node.ask("eth_getTransactionCount", relay.address, "latest"), 16)
            await ledger.storage.write(
                lambda connection: run(
                    connection,
                    "INSERT INTO relay_accounts (address, next_nonce) VALUES (?, ?)",
                    (relay.address, nonce + 1),
                )
            )
            tasks = [
                asyncio.create_task(ledger.relayer.run()),
                asyncio.create_task(ledger.indexer.run()),
            ]
            done = await ledger.do(ledger.issuer, "mint", relay.address, 3, timeout=30)
            assert done.state == "final"
            await ledger.relayer.stop()
            await ledger.indexer.stop()
            await asyncio.gather(*tasks)

    asyncio.run(main())


def test_stuck_transaction_is_replaced_at_a_higher_price(node: Anvil, storage_url: str) -> None:
    hurried = RelayerSettings(resend_after=0.2, bump_after=0.5)

    async def main() -> None:
        async with ledger_on(node, storage_url, relaying=hurried) as ledger:
            user = await ledger.rich(10)
            node.ask("evm_setAutomine", False)
            operation = await ledger.enqueue(user, "transfer", [ledger.issuer.address, 1])
            for _ in range(200):
                attempts = ledger.rows(
                    "SELECT attempt, gas_price, hash FROM relay_transactions "
                    "WHERE state = 'stored' ORDER BY attempt"
                )
                if len(attempts) > 1 and node.ask("eth_getTransactionByHash", attempts[1][2]):
                    break  # it is in the pool, in the first one's place
                await asyncio.sleep(0.05)
            assert int(attempts[1][1]) * 8 >= int(attempts[0][1]) * 9
            node.ask("evm_setAutomine", True)
            node.ask("evm_mine")
            done = await ledger.operations.wait(operation.id, 20)
            assert done.state == "final"
            assert await ledger.balance(user.address) == 9
            states = ledger.rows("SELECT state FROM relay_transactions WHERE attempt = 0")
            assert ("replaced",) in states

    asyncio.run(main())


def test_intent_sent_by_another_account_counts_once_as_ours(node: Anvil, storage_url: str) -> None:
    """Anyone may copy a signed intent out of the pool and send it first."""

    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            user = await ledger.rich(10)
            node.ask("evm_setAutomine", False)
            operation = await ledger.enqueue(user, "transfer", [ledger.issuer.address, 1])
            while not ledger.rows("SELECT 1 FROM relay_transactions WHERE state = 'stored'"):
                await asyncio.sleep(0.02)
            (stored,) = ledger.rows(
                "SELECT raw, hash FROM relay_transactions WHERE state = 'stored'"
            )
            raw = stored[0]
            await until(lambda: node.ask("eth_getTransactionByHash", stored[1]) is not None)
            copied = read_raw(raw, chain_id=31337)
            thief = account(9)
            front = Transaction(
                0, copied.gas_price * 10, copied.gas_limit, copied.to, copied.data, 31337
            )
            raw_front, hash_front = front.sign(thief)
            pending = node.ask("txpool_content")["pending"]
            for transactions in pending.values():
                for transaction in transactions.values():
                    node.ask("anvil_dropTransaction", transaction["hash"])
            node.ask("eth_sendRawTransaction", raw_front)
            node.ask("evm_mine")
            node.ask("evm_setAutomine", True)
            done = await ledger.operations.wait(operation.id, 20)
            assert (done.state, done.transaction_hash) == ("final", hash_front)
            later = await ledger.do(user, "transfer", ledger.issuer.address, 2, timeout=30)
            assert later.state == "final"
            assert await ledger.balance(user.address) == 7

    asyncio.run(main())


def test_operations_become_final_with_slow_blocks_and_confirmations(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        node.ask("evm_setAutomine", True)
        slow = IndexerSettings(finality=2, poll_busy=0.02)
        async with ledger_on(node, storage_url, indexing=slow) as ledger:
            user = ledger.user()
            done = await ledger.do(ledger.issuer, "mint", user.address, 5)
            assert done.state == "included"
            node.ask("anvil_mine", "0x1")
            still = await ledger.operations.wait(done.id, 0.3, states={"final"})
            assert still.state == "included"
            node.ask("anvil_mine", "0x1")
            final = await ledger.operations.wait(done.id, 10, states={"final"})
            assert final.state == "final" and final.final_at is not None

    asyncio.run(main())


def test_two_gateways_share_one_store_and_send_everything_once(
    node: Anvil, postgres_server: str
) -> None:
    async def main() -> None:
        url = new_database(postgres_server, f"test_{uuid4().hex}")
        async with ledger_on(node, url, relaying=QUIET) as first:
            second = ledger_on(node, url, standing=first.standing, relay_accounts=4)
            async with second as other:
                users = [first.user() for _ in range(20)]
                for user in users:
                    other.keystore.keep(user)
                waiting = []
                for n in range(200):
                    ledger = (first, other)[n % 2]
                    user = users[n % 20]
                    waiting.append(await ledger.enqueue(first.issuer, "mint", [user.address, 1]))
                    waiting.append(await ledger.enqueue(user, "approve", [user.address, n]))
                done = [await first.operations.wait(operation.id, 60) for operation in waiting]
                assert {operation.state for operation in done} == {"final"}
                total = sum([await first.balance(user.address) for user in users])
                assert total == 200

    asyncio.run(main())


def test_relayer_works_on_ganache_as_on_anvil(tmp_path: Path, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            users = [await ledger.rich(100) for _ in range(3)]
            refused = await ledger.do(users[0], "transfer", users[1].address, 101)
            assert refused.error is not None
            assert refused.error.name == "ERC20InsufficientBalance"
            done = await asyncio.gather(
                *(
                    ledger.do(users[n % 3], "transfer", users[(n + 1) % 3].address, 5)
                    for n in range(30)
                )
            )
            assert {operation.state for operation in done} == {"final"}
            assert [await ledger.balance(user.address) for user in users] == [100] * 3
            spender, owner = users[0], users[1]
            await ledger.do(owner, "approve", spender.address, 100)
            takes = await asyncio.gather(
                *(
                    ledger.enqueue(spender, "transferFrom", [owner.address, spender.address, 60])
                    for _ in range(2)
                )
            )
            states = [(await ledger.operations.wait(take.id, 20)).state for take in takes]
            assert states == ["final", "rejected"]

    node = Ganache(tmp_path)
    try:
        asyncio.run(main())
    finally:
        node.kill()


def test_many_failing_operations_are_rejected_together(node: Anvil, storage_url: str) -> None:
    """Else a party without money would delay all others by one step for each of its commands."""

    async def main() -> None:
        async with ledger_on(node, storage_url, start=False) as ledger:
            poor = ledger.user()
            for _ in range(130):
                await ledger.enqueue(poor, "transfer", [ledger.issuer.address, 1])
            await ledger.indexer.catch_up()
            await ledger.relayer.upkeep.run_when_due()
            for _ in range(4):
                await ledger.relayer.step()
            states = ledger.rows("SELECT state, count(*) FROM operations GROUP BY state")
            assert states == [("rejected", 130)]

    asyncio.run(main())


def test_operations_for_which_a_transaction_has_no_room_stay_new(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        small = msgspec.structs.replace(QUIET, gas_cap=2**21, max_slots=1)
        async with ledger_on(
            node, storage_url, start=False, relaying=small, relay_accounts=1
        ) as ledger:
            user = ledger.user()
            await give(ledger, node, user.address, 64)
            for _ in range(64):
                await ledger.enqueue(user, "transfer", [ledger.issuer.address, 1])
            node.ask("evm_setAutomine", False)
            async with at_work(ledger):
                query = "SELECT state, claimed_by IS NULL FROM operations"
                await until(lambda: any(state == "submitted" for state, _ in ledger.rows(query)))
                rows = ledger.rows(query)
            accepted = [new for state, new in rows if state == "accepted"]
            assert 0 < len(accepted) < 64 and all(accepted)

    asyncio.run(main())


def test_batch_stays_below_the_transaction_size_that_nodes_accept() -> None:
    def signed(length: int) -> SignedOperation:
        intent = Intent("0x" + "aa" * 20, "0x" + "bb" * 20, bytes(length), 100_000, 1, 1)
        return SignedOperation(None, intent, bytes(65))  # type: ignore[arg-type]

    fitting, gas = fit([signed(9_000) for _ in range(64)], cap=2**24)
    raw = batch_calldata([(entry.intent, entry.signature) for entry in fitting])
    assert 100_000 < len(raw) < 128 * 1024 - 500
    assert gas < 2**24
    maximum = [signed(MAX_CALL_BYTES)]
    assert fit(maximum, cap=2**24)[0] == maximum


def test_operation_is_rejected_when_its_call_is_too_large_for_any_node(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, start=False) as ledger:
            user = ledger.user()
            await ledger.enqueue(user, "transfer", [ledger.issuer.address, 1])
            await ledger.enqueue(user, "transfer", [ledger.issuer.address, 1])
            await ledger.indexer.catch_up()
            await ledger.relayer.upkeep.run_when_due()
            long = "0x" + "ab" * (MAX_CALL_BYTES + 1)
            await ledger.storage.write(
                lambda connection: run(
                    connection,
                    "UPDATE operations SET data = ? WHERE id = (SELECT min(id) FROM operations)",
                    (long,),
                )
            )
            await ledger.relayer.step()
            (error,) = ledger.rows("SELECT error_json FROM operations ORDER BY id LIMIT 1")
            assert "the maximum is 100,000" in error[0]
            assert ledger.rows("SELECT count(*) FROM relay_transactions") == [(0,)]

    asyncio.run(main())
