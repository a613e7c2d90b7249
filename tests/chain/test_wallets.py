"""Wallets: contracts that accept signatures (ERC-1271), accounts with code, intents that expire."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Connection

from app.chain.evm.contracts import FORWARDER
from app.chain.evm.signers import LocalSigner, SignatureInvalid
from app.chain.outbox.intents import intent_digest
from app.chain.outbox.outbox import Call, Operation, SignatureMismatch
from app.storage import run
from tests.support.cash_ledger import CASH, account, send
from tests.support.harness import Anvil, Ledger, ledger_on
from tests.support.relays import at_work, give

# isValidSignature answers with the first word of its storage, whatever the signature.
WALLET = "0x60005460005260206000f3"
ACCEPTS = "0x1626ba7e" + "00" * 28
REFUSES = "0x" + "ff" * 32
ADDRESS = "0x" + "5e" * 20


def wallet_at(node: Anvil, address: str, *, answer: str = ACCEPTS) -> None:
    node.ask("anvil_setCode", address, WALLET)
    node.ask("anvil_setStorageAt", address, "0x0", answer)


async def prepared(ledger: Ledger, signer: str, amount: int, *, seconds: int = 3600) -> Operation:
    draft, _ = await ledger.operations.prepare(
        Call(
            kind="transfer",
            party_id=None,
            signer=signer,
            contract=CASH,
            function="transfer",
            arguments=[ledger.issuer.address, amount],
        ),
        seconds=seconds,
    )
    return draft


def signature_of(ledger: Ledger, draft: Operation, signer: LocalSigner) -> str:
    digest = intent_digest(ledger.operations.domain, ledger.operations.intent(draft))
    return "0x" + signer.sign_hash(digest).hex()


def test_a_contract_wallet_signs_and_travels_alone(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        wallet_at(node, ADDRESS)
        async with ledger_on(node, storage_url) as ledger:
            await ledger.do(ledger.issuer, "mint", ADDRESS, 9)
            user = await ledger.rich(100)
            drafts = [await prepared(ledger, ADDRESS, amount) for amount in (1, 2)]
            for draft in drafts:
                await ledger.operations.submit_signature(draft.id, "0x" + "ab" * 200)
            others = [
                await ledger.enqueue(user, "transfer", [ledger.issuer.address, 1]) for _ in range(5)
            ]
            done = [await ledger.operations.wait(item.id, 20) for item in (*drafts, *others)]
            assert {operation.state for operation in done} == {"final"}
            alone = {operation.transaction_hash for operation in done[:2]}
            assert len(alone) == 2
            assert not alone & {operation.transaction_hash for operation in done[2:]}
            assert await ledger.balance(ADDRESS) == 6

    asyncio.run(main())


def test_signature_is_refused_when_the_contract_wallet_does_not_accept_it(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        wallet_at(node, ADDRESS, answer=REFUSES)
        async with ledger_on(node, storage_url) as ledger:
            await ledger.do(ledger.issuer, "mint", ADDRESS, 9)
            draft = await prepared(ledger, ADDRESS, 1)
            with pytest.raises(SignatureMismatch, match="does not accept"):
                await ledger.operations.submit_signature(draft.id, "0x" + "ab" * 65)
            nobody = LocalSigner.generate()
            await ledger.do(ledger.issuer, "mint", nobody.address, 9)
            draft = await prepared(ledger, nobody.address, 1)
            with pytest.raises(SignatureInvalid):
                await ledger.operations.submit_signature(draft.id, "0x" + "ab" * 200)

    asyncio.run(main())


def test_wallet_contract_that_later_refuses_holds_up_nobody(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        wallet_at(node, ADDRESS)
        async with ledger_on(node, storage_url, start=False) as ledger:
            user = ledger.user()
            for address in (ADDRESS, user.address):
                await give(ledger, node, address, 9)
            draft = await prepared(ledger, ADDRESS, 1, seconds=60)
            await ledger.operations.submit_signature(draft.id, "0xab")
            wallet_at(node, ADDRESS, answer=REFUSES)
            async with at_work(ledger):
                done = await ledger.do(user, "transfer", ledger.issuer.address, 1)
                assert done.state == "final"
                assert (await ledger.operations.get(draft.id)).state == "accepted"
                node.ask("evm_increaseTime", 120)
                node.ask("evm_mine")
                over = await ledger.operations.wait(draft.id, 20)
                assert over.error is not None and over.error.name == "IntentExpired"
                assert await ledger.balance(ADDRESS) == 9

    asyncio.run(main())


def test_an_account_with_code_signs_by_its_key_or_by_its_code(
    node: Anvil, storage_url: str
) -> None:
    """An account whose code is delegated to a contract (EIP-7702)."""

    async def main() -> None:
        key = LocalSigner.generate()
        node.ask("anvil_setCode", ADDRESS, WALLET)
        node.ask("anvil_setCode", key.address, "0xef0100" + ADDRESS[2:])
        node.ask("anvil_setStorageAt", key.address, "0x0", ACCEPTS)
        async with ledger_on(node, storage_url) as ledger:
            await ledger.do(ledger.issuer, "mint", key.address, 9)
            by_key = await prepared(ledger, key.address, 1)
            await ledger.operations.submit_signature(by_key.id, signature_of(ledger, by_key, key))
            by_code = await prepared(ledger, key.address, 2)
            await ledger.operations.submit_signature(by_code.id, "0xc0de")
            done = [await ledger.operations.wait(item.id, 20) for item in (by_key, by_code)]
            assert [operation.state for operation in done] == ["final", "final"]
            assert await ledger.balance(key.address) == 6

    asyncio.run(main())


def test_a_wallets_intent_expires_by_a_final_block_only(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, start=False) as ledger:
            wallet = LocalSigner.generate()
            await give(ledger, node, wallet.address, 9)
            draft = await prepared(ledger, wallet.address, 1, seconds=30)
            await ledger.operations.submit_signature(draft.id, signature_of(ledger, draft, wallet))
            node.ask("evm_increaseTime", 60)
            async with at_work(ledger):
                done = await ledger.operations.wait(draft.id, 20)
                assert done.error is not None and done.error.name == "IntentExpired"
                assert await ledger.balance(wallet.address) == 9

    asyncio.run(main())


def test_an_intent_that_its_signer_cancelled_is_rejected(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url) as ledger:
            wallet = account(7)
            await ledger.do(ledger.issuer, "mint", wallet.address, 9)
            draft = await prepared(ledger, wallet.address, 1)
            cancel = ledger.contracts.encode(FORWARDER, "cancel", [str(draft.nonce)])
            forwarder = ledger.contracts.address(FORWARDER)
            await send(ledger.rpc, wallet, to=forwarder, data=cancel)
            await ledger.operations.submit_signature(draft.id, signature_of(ledger, draft, wallet))
            done = await ledger.operations.wait(draft.id, 20)
            assert done.error is not None and done.error.name == "IntentCancelled"
            assert await ledger.balance(wallet.address) == 9

    asyncio.run(main())


def test_wallet_contract_that_later_refuses_many_intents_holds_up_nobody(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        wallet_at(node, ADDRESS)
        async with ledger_on(node, storage_url, start=False) as ledger:
            user = ledger.user()
            for address in (ADDRESS, user.address):
                await give(ledger, node, address, 9)
            plan = await ledger.operations.plan(
                Call(
                    kind="transfer",
                    party_id=None,
                    signer=ADDRESS,
                    contract=CASH,
                    function="transfer",
                    arguments=[ledger.issuer.address, 1],
                ),
            )

            def write(connection: Connection) -> None:
                for _ in range(2_200):
                    ledger.operations.draft(connection, plan)
                run(connection, "UPDATE operations SET state = 'accepted', signature = '0xab'")

            await ledger.storage.write(write)
            wallet_at(node, ADDRESS, answer=REFUSES)
            async with at_work(ledger):
                done = await ledger.do(user, "transfer", ledger.issuer.address, 1, timeout=120)
                assert done.state == "final"

    asyncio.run(main())


def test_operations_that_wait_for_their_signers_first_hold_up_nobody(
    node: Anvil, storage_url: str
) -> None:
    """The wallet refuses the first intent for an hour; the others would fail, and wait for it."""

    async def main() -> None:
        wallet_at(node, ADDRESS)
        async with ledger_on(node, storage_url, start=False) as ledger:
            user = ledger.user()
            for address in (ADDRESS, user.address):
                await give(ledger, node, address, 9)
            plans = [
                await ledger.operations.plan(
                    Call(
                        kind="transfer",
                        party_id=None,
                        signer=ADDRESS,
                        contract=CASH,
                        function="transfer",
                        arguments=[ledger.issuer.address, amount],
                    ),
                )
                for amount in (1, 9)
            ]

            def write(connection: Connection) -> None:
                ledger.operations.draft(connection, plans[0])
                for _ in range(2_200):
                    ledger.operations.draft(connection, plans[1])
                run(connection, "UPDATE operations SET state = 'accepted', signature = '0xab'")

            await ledger.storage.write(write)
            node.ask("anvil_impersonateAccount", ADDRESS)
            node.ask("anvil_setBalance", ADDRESS, hex(10**20))
            data = ledger.contracts.encode(CASH, "transfer", [ledger.issuer.address, 5])
            node.ask("anvil_setCode", ADDRESS, "0x")
            cash = ledger.contracts.address(CASH)
            sending = {"from": ADDRESS, "to": cash, "gasPrice": hex(10**11)}
            node.ask("eth_sendTransaction", sending | {"data": "0x" + data.hex()})
            async with asyncio.timeout(120):
                while await ledger.balance(ADDRESS) != 4:
                    await asyncio.sleep(0.05)
            wallet_at(node, ADDRESS, answer=REFUSES)
            async with at_work(ledger):
                await asyncio.sleep(5)
                done = await ledger.do(user, "transfer", ledger.issuer.address, 1, timeout=120)
                assert done.state == "final"

    asyncio.run(main())
