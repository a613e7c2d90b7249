"""Digests, signatures and keys equal eth_account's; batches equal the reference encoder's."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from eth_abi.abi import encode as encode_values
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from app.chain.evm.contracts import Contracts
from app.chain.evm.hashing import keccak
from app.chain.evm.rpc import JsonRpc
from app.chain.evm.signed_structs import STRUCTS
from app.chain.evm.signers import LocalSigner, PasswordWrong, SignatureInvalid, recover
from app.chain.evm.transactions import Transaction, read_raw
from app.chain.evm.typed_data import (
    Domain,
    contract_domain,
    forwarder_domain,
    typed_data,
    typed_data_digest,
)
from app.chain.outbox.intents import (
    Intent,
    batch_calldata,
    execute_calldata,
    intent_digest,
    intent_typed_data,
    operation_hash,
    verify_calldata,
)
from app.chain.outbox.keys import Keystore, KeyUnknown
from app.storage import create_storage, run
from scripts.compile import load_artifact
from tests.support.bodies import Json
from tests.support.cash_ledger import account, send
from tests.support.harness import Anvil

CONTRACT = "0x" + "ab" * 20
KEY = LocalSigner(b"\x07" * 32)
DOMAIN = forwarder_domain(chain_id=31337, contract=CONTRACT)
intents = st.builds(
    Intent,
    signer=st.just(KEY.address),
    target=st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()),
    data=st.binary(max_size=200),
    gas=st.integers(0, 2**64),
    nonce=st.integers(0, 2**128 - 1),
    deadline=st.integers(0, 2**48 - 1),
    operation=st.binary(min_size=32, max_size=32),
)


@settings(max_examples=25, deadline=None)
@given(intents)
def test_an_intents_digest_is_what_a_wallet_signs(intent: Intent) -> None:
    signed = Account.sign_typed_data(b"\x07" * 32, full_message=intent_typed_data(DOMAIN, intent))
    digest = intent_digest(DOMAIN, intent)
    assert bytes(signed.message_hash) == digest
    assert bytes(signed.signature) == KEY.sign_hash(digest)
    assert recover(digest, bytes(signed.signature)) == KEY.address


@pytest.mark.parametrize("name", sorted(STRUCTS))
def test_every_signed_type_has_the_digest_that_wallets_compute(name: str) -> None:
    values = {
        "address": "0x" + "c3" * 20,
        "bool": True,
        "bytes32": "0x" + "5f" * 32,
        "bytes3": "0x434e59",
        "bytes": b"\x01\x02",
        "uint256": 2**255 + 1,
    }
    message = {field: values.get(kind, 200) for field, kind in STRUCTS[name]}
    for domain in (
        DOMAIN,
        contract_domain("Receivables", chain_id=1, contract=CONTRACT),
        contract_domain("ClaimMarket", chain_id=2**40, contract=CONTRACT),
        Domain("Other", 5, CONTRACT, "2"),
    ):
        document = typed_data(domain, name, message)
        json.dumps(document)
        # Decimal text above 2^53-1 is for wallets; the library here wants whole numbers.
        whole: Json = dict(document["message"])
        for field, kind in STRUCTS[name]:
            if kind.startswith("uint"):
                whole[field] = int(whole[field])
        signed = Account.sign_typed_data(b"\x07" * 32, full_message={**document, "message": whole})
        assert bytes(signed.message_hash) == typed_data_digest(domain, name, message)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(intents, st.binary(min_size=65, max_size=90)), max_size=4), st.booleans())
def test_a_batchs_calldata_is_the_reference_encoding(
    signed: list[tuple[Intent, bytes]], whole: bool
) -> None:
    kind = "((address,address,uint256,uint256,uint48,bytes32,bytes),bytes)"
    values = [
        (
            (
                item.signer,
                item.target,
                item.gas,
                item.nonce,
                item.deadline,
                item.operation,
                item.data,
            ),
            proof,
        )
        for item, proof in signed
    ]
    expected = encode_values([f"{kind}[]", "bool"], [values, whole])
    assert batch_calldata(signed, whole=whole)[4:] == expected
    for (intent, proof), value in zip(signed, values, strict=True):
        alone = encode_values([kind], [value])
        assert execute_calldata(intent, proof)[4:] == alone
        assert verify_calldata(intent, proof)[4:] == alone


def test_selectors_written_by_hand_equal_the_compiled_ones() -> None:
    intent = Intent(KEY.address, CONTRACT, b"", 1, 2, 3)
    artifact = load_artifact("Forwarder")
    contracts = Contracts({"Forwarder": CONTRACT}, {"Forwarder": artifact})
    body = (KEY.address, CONTRACT, 1, 2, 3, "0x" + "00" * 32, "0x")
    named = dict(
        zip(("from", "to", "gas", "nonce", "deadline", "operation", "data"), body, strict=True)
    )
    signed = {"intent": named, "signature": "0x01"}
    assert contracts.encode("Forwarder", "execute", [signed]) == execute_calldata(intent, b"\1")
    assert contracts.encode("Forwarder", "verify", [signed]) == verify_calldata(intent, b"\1")
    batch = contracts.encode("Forwarder", "executeBatch", [[signed], False])
    assert batch == batch_calldata([(intent, b"\1")])


def test_operation_hash_differs_by_owner_key_and_place() -> None:
    hashes = {
        operation_hash(owner, key, place=place)
        for owner in ("a", "ab")
        for key in ("c", "bc")
        for place in (0, 1)
    }
    assert len(hashes) == 8
    assert operation_hash("1", "key-of-8", place=0) == keccak(
        b"cession operation\x001\x00key-of-8\x000"
    )


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**70),
    st.integers(21000, 2**40),
    st.binary(max_size=300),
    st.integers(1, 2**40),
)
def test_signed_transaction_equals_eth_accounts(
    nonce: int, gas_price: int, gas_limit: int, data: bytes, chain_id: int
) -> None:
    transaction = Transaction(nonce, gas_price, gas_limit, CONTRACT, data, chain_id)
    raw, hash_ = transaction.sign(KEY)
    reference = Account.sign_transaction(
        {
            "nonce": nonce,
            "gasPrice": gas_price,
            "gas": gas_limit,
            "to": bytes.fromhex(CONTRACT[2:]),
            "value": 0,
            "data": data,
            "chainId": chain_id,
        },
        b"\x07" * 32,
    )
    assert raw == "0x" + reference.raw_transaction.hex()
    assert hash_ == "0x" + reference.hash.hex()
    assert read_raw(raw, chain_id=chain_id) == transaction


@pytest.mark.parametrize("change", ["short", "recovery byte", "high s", "zero", "other digest"])
def test_signature_is_refused_when_contracts_would_refuse_it(change: str) -> None:
    digest = b"\x22" * 32
    good = KEY.sign_hash(digest)
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    if change == "other digest":
        assert recover(b"\x23" * 32, good) != KEY.address
        return
    high = (order - int.from_bytes(good[32:64], "big")).to_bytes(32, "big")
    bad = {
        "short": good[:64],
        "recovery byte": good[:64] + b"\x01",
        "high s": good[:32] + high + bytes([55 - good[64]]),
        "zero": bytes(64) + b"\x1b",
    }[change]
    with pytest.raises(SignatureInvalid):
        recover(digest, bad)


def test_keys_in_custody_are_encrypted_and_open_with_the_password_only(tmp_path: Path) -> None:
    storage = create_storage(f"sqlite:///{tmp_path}/a.db")
    storage.migrate()
    keystore = Keystore(storage, "secret", iterations=2)
    address = storage.write_now(
        lambda connection: keystore.add(connection, LocalSigner.generate(), label="supplier")
    )
    text = storage.read_now(lambda c: run(c, "SELECT keystore_json FROM custody_keys").scalar())
    assert "secret" not in text and address._key.secret.hex() not in text

    later = Keystore(storage, "secret", iterations=2)
    assert later.cached(address.address) is None
    assert later.signer(address.address).sign_hash(b"\1" * 32) == address.sign_hash(b"\1" * 32)
    assert later.cached(address.address) is not None
    with pytest.raises(PasswordWrong):
        Keystore(storage, "wrong", iterations=2).signer(address.address)
    with pytest.raises(KeyUnknown):
        later.signer("0x" + "00" * 20)
    assert later.holds(address.address) and not later.holds("0x" + "00" * 20)
    with pytest.raises(ValueError):
        Keystore(storage, "")
    storage.close()


def test_a_quotes_digest_is_the_contracts_own(node: Anvil) -> None:
    quote = {
        "funder": "0x" + "11" * 20,
        "seller": "0x" + "22" * 20,
        "claimId": 2**200,
        "value": 10**12,
        "price": 10**12 - 1,
        "recourse": True,
        "expiresAt": 2**40,
        "nonce": 2**255,
        "legalTextHash": "0x" + "33" * 32,
    }

    async def main() -> None:
        rpc = JsonRpc(node.url)
        # The market asks its receivables for the registry: any contract that gives an address.
        await rpc.call("anvil_setCode", CONTRACT, "0x60ab60005260206000f3")
        artifact = load_artifact("ClaimMarket")
        code = bytes.fromhex(artifact["bytecode"][2:])
        code += encode_values(["address", "address"], [CONTRACT, CONTRACT])
        receipt = await send(rpc, account(0), to="0x", data=code)
        market = str(receipt["contractAddress"]).lower()
        contracts = Contracts({"ClaimMarket": market}, {"ClaimMarket": artifact})
        data = "0x" + contracts.encode("ClaimMarket", "quoteDigest", [quote]).hex()
        answer = await rpc.call("eth_call", {"to": market, "data": data}, "latest")
        domain = contract_domain("ClaimMarket", chain_id=31337, contract=market)
        assert answer == "0x" + typed_data_digest(domain, "Quote", quote).hex()
        await rpc.close()

    asyncio.run(main())
