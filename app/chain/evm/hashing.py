"""keccak-256, RLP and addresses: primitives for all of the chain side."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from Crypto.Hash import keccak as _keccak

ZERO_ADDRESS = "0x" + "0" * 40
ZERO_HASH = "0x" + "0" * 64
# RLP: a byte below _STRING stands for itself; from LONG bytes on the length has bytes of its own.
_STRING, _LIST = 0x80, 0xC0
LONG = 56
_CAPITAL = 8  # EIP-55: letters whose digit of the hash is this or more are capitals


def keccak(data: bytes) -> bytes:
    """The keccak-256 hash, 32 bytes."""
    return _keccak.new(digest_bits=256, data=data).digest()


def text_hash(text: str) -> str:
    """The hash of a text as the ledger records it; zeros for no text."""
    return "0x" + keccak(text.encode()).hex() if text else ZERO_HASH


@lru_cache(maxsize=4096)
def checksum_address(address: str) -> str:
    """The address in EIP-55 mixed case."""
    plain = address.lower().removeprefix("0x")
    marks = keccak(plain.encode()).hex()
    return "0x" + "".join(
        letter.upper() if int(mark, 16) >= _CAPITAL else letter
        for letter, mark in zip(plain, marks, strict=False)
    )


def whole_bytes(value: int) -> bytes:
    """Big-endian bytes without leading zeros, as RLP encodes whole numbers."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def rlp_encode(item: Any) -> bytes:
    """RLP of bytes and (nested) lists of bytes."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < _STRING:
            return item
        return _head(len(item), _STRING) + item
    body = b"".join([rlp_encode(part) for part in item])
    return _head(len(body), _LIST) + body


def _head(length: int, offset: int) -> bytes:
    if length < LONG:
        return bytes((offset + length,))
    size = whole_bytes(length)
    return bytes((offset + LONG - 1 + len(size),)) + size
