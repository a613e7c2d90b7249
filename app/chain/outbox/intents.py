"""Intents: a party signs one, and any relayer may then have the Forwarder carry it out.

The digest is written out by hand because every operation needs it; the rest of EIP-712 is in
`app.chain.evm.typed_data`.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.chain.evm.hashing import keccak
from app.chain.evm.signed_structs import INTENT
from app.chain.evm.typed_data import (
    Domain,
    TypedData,
    domain_separator,
    type_hash,
    typed_data,
)

_TYPE_HASH = type_hash("Intent", INTENT)
_SIGNED = "((address,address,uint256,uint256,uint48,bytes32,bytes),bytes)"
_EXECUTE = keccak(f"execute({_SIGNED})".encode())[:4]
_EXECUTE_BATCH = keccak(f"executeBatch({_SIGNED}[],bool)".encode())[:4]
_VERIFY = keccak(f"verify({_SIGNED})".encode())[:4]
MAX_DEADLINE = 2**48 - 1


class Intent(msgspec.Struct, frozen=True):
    """One call that its signer orders. The chain carries it out at most once.

    Attributes:
        gas: gas that the call itself may use.
        nonce: each signer uses a nonce once, in any order.
        deadline: UTC seconds, inclusive.
        operation: hash of the operation (32 bytes); the chain's event repeats it.
    """

    signer: str
    target: str
    data: bytes
    gas: int
    nonce: int
    deadline: int
    operation: bytes = bytes(32)
    target_contract: str = ""


def operation_hash(owner: str, key: str, *, place: int = 0) -> bytes:
    """The hash that identifies an operation on the chain: 32 bytes.

    Args:
        owner: who gave the command: the party's id, or the label of the caller's API key.
        key: the command's idempotency key.
        place: the operation's place within its command, from 0.
    """
    parts = (b"cession operation", owner.encode(), key.encode(), str(place).encode())
    return keccak(b"\0".join(parts))


def _address_word(address: str) -> bytes:
    return bytes.fromhex(address[2:]).rjust(32, b"\0")


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _static_words(intent: Intent) -> bytes:
    """All fields except the calldata, as the digest and the calldata of `execute` hold them."""
    return b"".join(
        (
            _address_word(intent.signer),
            _address_word(intent.target),
            _word(intent.gas),
            _word(intent.nonce),
            _word(intent.deadline),
            intent.operation,
        )
    )


def intent_digest(domain: Domain, intent: Intent) -> bytes:
    """The digest that the signer signs: 32 bytes."""
    struct = keccak(_TYPE_HASH + _static_words(intent) + keccak(intent.data))
    return keccak(b"\x19\x01" + domain_separator(domain) + struct)


def intent_typed_data(domain: Domain, intent: Intent) -> TypedData:
    """The JSON for a wallet's `eth_signTypedData_v4`."""
    return typed_data(
        domain,
        "Intent",
        {
            "from": intent.signer,
            "to": intent.target,
            "gas": intent.gas,
            "nonce": intent.nonce,
            "deadline": intent.deadline,
            "operation": intent.operation,
            "data": intent.data,
        },
    )


def _padded(data: bytes) -> bytes:
    return len(data).to_bytes(32, "big") + data + bytes(-len(data) % 32)


def _signed_intent(intent: Intent, signature: bytes) -> bytes:
    """A `SignedIntent` as the ABI encodes it."""
    body = _static_words(intent) + _word(7 * 32) + _padded(intent.data)
    return b"".join((_word(2 * 32), _word(2 * 32 + len(body)), body, _padded(signature)))


def batch_calldata(signed: Sequence[tuple[Intent, bytes]], *, whole: bool = False) -> bytes:
    """Calldata of `executeBatch` for intents with their signatures.

    Args:
        whole: all of them or none. Otherwise the forwarder passes over an intent that is not
            valid, and a call that fails does not undo the others.
    """
    bodies = [_signed_intent(intent, signature) for intent, signature in signed]
    offset, offsets = 32 * len(bodies), []
    for body in bodies:
        offsets.append(_word(offset))
        offset += len(body)
    return b"".join(
        (_EXECUTE_BATCH, _word(64), _word(int(whole)), _word(len(bodies)), *offsets, *bodies)
    )


def execute_calldata(intent: Intent, signature: bytes) -> bytes:
    """Calldata of `execute`, which reverts if the intent is not valid or its call fails."""
    return _EXECUTE + _word(32) + _signed_intent(intent, signature)


def verify_calldata(intent: Intent, signature: bytes) -> bytes:
    """Calldata of `verify`, which says whether the forwarder would carry out the intent now."""
    return _VERIFY + _word(32) + _signed_intent(intent, signature)


def call_as(intent: Intent) -> str:
    """Calldata as the forwarder passes it to the target: with the signer's address at its end."""
    return "0x" + intent.data.hex() + intent.signer[2:]
