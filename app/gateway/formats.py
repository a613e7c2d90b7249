"""Amounts, numbers, dates and times as people read them, in the current language."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any

from babel import Locale
from babel.numbers import format_currency, format_decimal, format_percent

from app.gateway.languages import CHINESE, current

_DAY = {"en": "{day} {month} {year}", CHINESE: "{year}年{number}月{day}日"}
_YI, _WAN = Decimal(10) ** 8, Decimal(10) ** 4
_DASH = "–"
_DIGITS = 100  # more than any number of the ledger has


def locale() -> Locale:
    """Babel's locale of the current language."""
    return Locale.parse(current.get().replace("-", "_"))


def money(value: Mapping[str, Any] | None) -> str:
    """`CN¥1,234,567.89`, in Chinese `￥1,234,567.89`: an amount as the API answers it."""
    if value is None:
        return _DASH
    amount, currency = str(value["amount"]), str(value["currency"])
    number = _decimal(amount)
    if number is None or len(currency) != 3:  # noqa: PLR2004 (a code of ISO 4217)
        return f"{amount} {currency}"
    digits = max(0, -int(number.as_tuple().exponent))
    pattern = f"¤#,##0{'.' + '0' * digits if digits else ''}"
    with localcontext() as context:
        context.prec = _DIGITS
        text = format_currency(number, currency, pattern, locale=locale(), currency_digits=False)
    return text.replace("¥", "￥") if current.get() == CHINESE else text


def short_money(value: Mapping[str, Any] | None) -> str:
    """`CN¥1.23M`, in Chinese `￥123.46万` or `￥1.23亿`: for charts and totals."""
    number = None if value is None else _decimal(str(value["amount"]))
    if value is None or number is None:
        return money(value)
    currency = str(value["currency"])
    if current.get() != CHINESE:
        units = ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"))
    else:
        units = ((_YI, "亿"), (_WAN, "万"))
    for unit, sign in units:
        if abs(number) >= unit:
            rounded = (number / unit).quantize(Decimal("0.01"))
            return money({"amount": str(rounded), "currency": currency}) + sign
    return money(value)


def number(value: int | str | Decimal | None) -> str:
    """A number with separators of thousands; all its decimals stay."""
    parsed = None if value is None else _decimal(str(value))
    if parsed is None:
        return _DASH if value is None else str(value)
    return str(format_decimal(parsed, locale=locale(), decimal_quantization=False))


def quantity(value: str | None) -> str:
    """A quantity with the decimals that the API states, so that those below each other align."""
    parsed = None if value is None else _decimal(str(value))
    if parsed is None:
        return _DASH if value is None else str(value)
    digits = max(0, -int(parsed.as_tuple().exponent))
    pattern = f"#,##0{'.' + '0' * digits if digits else ''}"
    return str(format_decimal(parsed, pattern, locale=locale()))


def percent(value: str | Decimal | int | None, *, digits: int = 2) -> str:
    """A share such as `0.0525` as `5.25%`."""
    parsed = None if value is None else _decimal(str(value))
    if parsed is None:
        return _DASH if value is None else str(value)
    pattern = f"#,##0.{'0' * digits}%" if digits else "#,##0%"
    return str(format_percent(parsed, pattern, locale=locale()))


def basis_points(value: int | None, *, digits: int = 2) -> str:
    """Basis points such as 525 as `5.25%`."""
    return percent(None if value is None else Decimal(value) / 10_000, digits=digits)


def rate(value: int | None, *, digits: int = 2) -> str:
    """Parts per million such as 73500, as the API states rates, as `7.35%`."""
    return percent(None if value is None else Decimal(value) / 1_000_000, digits=digits)


def day(value: str | datetime.date | None) -> str:
    """`31 Jan 2026`, in Chinese `2026年1月31日`."""
    if value is None or value == "":
        return _DASH
    date = datetime.date.fromisoformat(value[:10]) if isinstance(value, str) else value
    month = locale().months["format"]["abbreviated"][date.month]
    pattern = _DAY.get(current.get(), _DAY["en"])
    return pattern.format(day=date.day, month=month, number=date.month, year=date.year)


def instant(value: str | float | None, *, zone_offset: int = 0) -> str:
    """A time with its zone: `31 Jan 2026, 14:05:09 UTC+8`.

    Args:
        value: RFC 3339, or UTC seconds.
        zone_offset: seconds that the ledger's day is ahead of UTC.
    """
    if value is None or value == "":
        return _DASH
    if isinstance(value, str):
        at = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    else:
        at = datetime.datetime.fromtimestamp(value, datetime.UTC)
    local = at.astimezone(datetime.timezone(datetime.timedelta(seconds=zone_offset)))
    return f"{day(local.date())} {local:%H:%M:%S} {zone_name(zone_offset)}"


def zone_name(offset: int) -> str:
    """`UTC+8`, `UTC+5:30`, `UTC`."""
    if not offset:
        return "UTC"
    hours, minutes = divmod(abs(offset) // 60, 60)
    sign = "+" if offset > 0 else "−"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def short_hash(value: str | None) -> str:
    """`0x1234…cdef`."""
    if not value:
        return _DASH
    return value if len(value) <= 14 else f"{value[:8]}…{value[-6:]}"  # noqa: PLR2004 (its parts)


def _decimal(text: str) -> Decimal | None:
    try:
        parsed = Decimal(text)
    except InvalidOperation:
        return None
    return parsed if parsed.is_finite() else None
