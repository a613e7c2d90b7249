"""Values of features: how a card, a table and evidence write them, and the whole numbers they are.

| kind | is | is written |
| --- | --- | --- |
| count | a whole number, not below zero | 3 |
| days | the same, in days | 3 |
| share | parts per million, 0 to 1,000,000 | "12.5%" |
| change | parts per million of another figure, -1,000,000 to 10,000,000,000 | "-12.5%" |
| amount | minor units of the card's currency, not below zero | "1250.00" |
| category | one of the feature's categories | "A" |
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.domain.catalogue import MILLION, points
from app.domain.money import decimal_text, minor_units
from app.domain.texts import say

MAX_VALUE = 10**15
MAX_CHANGE = 10_000 * MILLION  # a million per cent
_WHOLE = re.compile(r"0|[1-9][0-9]{0,15}")


class Kind(StrEnum):
    """What a feature's values are."""

    COUNT = "count"
    DAYS = "days"
    SHARE = "share"
    CHANGE = "change"
    AMOUNT = "amount"
    CATEGORY = "category"


#: A number in the unit of its kind, or a category.
Value = int | str


def read_number(kind: Kind, raw: Any, *, currency: str) -> int:
    """The number of a value or of a bound.

    Raises:
        ValueError: it is not written as the kind asks, or out of the kind's range.
    """
    if kind in (Kind.SHARE, Kind.CHANGE):
        if not isinstance(raw, str):
            raise ValueError(say("{raw} is not a percentage: write it like 12.5%", raw=repr(raw)))
        number = points(raw)
        floor = 0 if kind is Kind.SHARE else -MILLION
        ceiling = MILLION if kind is Kind.SHARE else MAX_CHANGE
    elif kind is Kind.AMOUNT:
        if not isinstance(raw, str):
            raise ValueError(
                say('{raw} is not an amount: write it as text, like "1250.00"', raw=repr(raw))
            )
        number, floor, ceiling = minor_units(raw, currency=currency), 0, MAX_VALUE
    elif kind in (Kind.COUNT, Kind.DAYS):
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise ValueError(
                say("{raw} is not a whole number: write it like 10, without quotes", raw=repr(raw))
            )
        number, floor, ceiling = raw, 0, MAX_VALUE
    else:
        raise ValueError(say("a category has no number"))
    if not floor <= number <= ceiling:
        bounds = [number_text(kind, bound, currency=currency) for bound in (floor, ceiling)]
        raise ValueError(
            say(
                "{raw} is out of range; the bounds are {min} and {max}",
                raw=raw,
                min=bounds[0],
                max=bounds[1],
            )
        )
    return number


def number_of_cell(kind: Kind, cell: str, *, currency: str) -> int:
    """The number in a cell of a table, where whole numbers are text as well.

    Raises:
        ValueError.
    """
    if kind in (Kind.COUNT, Kind.DAYS):
        if _WHOLE.fullmatch(cell) is None:
            raise ValueError(say("{cell} is not a whole number: write it like 10", cell=repr(cell)))
        return read_number(kind, int(cell), currency=currency)
    return read_number(kind, cell, currency=currency)


def number_text(kind: Kind, number: int, *, currency: str) -> str:
    """The number as people write it."""
    if kind in (Kind.SHARE, Kind.CHANGE):
        return percent_text(number)
    if kind is Kind.AMOUNT:
        return decimal_text(number, currency=currency)
    return str(number)


def percent_text(parts: int) -> str:
    """Parts per million as a percentage: 125,000 is 12.5%."""
    text = format(Decimal(parts).scaleb(-4), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"
