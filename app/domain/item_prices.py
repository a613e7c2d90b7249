"""Items that can be priced, and prices: as text for people, as whole numbers on the ledger.

An item is a currency (`USD`) or the hash that names goods (`0x…`, 64 digits). On the ledger a price
is in millionths of the currency's minor unit for the smallest part of the item: a minor unit of the
other currency, or a thousandth of a unit of goods.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from app.domain.money import DIGITS, currency_in, digits_of
from app.domain.texts import say

MILLION = 10**6
PARTS_OF_A_UNIT = 10**3
MAX_VALUE = 2**60 - 1
MAX_DIGITS = 24  # before the point: more than any value has; it bounds the work on a number


class PriceInvalid(ValueError):
    """Text that is not a price of this item in this currency; the message says why."""


def item_word(item: str) -> str:
    """The item as the ledger stores it: 0x and 64 digits.

    Raises:
        CurrencyUnknown: three letters that are not a currency.
    """
    if item.startswith("0x"):
        return item.lower()
    digits_of(item)
    return "0x" + item.encode().ljust(32, b"\0").hex()


def item_named(word: str) -> str:
    """The reverse of `item_word`: a currency's code, or the hash."""
    code = currency_in("0x" + bytes.fromhex(word[2:])[:3].hex())
    return code if code in DIGITS and not int(word[8:], 16) else word


def value_of(text: str, *, item: str, currency: str) -> int:
    """A price for one unit of the item, in units of the currency, as the ledger stores it.

    Raises:
        PriceInvalid: not a decimal number above zero, or more or finer than the ledger stores.
        CurrencyUnknown.
    """
    try:
        price = Decimal(text)
    except InvalidOperation:
        raise PriceInvalid(
            say("{text} is not a decimal number such as 7.1234", text=repr(text))
        ) from None
    if not price.is_finite() or price <= 0:
        raise PriceInvalid(say("{text} must be above zero", text=text))
    if price.adjusted() > MAX_DIGITS:
        raise PriceInvalid(say("{text} is more than the ledger can store", text=text))
    value = price * _scale(item, currency)
    if value != value.to_integral_value():
        raise PriceInvalid(say("{text} has more decimals than the ledger stores", text=text))
    if value > MAX_VALUE:
        raise PriceInvalid(say("{text} is more than the ledger can store", text=text))
    return int(value)


def price_text(value: int, *, item: str, currency: str) -> str:
    """The reverse of `value_of`."""
    return format((value / _scale(item, currency)).normalize(), "f")


def _scale(item: str, currency: str) -> Decimal:
    parts = Decimal(PARTS_OF_A_UNIT if item.startswith("0x") else 10 ** digits_of(item))
    return Decimal(10 ** digits_of(currency)) * MILLION / parts
