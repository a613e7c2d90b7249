"""The one mechanism for what parties sign: digests, checks of signatures, and states of drafts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from app.chain.evm.contracts import ArgumentsInvalid
from app.chain.evm.signers import LocalSigner, SignatureInvalid
from app.chain.evm.typed_data import contract_domain, typed_data, typed_data_digest
from app.chain.evm.wallet_signatures import WalletMissing
from app.chain.outbox.operation import (
    ACCEPTED,
    FINAL,
    INCLUDED,
    PREPARED,
    REJECTED,
    SUBMITTED,
)
from app.chain.outbox.outbox import SignatureMismatch
from app.errors import BadInput, Forbidden
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.signing import (
    Drafts,
    Terms,
    caller_signature,
    draft_state,
    draft_view,
    require_key_signature,
    require_signature,
    sign_in_custody,
    terms_for,
)
from app.storage.checkpoint import Checkpoint

ORDERS = "0x" + "cd" * 20
DELIVERY = {
    "orderId": 1,
    "lotId": 2,
    "amount": 3,
    "documentRoot": "0x" + "ab" * 32,
    "deadline": 4,
}
DELIVERIES = Drafts("delivery_drafts", "the delivery")


class DraftOfTest(msgspec.Struct):
    """The part of a draft that all slices share."""

    id: str
    operation_id: str | None


def gateway_with(*signers: LocalSigner, has_code: bool = False, accepts: bool = False) -> Gateway:
    """A gateway that holds these keys, on chain 7.

    Args:
        has_code: whether the account that signs is a contract.
        accepts: whether that contract accepts the signature.
    """
    keys = {signer.address: signer for signer in signers}

    async def held(account: str) -> bool:
        return account in keys

    async def work(function: Any, *arguments: Any) -> Any:
        return function(*arguments)

    async def read(function: Any) -> Checkpoint:
        return Checkpoint(12, "0xb10c")

    async def batch(calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        (header, number), (call, question) = calls
        assert (header, number) == ("eth_getBlockByNumber", ["0xc", False])
        assert (call, question[1]) == ("eth_call", "0xc")
        return [{"hash": "0xb10c"}, f"0x{int(accepts):064x}{int(has_code):064x}"]

    return cast(
        Gateway,
        SimpleNamespace(
            chain_id=7,
            storage=SimpleNamespace(read=read),
            rpc=SimpleNamespace(batch=batch),
            contracts=SimpleNamespace(address=lambda name: {"PurchaseOrders": ORDERS}[name]),
            keystore=SimpleNamespace(cached=lambda account: None, held=held, signer=keys.get),
            key_work=SimpleNamespace(run=work),
        ),
    )


def caller_with(signer: LocalSigner, *, custody: bool) -> Caller:
    """A buyer with this key."""
    return Caller("buyer", "1", signer.address, frozenset(("buyer",)), custody)


def delivery_terms() -> Terms:
    """The terms of a delivery."""
    return terms_for(gateway_with(), "PurchaseOrders", "Delivery", DELIVERY)


def wallet_signature(signer: LocalSigner) -> str:
    """A wallet's signature over the delivery, with capitals."""
    return "0x" + signer.sign_hash(delivery_terms().digest()).hex().upper()


def in_custody(gateway: Gateway, caller: Caller) -> str | None:
    """The signature that the gateway makes for the caller."""
    return asyncio.run(sign_in_custody(gateway, caller, delivery_terms()))


def checked(gateway: Gateway, caller: Caller, *, signature: str | None = None) -> str:
    """The caller's signature over the delivery."""
    return asyncio.run(
        caller_signature(gateway, caller, delivery_terms(), wallet_signature=signature)
    )


def test_terms_have_the_digest_and_the_typed_data_of_their_contracts_domain() -> None:
    domain = contract_domain("PurchaseOrders", chain_id=7, contract=ORDERS)
    terms = delivery_terms()
    assert terms.digest() == typed_data_digest(domain, "Delivery", DELIVERY)
    assert terms.digest_text() == "0x" + terms.digest().hex()
    assert terms.typed_data() == typed_data(domain, "Delivery", DELIVERY)


def test_digest_fails_when_a_value_does_not_fit_its_field() -> None:
    terms = terms_for(gateway_with(), "PurchaseOrders", "Delivery", DELIVERY | {"amount": 2**96})
    with pytest.raises(ArgumentsInvalid):
        terms.digest()


def required(gateway: Gateway, signature: str, *, signer: str) -> None:
    """Checks a signature over the delivery as the slices do."""
    asyncio.run(require_signature(gateway, delivery_terms(), signature, signer=signer))


def test_require_signature_refuses_another_keys_signature() -> None:
    signer, other = LocalSigner.generate(), LocalSigner.generate()
    gateway = gateway_with()
    required(gateway, wallet_signature(signer), signer=signer.address)
    with pytest.raises(SignatureMismatch, match=f"the signature is by {other.address}, not by"):
        required(gateway, wallet_signature(other), signer=signer.address)
    with pytest.raises(SignatureInvalid):
        required(gateway, "0x" + "00" * 65, signer=signer.address)
    with pytest.raises(SignatureInvalid, match="65 bytes"):
        required(gateway_with(accepts=True), "0x" + "ab" * 130, signer=signer.address)


def test_contract_wallet_answers_for_itself_even_if_a_key_signed() -> None:
    """The ledger asks the code of an account that has code, and nothing else."""
    signer = LocalSigner.generate()
    for signature in ("0x" + "ab" * 130, "0xab", wallet_signature(signer)):
        required(gateway_with(has_code=True, accepts=True), signature, signer=signer.address)
        with pytest.raises(SignatureMismatch, match="does not accept the signature"):
            required(gateway_with(has_code=True), signature, signer=signer.address)


def test_signature_of_a_wallet_that_is_not_deployed_is_refused() -> None:
    signature = "0x" + "ab" * 320 + "6492" * 16
    for has_code in (False, True):
        gateway = gateway_with(has_code=has_code, accepts=True)
        with pytest.raises(WalletMissing, match="ERC-6492"):
            required(gateway, signature, signer=ORDERS)


def test_a_key_is_used_only_for_a_caller_in_custody() -> None:
    signer = LocalSigner.generate()
    gateway, terms = gateway_with(signer), delivery_terms()
    signature = in_custody(gateway, caller_with(signer, custody=True))
    assert signature is not None
    require_key_signature(terms.digest(), bytes.fromhex(signature[2:]), signer=signer.address)
    assert in_custody(gateway, caller_with(signer, custody=False)) is None
    assert in_custody(gateway_with(), caller_with(signer, custody=True)) is None


def test_caller_signature_is_the_wallets_in_lower_case_or_signed_in_custody() -> None:
    signer, other = LocalSigner.generate(), LocalSigner.generate()
    gateway, caller = gateway_with(signer), caller_with(signer, custody=True)
    expected = wallet_signature(signer).lower()
    assert checked(gateway, caller, signature=wallet_signature(signer)) == expected
    assert checked(gateway, caller) == expected
    with pytest.raises(SignatureMismatch):
        checked(gateway, caller, signature=wallet_signature(other))


def test_caller_signature_is_missing_when_the_gateway_has_no_key() -> None:
    caller = caller_with(LocalSigner.generate(), custody=False)
    with pytest.raises(BadInput, match="does not hold this rater's key") as refusal:
        asyncio.run(
            caller_signature(
                gateway_with(), caller, delivery_terms(), key_owner="rater", fix="sign it"
            )
        )
    assert (refusal.value.name, refusal.value.fix) == ("signature-missing", "sign it")


def test_a_drafts_state_follows_its_operation() -> None:
    states = {
        state: (
            draft_state(state, done="recorded"),
            draft_state(state, signed=True, done="recorded"),
        )
        for state in (None, PREPARED, ACCEPTED, SUBMITTED, INCLUDED, FINAL, REJECTED)
    }
    assert states == {
        None: ("waiting", "signed"),
        PREPARED: ("waiting", "signed"),
        ACCEPTED: ("under-way", "under-way"),
        SUBMITTED: ("under-way", "under-way"),
        INCLUDED: ("recorded", "recorded"),
        FINAL: ("recorded", "recorded"),
        REJECTED: ("waiting", "signed"),
    }


def test_only_those_whom_a_draft_names_sign_it() -> None:
    signers = {"lender": "0x1", "borrower": "0x2", "entruster": "0x1"}
    assert DELIVERIES.position_of("0x1", signers) == "lender"
    assert DELIVERIES.position_of("0x2", signers) == "borrower"
    with pytest.raises(Forbidden, match="only the parties that the delivery names can sign it"):
        DELIVERIES.position_of("0x3", signers)


def test_a_drafts_view_has_its_operation_and_what_to_sign() -> None:
    draft, terms = DraftOfTest("d", "o"), delivery_terms()
    view = draft_view(draft, terms, state="signed")
    assert view == {
        "id": "d",
        "state": "signed",
        "operationId": "o",
        "typedData": terms.typed_data(),
    }
