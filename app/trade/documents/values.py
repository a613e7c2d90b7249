"""Text to numbers and days: exact, or an error that names the field."""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext

from app.domain.money import AmountInvalid, digits_of, minor_units
from app.domain.texts import say
from app.trade.documents.errors import FieldInvalid

MAX_TEXT = 4_000
WHOLE_IN_PERCENT = 100
_LONG_FRACTION = 12  # a fraction of more digits loses its final zeros
_DECIMAL = re.compile(r"([+-]?)([0-9]{0,30})(?:\.([0-9]{0,30}))?")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def folded(text: str, *, field: str) -> str | None:
    """Text with its blanks folded; None if it is empty.

    Raises:
        FieldInvalid: the text is too long.
    """
    plain = " ".join(text.split())
    if len(plain) > MAX_TEXT:
        raise FieldInvalid(
            say("{field} has {plain} characters", field=field, plain=len(plain)),
            name="field-too-long",
            field=field,
            fix=say("give at most {max_text}", max_text=MAX_TEXT),
        )
    return plain or None


def plain_decimal(text: str, *, field: str) -> str:
    """An xs:decimal in its plain form, without plus sign and leading zeros.

    Raises:
        FieldInvalid.
    """
    parts = _DECIMAL.fullmatch(text)
    if parts is None or not (parts.group(2) or parts.group(3)):
        raise FieldInvalid(
            say("{field} is {text}, which is not a number", field=field, text=repr(text[:60])),
            name="number-invalid",
            field=field,
            fix="give a plain decimal number such as 1250.00",
        )
    sign, whole, fraction = parts.group(1), parts.group(2), parts.group(3) or ""
    whole = whole.lstrip("0") or "0"
    fraction = fraction.rstrip("0") if len(fraction) > _LONG_FRACTION else fraction
    sign = sign.replace("+", "")
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def decimal(text: str, *, field: str) -> Decimal:
    """An exact decimal.

    Raises:
        FieldInvalid.
    """
    return Decimal(plain_decimal(text, field=field))


def amount(text: str, *, field: str, currency: str) -> int:
    """Minor units of a currency.

    Raises:
        FieldInvalid: not a number, or finer than the minor unit.
        CurrencyUnknown.
    """
    try:
        return minor_units(plain_decimal(text, field=field), currency=currency, final_zeros=True)
    except AmountInvalid as error:
        raise FieldInvalid(
            say("{field}: {error}", field=field, error=str(error)[:200]),
            name="amount-invalid",
            field=field,
            fix="give it with no more decimals than its currency has, such as 1250.00",
        ) from error


def fine_amount(text: str, *, field: str, currency: str) -> tuple[int, Decimal | None]:
    """A part of a sum: minor units, half up; and the exact number if it is finer than these.

    Raises:
        FieldInvalid: not a number.
        CurrencyUnknown.
    """
    with localcontext(prec=100):
        exact = decimal(text, field=field).scaleb(digits_of(currency))
        whole = exact.to_integral_value(ROUND_HALF_UP)
    return int(whole), None if whole == exact else exact


def day(text: str, *, field: str, compact: bool = False) -> datetime.date:
    """A calendar day, `2026-04-17` or compact `20260417`; a time zone after it is ignored.

    Raises:
        FieldInvalid.
    """
    parts = (_COMPACT_DAY if compact else _DAY).fullmatch(text)
    try:
        if parts is None:
            raise ValueError("no date")
        year, month, day_of_month = (int(part) for part in parts.groups())
        return datetime.date(year, month, day_of_month)
    except ValueError as error:
        raise FieldInvalid(
            say(
                "{field} is {text}, which is not a day of the calendar",
                field=field,
                text=repr(text[:40]),
            ),
            name="date-invalid",
            field=field,
            fix=say(
                "give year, month, day as {example}",
                example="20260417" if compact else "2026-04-17",
            ),
        ) from error
