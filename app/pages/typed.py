"""Numbers as people type them: whole numbers, shares in per cent, and amounts.

`static/app.js` reads them by the same rules; `tests/pages/test_typed.py` holds both to one table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from babel.numbers import get_currency_symbol

from app.pages.languages import t

MILLION = 1_000_000
_PER_CENT = 10_000  # parts per million
# Thousands by one kind of separator, and a point before decimals.
_GROUPED = re.compile(
    r"-?[0-9]{1,3}(?P<separator>[,，'’_ \u00a0\u202f])[0-9]{3}(?:(?P=separator)[0-9]{3})*"
    r"(?:\.[0-9]+)?"
)
_WHOLE = re.compile(r"-?[0-9]{1,30}")
_SHARE = re.compile(r"-?[0-9]{1,9}(?:\.(?P<decimals>[0-9]{1,4}))?")
_WIDE = str.maketrans("０１２３４５６７８９．％－", "0123456789.%-")
_CLEAR_DECIMALS = 2  # `6.50` is six and a half; `60.000` may stand for sixty thousand


class Unreadable(ValueError):
    """Not a number as people type it; the message, in the page's language, says what to type."""


def plain_number(text: str) -> str:
    """A number without its separators of thousands; anything else as it was typed.

    `12,50` stays as it is, so the API refuses it: it would otherwise count as 1250.
    """
    text = text.strip()
    match = _GROUPED.fullmatch(text)
    return text if match is None else text.replace(match["separator"], "")


def amounts(values: Mapping[str, str], *, currency: str, field: str = "amount") -> dict[str, str]:
    """The API's money of what was typed: without separators and the currency's own sign."""
    text = values.get(field, "").strip()
    for sign in sorted(_signs(currency), key=len, reverse=True):
        if text.startswith(sign):
            text = text.removeprefix(sign)
            break
    return {"amount": plain_number(text), "currency": currency}


def _signs(currency: str) -> set[str]:
    """How the languages of the pages write a currency before an amount."""
    signs = {str(get_currency_symbol(currency, locale=name)) for name in ("en", "zh_Hans")}
    return signs | {sign.replace("¥", "￥") for sign in signs} | {currency}


def whole(text: str) -> int:
    """A whole number, with or without separators of thousands.

    Raises:
        Unreadable: anything else; a point may stand before decimals or between thousands.
    """
    plain = plain_number(text.translate(_WIDE))
    if _WHOLE.fullmatch(plain):
        return int(plain)
    if "." in plain:
        raise Unreadable(t("Write a whole number without a point: 60000 or 60,000."))
    raise Unreadable(t("Write a whole number in digits: 60000 or 60,000."))


def share(text: str, *, maximum: int = MILLION) -> int:
    """Parts per million of a share that was typed in per cent: `6`, `6.5` or `6.5 %`.

    Raises:
        Unreadable: anything else; more than the maximum; zeros behind two decimals, as in `60.000`,
            which may stand for sixty thousand.
    """
    plain = plain_number(text.translate(_WIDE).strip().removesuffix("%"))
    match = _SHARE.fullmatch(plain)
    if match is None:
        raise Unreadable(t("Write per cent with a point before up to four decimals, such as 6.5."))
    decimals = match["decimals"] or ""
    if len(decimals) > _CLEAR_DECIMALS and decimals.endswith("0"):
        raise Unreadable(t("Leave out the zeros at the end: 60 is 60 %, and 6.5 is 6.5 %."))
    millionths = int(Decimal(plain) * _PER_CENT)
    if millionths > maximum:
        raise Unreadable(t("Write {maximum} % or less.", maximum=share_text(maximum)))
    return millionths


def share_text(millionths: int) -> str:
    """Parts per million as one types them in per cent: 72,000 is `7.2`."""
    return f"{Decimal(millionths) / _PER_CENT:f}"
