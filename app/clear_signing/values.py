"""Values in words: an amount in its currency's digits, a day as a date, a choice by its name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.chain.evm.goods import word_text
from app.chain.evm.hashing import checksum_address
from app.clear_signing import enumerations
from app.clear_signing.model import (
    ALLOWANCE,
    BYTES,
    CALL,
    CHOICE,
    CODE,
    CONTRACT,
    DAY,
    DAYS,
    HOURS,
    ITEM,
    MONEY,
    MONTH,
    MONTHS,
    NO_LIMIT,
    NUMBER,
    PARTY,
    PERCENT,
    POSTING,
    PRICE,
    QUANTITY,
    SET,
    TEXT,
    TIME,
    TOKEN,
    Field,
)
from app.domain.calendar import date_of
from app.domain.item_prices import item_named, price_text
from app.domain.money import DIGITS, currency_in, decimal_text
from app.domain.quantity import quantity_text

_CASH = "SettlementToken:"
_LAST_SECOND = 253_402_300_799  # of the year 9999
_LAST_DAY = 2_932_896  # the same day as a number
# Texts to translate. `{name}` is an argument.
UNLIMITED, NO_END, NONE, NOBODY, YES, NO = "unlimited", "no end", "none", "nobody", "yes", "no"
MINOR_UNITS, NOT_A_MEMBER = "{number} minor units", "unknown: {number}"
POSTED = "{amount}, counted from {day}, recorded on {recorded}"
COUNTS = {
    DAYS: ("1 day", "{number} days"),
    HOURS: ("1 hour", "{number} hours"),
    MONTHS: ("1 month", "{number} months"),
}
VALUE_TEXTS = (
    *(UNLIMITED, NO_END, NONE, NOBODY, YES, NO, MINOR_UNITS, NOT_A_MEMBER, POSTED),
    *(text for pair in COUNTS.values() for text in pair),
)


class Words(msgspec.Struct, frozen=True):
    """A value in words.

    Attributes:
        text: in English.
        template, arguments: what to translate instead: `{name}` is an argument; "": `text` has no
            words.
        parts: names to translate one by one and to join.
        currency: of an amount of money; `amount` is its decimal text.
        is_clear: False: the value could only be shown raw.
    """

    text: str
    template: str = ""
    arguments: Mapping[str, str] = {}
    parts: tuple[str, ...] = ()
    currency: str | None = None
    amount: str | None = None
    is_clear: bool = True


class Names(msgspec.Struct, frozen=True):
    """What a value's words need besides the value.

    Attributes:
        parties: names by account, lower case.
        contracts: names of the ledger's contracts by address, lower case.
    """

    parties: Mapping[str, str]
    contracts: Mapping[str, str]


def fixed(template: str, **arguments: str) -> Words:
    """A text to translate, with its arguments."""
    return Words(template.format(**arguments), template, arguments)


def money(amount: int, currency: str | None) -> Words:
    """An amount; in minor units if its currency is not known."""
    if currency is None or currency not in DIGITS:
        words = fixed(MINOR_UNITS, number=f"{amount:,}")
        return msgspec.structs.replace(words, is_clear=False)
    decimal = decimal_text(amount, currency=currency)
    whole, point, fraction = decimal.partition(".")
    text = f"{int(whole):,}{point}{fraction} {currency}"
    return Words(text, currency=currency, amount=decimal)


def _allowance(amount: int, currency: str | None) -> Words:
    if amount < NO_LIMIT:
        return money(amount, currency)
    return msgspec.structs.replace(fixed(UNLIMITED), currency=currency)


def in_words(
    field: Field,
    value: Any,
    *,
    names: Names,
    currency: str | None = None,
    item: str | None = None,
) -> Words:
    """A value in words.

    Args:
        currency: code of the currency of an amount or a price.
        item: what a price is of, as the ledger stores it.
    """
    if field.zero and not (value if isinstance(value, int) else value.strip("0x")):
        return fixed(field.zero)
    kind = field.kind
    if kind in (MONEY, ALLOWANCE):
        return (money if kind == MONEY else _allowance)(value, currency)
    if kind == PRICE:
        return _price(value, currency, item)
    if kind == POSTING:
        return _posting(value, currency)
    if kind in (PARTY, CONTRACT, TOKEN):
        return _address(kind, value, names)
    if isinstance(value, bool):
        return fixed(YES if value else NO)
    if isinstance(value, int):
        return _number(field, value)
    return _bytes(kind, value)


def _number(field: Field, value: int) -> Words:
    kind = field.kind
    if kind in COUNTS:
        single, several = COUNTS[kind]
        return fixed(single) if value == 1 else fixed(several, number=str(value))
    if kind in (CHOICE, SET):
        return _choice(field.names, value) if kind == CHOICE else _set(field.names, value)
    writers = {DAY: _day, TIME: _time, MONTH: _month, PERCENT: _percent, QUANTITY: _quantity}
    if kind in writers:
        return writers[kind](value)
    return Words(str(value), is_clear=kind == NUMBER)


def _choice(names: str, value: int) -> Words:
    name = enumerations.choice(names, value)
    return _stranger(value) if name is None else fixed(name)


def _set(names: str, value: int) -> Words:
    members = enumerations.members(names, value)
    if members is None:
        return _stranger(value)
    return Words("; ".join(members), parts=tuple(members)) if members else fixed(NONE)


def _stranger(value: int) -> Words:
    return msgspec.structs.replace(fixed(NOT_A_MEMBER, number=str(value)), is_clear=False)


def _percent(value: int) -> Words:
    """Parts per million as per cent: 43,500 as 4.35%."""
    sign, (whole, rest) = "-" if value < 0 else "", divmod(abs(value), 10_000)
    fraction = f"{rest:04d}".rstrip("0")
    return Words(f"{sign}{whole}.{fraction}%" if fraction else f"{sign}{whole}%")


def _quantity(value: int) -> Words:
    return Words(quantity_text(value))


def _month(value: int) -> Words:
    return Words(f"{value // 12:04d}-{value % 12 + 1:02d}")


def _day(value: int) -> Words:
    if not 0 <= value <= _LAST_DAY:
        return Words(str(value), is_clear=False)
    return Words(date_of(value).isoformat())


def _time(value: int) -> Words:
    if value > _LAST_SECOND:
        return fixed(NO_END)
    return Words(datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC"))


def _price(value: int, currency: str | None, item: str | None) -> Words:
    if currency not in DIGITS or item is None:
        return Words(str(value), is_clear=False)
    text = price_text(value, item=item_named(item), currency=currency)
    return Words(f"{text} {currency}", currency=currency, amount=text)


def _posting(word: int, currency: str | None) -> Words:
    """A posting as `contracts/types/PostingWord.sol` packs it."""
    day, recorded, amount = (word >> 8) % 2**24, (word >> 32) % 2**24, (word >> 56) % 2**64
    sum_ = money(amount, currency)
    words = fixed(
        POSTED,
        amount=sum_.text,
        day=_day(day).text,
        recorded=_day(recorded).text if recorded else NONE,
    )
    return msgspec.structs.replace(words, currency=sum_.currency, is_clear=sum_.is_clear)


def _address(kind: str, value: str, names: Names) -> Words:
    if not value.strip("0x"):
        return fixed(NOBODY)
    contract = names.contracts.get(value)
    if kind == TOKEN:
        code = None if contract is None else contract.removeprefix(_CASH)
        is_cash = contract is not None and contract.startswith(_CASH)
        return Words(code if code and is_cash else checksum_address(value), is_clear=is_cash)
    if contract is not None:
        return Words(contract)
    party = names.parties.get(value)
    if party is not None and kind == PARTY:
        return Words(party)
    return Words(checksum_address(value), is_clear=kind == PARTY)


def _bytes(kind: str, value: str) -> Words:
    if kind in (BYTES, CALL):
        return Words(value)
    if not value.strip("0x"):
        return fixed(NONE)
    if kind == CODE:
        code = currency_in(value)
        return Words(str(code), is_clear=code in DIGITS)
    if kind == TEXT:
        text = word_text(value)
        readable = bool(text) and text.isprintable() and "\ufffd" not in text
        return Words(text) if readable else Words(value)
    return Words(item_named(value) if kind == ITEM else value)
