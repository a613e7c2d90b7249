"""A price as PriceFeed takes it, and the hash by which the ledger names one that waits."""

from __future__ import annotations

from faster_eth_abi import encode
from typing_extensions import TypedDict

from app.chain.evm.hashing import keccak
from app.domain.money import currency_word
from app.goods.prices.repository import PriceRow

_ABI = ("bytes32", "bytes3", "uint64", "uint24", "uint40", "uint40", "bytes32")


class PriceTerms(TypedDict):
    """What an appraiser posts: the struct Price of IPriceFeed."""

    item: str
    currency: str
    value: int
    haircut: int
    asOf: int
    validUntil: int
    evidence: str


def terms_of(row: PriceRow) -> PriceTerms:
    """The price as it was posted or proposed."""
    return {
        "item": row.item,
        "currency": currency_word(row.currency),
        "value": row.value,
        "haircut": row.haircut,
        "asOf": row.as_of,
        "validUntil": row.valid_until,
        "evidence": row.evidence,
    }


def price_hash(row: PriceRow) -> str:
    """What the ledger calls `priceHash`: keccak256 of the ABI encoding of the price."""
    values = [
        bytes.fromhex(value.removeprefix("0x")) if isinstance(value, str) else value
        for value in terms_of(row).values()
    ]
    return "0x" + keccak(encode(_ABI, values)).hex()
