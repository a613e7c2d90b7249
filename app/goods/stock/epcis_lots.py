"""The lots of an EPCIS event and their quantities: by class and quantity, or piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from app.domain.quantity import UNIT, QuantityInvalid, thousandths
from app.domain.texts import Text, say, text_of
from app.goods.stock.articles import Lot, read_lot

PIECES = "H87"
_PIECE = 1_000  # thousandths
_MAX_EXPONENT, _MAX_DIGITS = 20, 40  # of a number that is looked at more closely
_UNIT = re.compile(UNIT)
_NO_LOT = say(
    "names no lot: give an LGTIN, or a GS1 Digital Link with AI 01 and 10, its lot in visible "
    "characters"
)
_NO_PIECE = say("is no single piece of a lot: give a GS1 Digital Link with AI 01, 10 and 21")


class EventInvalid(ValueError):
    """A field of an event is wrong; the message says how."""

    def __init__(self, field: str, detail: Text) -> None:
        super().__init__(detail)
        self.field = field


def quantities_of(event: dict[str, Any], *, counting: bool = False) -> list[tuple[Lot, int, str]]:
    """Each lot with its thousandths and unit, in the event's order.

    Args:
        event: as in the document.
        counting: the event counts stock; then a quantity may be zero, and elements that name no lot
            are ignored.

    Raises:
        EventInvalid.
    """
    return [*_quantities(event, counting=counting), *_pieces(event, counting=counting)]


def _quantities(event: dict[str, Any], *, counting: bool) -> Iterator[tuple[Lot, int, str]]:
    elements = event.get("quantityList") or []
    if not isinstance(elements, list):
        raise EventInvalid("quantityList", say("is no list"))
    for number, element in enumerate(elements):
        field = f"quantityList.{number}"
        if not isinstance(element, dict):
            raise EventInvalid(field, say("is no object"))
        lot = read_lot(element.get("epcClass"))
        if lot is None and counting:
            continue
        # Without a unit the quantity is a number of instances (EPCIS 2.0, QuantityElement).
        unit = element.get("uom", PIECES)
        if not isinstance(unit, str) or _UNIT.fullmatch(unit) is None:
            raise EventInvalid(f"{field}.uom", say("is no code of UN/ECE recommendation 20"))
        amount = quantity(element.get("quantity"), f"{field}.quantity", zero=counting)
        if "uom" not in element and amount % _PIECE:
            raise EventInvalid(
                f"{field}.quantity",
                say("is a number of instances without a uom: give a whole number"),
            )
        if lot is None:
            raise EventInvalid(f"{field}.epcClass", _NO_LOT)
        if lot.serial is not None and unit == PIECES and amount != _PIECE:
            raise EventInvalid(f"{field}.quantity", say("must be one piece for one serial number"))
        yield lot, amount, unit


def _pieces(event: dict[str, Any], *, counting: bool) -> Iterator[tuple[Lot, int, str]]:
    """Goods listed piece by piece, added up by lot."""
    pieces = event.get("epcList") or []
    if not isinstance(pieces, list):
        raise EventInvalid("epcList", say("is no list"))
    lots: dict[tuple[str, frozenset[str]], set[str]] = {}
    for number, piece in enumerate(pieces):
        lot = read_lot(piece)
        if lot is None or lot.serial is None:
            if counting:
                continue
            raise EventInvalid(f"epcList.{number}", _NO_PIECE)
        serials = lots.setdefault((lot.number, lot.gtins), set())
        if lot.serial in serials:
            raise EventInvalid(
                f"epcList.{number}",
                say("serial number {serial} is there twice", serial=repr(lot.serial[:60])),
            )
        serials.add(lot.serial)
    for (lot_number, gtins), serials in lots.items():
        yield Lot(lot_number, gtins), _PIECE * len(serials), PIECES


def quantity(value: Any, field: str, *, zero: bool = False) -> int:
    """A quantity in thousandths.

    Args:
        zero: whether it may be zero.

    Raises:
        EventInvalid: it is no number, or none that fits.
    """
    if type(value) is int and abs(value) < 10**_MAX_EXPONENT:
        text = str(value)
    elif (
        isinstance(value, Decimal)
        and abs(value.adjusted()) < _MAX_EXPONENT
        and len(value.as_tuple().digits) < _MAX_DIGITS
    ):
        text = format(value, "f")
    else:
        raise EventInvalid(field, say("is no number that can be a quantity"))
    if zero and not Decimal(text):
        return 0
    try:
        return thousandths(text)
    except QuantityInvalid as error:
        raise EventInvalid(field, text_of(error)) from error
