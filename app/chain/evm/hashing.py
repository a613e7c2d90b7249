"""keccak-256, RLP and addresses: primitives for all of the chain side."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from Crypto.Hash import keccak as _keccak


def keccak(data: bytes) -> bytes:
    """The keccak-256 hash, 32 bytes."""
    return _keccak.new(digest_bits=256, data=data).digest()


@lru_cache(maxsize=4096)
def checksum_address(address: str) -> str:
    """The address in EIP-55 mixed case."""
    plain = address.lower().removeprefix("0x")
    marks = keccak(plain.encode()).hex()
    return "0x" + "".join(
        letter.upper() if int(mark, 16) >= 8 else letter
        for letter, mark in zip(plain, marks, strict=False)
    )


def whole_bytes(value: int) -> bytes:
    """Big-endian bytes without leading zeros, as RLP encodes whole numbers."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def rlp_encode(item: Any) -> bytes:
    """RLP of bytes and (nested) lists of bytes."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _head(len(item), 0x80) + item
    body = b"".join([rlp_encode(part) for part in item])
    return _head(len(body), 0xC0) + body


def _head(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes((offset + length,))
    size = whole_bytes(length)
    return bytes((offset + 55 + len(size),)) + size
