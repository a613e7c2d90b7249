"""Amounts in Chinese capitals, in which invoices repeat their total: 壹仟贰佰叁拾肆圆伍角陆分."""

from __future__ import annotations

import re

_DIGITS = {character: place for place, character in enumerate("零壹贰叁肆伍陆柒捌玖")}
_UNITS = {"拾": 10, "佰": 100, "仟": 1_000}
_GROUPS = {"万": 10**4, "亿": 10**8}
_SHAPE = re.compile(
    r"(?:人民币)?[⊗ⓧ]?(?P<minus>[(（]?负数?[)）]?)?"
    r"(?:(?P<whole>[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]+)[圆元])?"
    r"零?(?:(?P<tenths>[壹贰叁肆伍陆柒捌玖])角)?零?(?:(?P<cents>[壹贰叁肆伍陆柒捌玖])分)?[整正]?"
)


def cents_in_words(text: str) -> int | None:
    """The amount in fen; None if the words cannot be read."""
    parts = _SHAPE.fullmatch("".join(text.split()))
    if parts is None or not (parts["whole"] or parts["tenths"] or parts["cents"]):
        return None
    whole = _whole(parts["whole"] or "零")
    if whole is None:
        return None
    cents = 10 * _DIGITS[parts["tenths"] or "零"] + _DIGITS[parts["cents"] or "零"]
    return (-1 if parts["minus"] else 1) * (100 * whole + cents)


def _whole(text: str) -> int | None:
    """A whole number; None if its units are not in order."""
    total, group, digit = 0, 0, None
    unit_before, group_before = 10**5, 10**13
    for character in text:
        if character in _DIGITS:
            if digit not in (None, 0):
                return None
            digit = _DIGITS[character]
        elif character in _UNITS:
            unit = _UNITS[character]
            # 拾 may begin a number; then it is ten.
            count = 1 if digit in (None, 0) and unit == _UNITS["拾"] and group == 0 else digit
            if not count or unit >= unit_before:
                return None
            group, digit, unit_before = group + count * unit, None, unit
        else:
            size = _GROUPS[character]
            whole = group + (digit or 0)
            if size >= group_before or (whole == 0 and total == 0):
                return None
            total, group, digit = total + whole * size, 0, None
            unit_before, group_before = 10**5, size
    return total + group + (digit or 0)
