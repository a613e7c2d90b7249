"""Goods as PriceFeed and WarehouseReceipts name them: by a hash of code, grade and unit.

It computes the same as `WarehouseReceipts.itemOf`.
"""

from __future__ import annotations

from app.chain.evm.hashing import keccak
from app.domain.quantity import GRADE_BYTES
from app.domain.texts import say


class GoodsInvalid(ValueError):
    """The ledger cannot store a grade or unit; the message says why."""


def sku_hash(sku: str) -> str:
    """The goods' code as the ledger stores it, 0x and 64 digits."""
    return "0x" + keccak(sku.encode()).hex()


def grade_word(grade: str) -> str:
    """A grade as the ledger stores it (`bytes16`).

    Raises:
        GoodsInvalid: more than 16 bytes of UTF-8.
    """
    raw = grade.encode()
    if len(raw) > GRADE_BYTES:
        raise GoodsInvalid(
            say(
                "{grade} has {raw} bytes of UTF-8; the maximum is {grade_bytes}",
                grade=repr(grade),
                raw=len(raw),
                grade_bytes=GRADE_BYTES,
            )
        )
    return "0x" + raw.ljust(GRADE_BYTES, b"\0").hex()


def unit_word(unit: str) -> str:
    """A unit's code as the ledger stores it (`bytes3`)."""
    return "0x" + unit.encode().ljust(3, b"\0").hex()


def word_text(word: str) -> str:
    """The text of a stored grade, unit or code; bytes that are not text are replaced."""
    text = bytes.fromhex(word.removeprefix("0x")).rstrip(b"\0").decode(errors="replace")
    return text.replace("\0", "\ufffd")


def item_of(*, sku: str, grade: str, unit: str) -> str:
    """The hash by which PriceFeed identifies these goods.

    Raises:
        GoodsInvalid.
    """
    words = (sku_hash(sku), grade_word(grade), unit_word(unit))
    raw = (bytes.fromhex(word[2:]).ljust(32, b"\0") for word in words)
    return "0x" + keccak(b"".join(raw)).hex()
