"""Quantities of goods: whole thousandths of a unit, the decimal text people read, and goods' names.

Units are codes of UN/ECE recommendation 20 ("KGM", "H87"), of two or three letters and digits.
"""

from __future__ import annotations

import re

MOST = 2**60 - 1  # as WarehouseReceipts keeps
GRADE_BYTES = 16
UNIT = r"^[A-Z0-9]{2,3}$"
_SHAPE = re.compile(r"(-?)(0|[1-9][0-9]{0,17})(?:\.([0-9]{1,6}))?")


class QuantityInvalid(ValueError):
    """Text that is no quantity; the message says why."""


def thousandths(text: str, *, signed: bool = False) -> int:
    """Whole thousandths of a decimal text: exact, or refused.

    Args:
        signed: below zero will do; zero never does.

    Raises:
        QuantityInvalid: no plain decimal number, zero, finer than a thousandth, or too large.
    """
    shape = _SHAPE.fullmatch(text) if text.isascii() else None
    if shape is None:
        raise QuantityInvalid(
            f"{text[:40]!r} is no quantity: give a plain decimal number such as 12.500"
        )
    sign, whole, fraction = shape.group(1), shape.group(2), shape.group(3) or ""
    if fraction[3:].strip("0"):
        raise QuantityInvalid(f"{text} is finer than a thousandth of the unit")
    found = int(f"{sign}{whole}{fraction[:3].ljust(3, '0')}")
    if found == 0 or (found < 0 and not signed):
        raise QuantityInvalid(f"{text} is not above zero")
    if abs(found) > MOST:
        raise QuantityInvalid(f"{text} is more than the ledger keeps ({quantity_text(MOST)})")
    return found


def quantity_text(quantity: int) -> str:
    """The quantity with three digits behind the point."""
    sign, whole = ("-" if quantity < 0 else ""), str(abs(quantity)).rjust(4, "0")
    return f"{sign}{whole[:-3]}.{whole[-3:]}"
