"""Texts, amounts, days and rates in files for people, in the language of the file.

English files write them as programs do: `1,234,567.89`, `2026-11-26`, `7.25 %`. Chinese files write
`￥1,234,567.89`, `2026年11月26日`, `7.25%`.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from app.domain.texts import mark as mark
from app.gateway import formats
from app.gateway.languages import ENGLISH, ct, current, nct
from app.gateway.sheets import Cell, Money

#: Context of the texts of files in the catalogues: pages may say the same in other words.
CONTEXT = "file"


def t(text: str, **values: object) -> str:
    """A text of a file in the current language, with its `{placeholders}` filled."""
    return ct(CONTEXT, text, **values)


def nt(singular: str, plural: str, count: int, **values: object) -> str:
    """The same for a text with a number, `{count}`."""
    return nct(CONTEXT, singular, plural, count, **values)


def printed(value: Cell) -> str:
    """A cell as it is printed: thousands apart; a column of amounts states its currency once."""
    match value:
        case None:
            return ""
        case Money() | Decimal():
            text = format(value, "f") if isinstance(value, Decimal) else str(value)
            whole, point, digits = text.partition(".")
            sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
            return f"{sign}{int(whole):,}{point}{digits}"
        case datetime.date():
            return day(value)
        case _:
            return str(value)


def day(value: datetime.date) -> str:
    """A day: ISO 8601 in English."""
    return value.isoformat() if current.get() == ENGLISH else formats.day(value)


def day_of_text(value: str) -> str:
    """A day that the API states in ISO 8601."""
    return day(datetime.date.fromisoformat(value))


def amount(value: Money, *, named: bool = True) -> str:
    """An amount in a sentence.

    Args:
        named: whether an English text has the currency behind it; else the reader knows it.
    """
    if current.get() != ENGLISH:
        return formats.money({"amount": str(value), "currency": value.currency})
    return f"{printed(value)} {value.currency}" if named else printed(value)


def rate(millionths: int | None) -> str:
    """Parts per million as per cent; `none` if there is no rate."""
    if millionths is None:
        return t("none")
    return percent(millionths).replace(" ", "" if current.get() != ENGLISH else " ")


def percent(millionths: int) -> str:
    """Parts per million as per cent, in English."""
    return f"{millionths / 10_000:.4f}".rstrip("0").rstrip(".") + " %"


def in_currency(name: str, currency: str) -> str:
    """The title of a column of amounts: `principal (CNY)`."""
    return f"{t(name)} ({currency})"


def as_of(at: datetime.date, block: int | None) -> str:
    """As of which day and block a file is true."""
    if block is None:
        return day(at)
    return t("{day}, block {block}", day=day(at), block=block)
