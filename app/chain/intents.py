"""Intents: what a party signs so that any relayer may carry it out (by Forwarder).

The digest is written out by hand because it is made for every operation; the rest of EIP-712 is in
`app.chain.typed_data`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from app.chain.hashing import keccak
from app.chain.typed_data import FORWARD_REQUEST, Domain, domain_separator, type_hash, typed_data

_TYPE_HASH = type_hash("ForwardRequest", FORWARD_REQUEST)
_ZERO = bytes(32)
_EXECUTE_BATCH = keccak(
    b"executeBatch((address,address,uint256,uint256,uint48,bytes,bytes)[],address)"
)[:4]
LONGEST_DEADLINE = 2**48 - 1


class Intent(msgspec.Struct, frozen=True):
    """One forward request. `gas` is what the call itself may use; `deadline` is UTC seconds,
    inclusive; no value is ever sent along."""

    signer: str
    target: str
    data: bytes
    gas: int
    nonce: int
    deadline: int
    target_contract: str = ""


def _address_word(address: str) -> bytes:
    return bytes.fromhex(address[2:]).rjust(32, b"\0")


def forward_request_digest(domain: Domain, intent: Intent) -> bytes:
    """What the signer signs: 32 bytes."""
    struct = keccak(
        b"".join(
            (
                _TYPE_HASH,
                _address_word(intent.signer),
                _address_word(intent.target),
                _ZERO,
                intent.gas.to_bytes(32, "big"),
                intent.nonce.to_bytes(32, "big"),
                intent.deadline.to_bytes(32, "big"),
                keccak(intent.data),
            )
        )
    )
    return keccak(b"\x19\x01" + domain_separator(domain) + struct)


def forward_request_typed_data(domain: Domain, intent: Intent) -> dict[str, Any]:
    """The JSON for a wallet's `eth_signTypedData_v4`."""
    return typed_data(
        domain,
        "ForwardRequest",
        {
            "from": intent.signer,
            "to": intent.target,
            "value": 0,
            "gas": intent.gas,
            "nonce": intent.nonce,
            "deadline": intent.deadline,
            "data": intent.data,
        },
    )


def _padded(data: bytes) -> bytes:
    return len(data).to_bytes(32, "big") + data + bytes(-len(data) % 32)


def batch_calldata(signed: Sequence[tuple[Intent, bytes]], *, refund_receiver: str) -> bytes:
    """Calldata of `executeBatch` for intents with their signatures.

    `refund_receiver` must not be the zero address: with it, a bad intent fails alone.
    """
    bodies = []
    for intent, signature in signed:
        data, proof = _padded(intent.data), _padded(signature)
        bodies.append(
            b"".join(
                (
                    _address_word(intent.signer),
                    _address_word(intent.target),
                    _ZERO,
                    intent.gas.to_bytes(32, "big"),
                    intent.deadline.to_bytes(32, "big"),
                    (7 * 32).to_bytes(32, "big"),
                    (7 * 32 + len(data)).to_bytes(32, "big"),
                    data,
                    proof,
                )
            )
        )
    offset, offsets = 32 * len(bodies), []
    for body in bodies:
        offsets.append(offset.to_bytes(32, "big"))
        offset += len(body)
    return b"".join(
        (
            _EXECUTE_BATCH,
            (64).to_bytes(32, "big"),
            _address_word(refund_receiver),
            len(bodies).to_bytes(32, "big"),
            *offsets,
            *bodies,
        )
    )


def call_as(intent: Intent) -> str:
    """Calldata as the target sees it from the forwarder: with the signer's address behind it."""
    return "0x" + intent.data.hex() + intent.signer[2:]
