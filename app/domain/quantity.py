"""Quantities of goods: whole thousandths of a unit, and the decimal text that people read.

Units are codes from UN/ECE recommendation 20 ("KGM", "H87"), of two or three letters and digits.
"""

from __future__ import annotations

import re

from app.domain.texts import say

MAX = 2**60 - 1  # the maximum of WarehouseReceipts
GRADE_BYTES = 16
UNIT = r"^[A-Z0-9]{2,3}$"
_SHAPE = re.compile(r"(-?)(0|[1-9][0-9]{0,17})(?:\.([0-9]{1,6}))?")


class QuantityInvalid(ValueError):
    """Text that is not a quantity; the message says why."""


def thousandths(text: str, *, signed: bool = False) -> int:
    """Whole thousandths of a decimal text: exact, or refused.

    Args:
        signed: below zero is allowed; zero never is.

    Raises:
        QuantityInvalid: not a plain decimal number, zero, finer than a thousandth, or too large.
    """
    shape = _SHAPE.fullmatch(text) if text.isascii() else None
    if shape is None:
        raise QuantityInvalid(
            say(
                "{text} is not a quantity: give a plain decimal number such as 12.500",
                text=repr(text[:40]),
            )
        )
    sign, whole, fraction = shape.group(1), shape.group(2), shape.group(3) or ""
    if fraction[3:].strip("0"):
        raise QuantityInvalid(say("{text} has too many decimals: give at most three", text=text))
    quantity = int(f"{sign}{whole}{fraction[:3].ljust(3, '0')}")
    if quantity == 0 or (quantity < 0 and not signed):
        raise QuantityInvalid(say("{text} is not above zero", text=text))
    if abs(quantity) > MAX:
        raise QuantityInvalid(
            say("{text} is above the ledger's maximum of {max}", text=text, max=quantity_text(MAX))
        )
    return quantity


def quantity_text(quantity: int) -> str:
    """The quantity with three digits after the decimal point."""
    sign, whole = ("-" if quantity < 0 else ""), str(abs(quantity)).rjust(4, "0")
    return f"{sign}{whole[:-3]}.{whole[-3:]}"
