"""Lots of articles as GS1 writes them: LGTIN URNs and Digital Links, and the GTIN in them.

A lot number (AI 10) is unique only within its GTIN: goods of another article are not the lot's.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

import msgspec
from stdnum import ean

from app.domain.hidden_text import hidden_in
from app.domain.numbering import normalised_number

_URN = "urn:epc:class:lgtin:"
_MAX = 300
_DIGITS = 14
# GS1 Digital Link 1.1 used these names for application identifiers; exporters still write them.
_AIS = {"gtin": "01", "cpv": "22", "lot": "10", "ser": "21"}
_AI = re.compile(r"[0-9]{2,4}")


class Lot(msgspec.Struct, frozen=True):
    """A lot's number, and the GTIN-14s that its article can have.

    There are two where an exporter may have left the indicator digit in front of the company
    prefix. The Tag Data Standard puts it in front of the item.

    Attributes:
        serial: serial number of one piece of the lot.
    """

    number: str
    gtins: frozenset[str]
    serial: str | None = None


def read_lot(epc_class: object) -> Lot | None:
    """The lot that an `epcClass` names; None if it names no lot, or its GTIN is not valid."""
    if not isinstance(epc_class, str) or len(epc_class) > _MAX:
        return None
    if epc_class.startswith(_URN):
        lot = _of_urn(epc_class.removeprefix(_URN))
    elif epc_class.startswith(("https://", "http://")):
        lot = _of_link(epc_class)
    else:
        lot = None
    if lot is None or not normalised_number(lot.number) or not lot.number.isprintable():
        return None
    if hidden_in(lot.number) is not None or (lot.serial and hidden_in(lot.serial) is not None):
        return None
    return lot


def _of_urn(text: str) -> Lot | None:
    """CompanyPrefix.IndicatorAndItemReference.Lot; the first two together have 13 digits."""
    company, _, rest = text.partition(".")
    item, _, number = rest.partition(".")
    digits = company + item
    if not number or not item or len(digits) != _DIGITS - 1 or not _plain(digits):
        return None
    bodies = (item[:1] + company + item[1:], digits)
    return Lot(unquote(number), frozenset(body + ean.calc_check_digit(body) for body in bodies))


def _of_link(address: str) -> Lot | None:
    """The lot of a GS1 link: …/01/GTIN/22/variant/10/lot/21/serial.

    Each application identifier (or its name) is there once, followed by its value. The part
    before the GTIN is the resolver's address. The query does not identify the goods.
    """
    try:
        parts = urlsplit(address).path.rstrip("/").split("/")
    except ValueError:
        return None
    for place, segment in enumerate(parts[:-1]):
        gtin = gtin_14(parts[place + 1]) if _AIS.get(segment, segment) == "01" else None
        if gtin is not None:
            path_after_gtin = parts[place + 2 :]
            break
    else:
        return None
    keys = [_AIS.get(segment, segment) for segment in path_after_gtin[::2]]
    pairs = dict(zip(keys, (unquote(segment) for segment in path_after_gtin[1::2]), strict=False))
    if len(path_after_gtin) % 2 or len(pairs) < len(keys) or not all(map(_AI.fullmatch, keys)):
        return None
    if not pairs.get("10") or not pairs.get("21", "-"):
        return None
    return Lot(pairs["10"], frozenset((gtin,)), pairs.get("21"))


def gtin_14(text: str) -> str | None:
    """A GTIN-8, 12, 13 or 14 in 14 digits; None if the text is not a GTIN."""
    if len(text) not in {8, 12, 13, _DIGITS} or not _plain(text) or not ean.is_valid(text):
        return None
    return text.rjust(_DIGITS, "0")


def _plain(text: str) -> bool:
    return text.isascii() and text.isdigit()
