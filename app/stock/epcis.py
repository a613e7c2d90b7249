"""GS1 EPCIS 2.0 documents (JSON, with or without JSON-LD) as movements of stock.

What is read of the standard's fields, and the rest refused where it could move stock unseen:

| EPCIS 2.0 | here |
| --- | --- |
| `ObjectEvent`, `TransactionEvent` | a record |
| `eventID` | the movement's id; with several quantities `eventID#1`, `eventID#2`, … |
| `eventTime` | the day, in the ledger's zone |
| `bizStep` receiving, or accepting in its place (`OBSERVE`, `ADD`) | received |
| `bizStep` shipping, or departing in its place (`OBSERVE`, `DELETE`) | released |
| `bizStep` destroying (`OBSERVE`, `DELETE`) | lost |
| `quantityList[].epcClass` | the lot: LGTIN as URN, or GS1 Digital Link with AI 01 and 10 |
| the same: company prefix and item, or AI 01 | the article (GTIN-14), which must be the lot's |
| `quantityList[].quantity`, `uom` | quantity and unit (UN/ECE recommendation 20); pieces (H87) |
| `bizTransactionList[0].bizTransaction` | the reference |
| `cession:sequence`, `cession:balance` | extensions: the record's number; the stock after it |

Steps that move nothing in or out (storing, picking, inspecting, …) are counted and left aside.
EPCIS knows no adjustment of stock: send that as CSV, the sequence runs on over both.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from app.core.calendar import day_at
from app.core.csv_rows import Finding, TableInvalid, text_of
from app.core.names import hidden_in
from app.core.quantity import UNIT, QuantityInvalid, thousandths
from app.stock.articles import read_lot
from app.stock.model import (
    LONGEST_ID,
    LOST,
    MOST_MOVEMENTS,
    MOST_SEQUENCE,
    RECEIVED,
    RELEASED,
    Movement,
    signed,
)

# CBV 2.0, 7.1.2: `receiving` and `shipping` name a whole process; a trading partner that tells its
# parts uses `arriving` and `accepting`, or `staging_outbound`, `loading` and `departing`, in its
# place and never beside it. The part with which the goods change hands is the movement.
_MOVES = {
    "receiving": (RECEIVED, frozenset(("OBSERVE", "ADD"))),
    "accepting": (RECEIVED, frozenset(("OBSERVE", "ADD"))),
    "shipping": (RELEASED, frozenset(("OBSERVE", "DELETE"))),
    "departing": (RELEASED, frozenset(("OBSERVE", "DELETE"))),
    "destroying": (LOST, frozenset(("OBSERVE", "DELETE"))),
}
# Steps of the CBV 2.0 that bring nothing in and take nothing out.
_STILL = frozenset(
    (
        *("arriving", "cycle_counting", "encoding", "holding"),
        *("inspecting", "loading", "packing", "picking", "reserving", "sampling"),
        *("sensor_reporting", "staging_outbound", "stock_taking", "stocking", "storing"),
        *("unloading", "unpacking"),
    )
)
_EXCLUSIVE = {"accepting": "receiving", "departing": "shipping"}
PIECES = "H87"
_PREFIXES = (
    *("urn:epcglobal:cbv:bizstep:", "https://ref.gs1.org/cbv/BizStep-"),
    *("http://ref.gs1.org/cbv/BizStep-", "https://gs1.org/voc/Bizstep-", "cbv:BizStep-"),
)
_WITH_QUANTITIES = ("ObjectEvent", "TransactionEvent")
_OTHERS = ("AggregationEvent", "AssociationEvent")
_UNIT = re.compile(UNIT)
_NO_LOT = (
    "names no lot: give an LGTIN, or a GS1 Digital Link with AI 01 and 10, its lot in visible "
    "characters"
)


class _Wrong(ValueError):
    """What is wrong with a field of an event."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


def read(data: bytes, *, zone_offset: int) -> tuple[list[Movement], int]:
    """Movements in the document's order, and how many events moved nothing.

    Raises:
        TableInvalid: a finding's line is the event's place in `eventList`, from 1.
    """
    events = _events(_parsed(data))
    movements: list[Movement] = []
    found: list[Finding] = []
    ignored = 0
    steps: dict[str, set[str]] = {}
    for place, event in enumerate(events, start=1):
        try:
            own = list(_movements(event, place=place, zone_offset=zone_offset))
            _require_one_way(steps, event, own)
        except _Wrong as error:
            found.append(Finding(place, error.field, str(error)))
            continue
        movements += own
        ignored += not own
        if len(movements) > MOST_MOVEMENTS:
            raise TableInvalid([Finding(place, "", f"more than {MOST_MOVEMENTS:,} movements")])
    if found:
        raise TableInvalid(found)
    if not movements:
        raise TableInvalid([Finding(0, "epcisBody.eventList", "no event moves any stock")])
    return movements, ignored


def _require_one_way(steps: dict[str, set[str]], event: Any, own: list[Movement]) -> None:
    """A lot's goods are told by whole processes or by their parts: both would count twice."""
    for one in own:
        step = _step(event)
        told = steps.setdefault(one.lot, set())
        told.add(step)
        for part, whole in _EXCLUSIVE.items():
            if {part, whole} <= told:
                words = f"{part} and {whole} of lot {one.lot_number!r} tell the same movement twice"
                raise _Wrong("bizStep", f"{words}: the CBV has one or the other")


def _parsed(data: bytes) -> Any:
    def pairs(given: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(given)
        if len(found) < len(given):
            names = [name for name, _ in given]
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"{twice[:40]!r} stands twice in one object")
        return found

    def constant(text: str) -> Any:
        raise ValueError(f"{text} is no number of JSON")

    text = text_of(data)
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=constant, object_pairs_hook=pairs
        )
    except RecursionError:
        raise TableInvalid([Finding(0, "", "the JSON is nested too deeply")]) from None
    except ValueError as error:
        raise TableInvalid([Finding(0, "", f"is no JSON: {str(error)[:200]!a}")]) from error


def _events(document: Any) -> list[Any]:
    if not isinstance(document, dict) or document.get("type") != "EPCISDocument":
        raise TableInvalid([Finding(0, "type", "is not EPCISDocument")])
    version = document.get("schemaVersion")
    if not isinstance(version, str) or not version.startswith("2."):
        raise TableInvalid([Finding(0, "schemaVersion", "is not 2.0")])
    body = document.get("epcisBody")
    events = body.get("eventList") if isinstance(body, dict) else None
    if not isinstance(events, list) or not events:
        raise TableInvalid([Finding(0, "epcisBody.eventList", "is missing or empty")])
    return events


def _movements(event: Any, *, place: int, zone_offset: int) -> Iterator[Movement]:
    if not isinstance(event, dict):
        raise _Wrong("", "the event is no object")
    kind = event.get("type")
    step = _step(event)
    if kind in _OTHERS and step not in _MOVES:
        return
    if kind not in _WITH_QUANTITIES:
        raise _Wrong("type", f"{str(kind)[:40]!r} cannot be read as a movement of stock")
    if "errorDeclaration" in event:
        raise _Wrong("errorDeclaration", "what was sent stands; correct it by an adjustment")
    if step not in _MOVES:
        return
    moves, actions = _MOVES[step]
    if event.get("action") not in actions:
        raise _Wrong("action", f"of {step} is one of {', '.join(sorted(actions))}")
    if event.get("epcList"):
        raise _Wrong("epcList", "goods counted one by one have no quantity: give quantityList")
    elements = event.get("quantityList")
    if not isinstance(elements, list) or not elements:
        raise _Wrong("quantityList", "is missing or empty")
    identifier = event.get("eventID")
    if (
        not isinstance(identifier, str)
        or not 1 <= len(identifier) <= LONGEST_ID - 6
        or not identifier.isprintable()
    ):
        raise _Wrong("eventID", f"is missing, not printable, or longer than {LONGEST_ID - 6}")
    _require_visible("eventID", identifier)
    sequence = event.get("cession:sequence")
    if type(sequence) is not int or not 1 <= sequence <= MOST_SEQUENCE:
        raise _Wrong("cession:sequence", "is no whole number from 1")
    day = _day(event.get("eventTime"), zone_offset=zone_offset)
    balance = None
    if "cession:balance" in event:
        balance = _quantity(event["cession:balance"], "cession:balance", zero=True)
    if balance is not None and len(elements) > 1:
        raise _Wrong("cession:balance", "is given for events of one quantity only")
    for number, element in enumerate(elements, start=1):
        field = f"quantityList.{number - 1}"
        if not isinstance(element, dict):
            raise _Wrong(field, "is no object")
        # Without a unit the quantity counts instances (EPCIS 2.0, QuantityElement).
        unit = element.get("uom", PIECES)
        if not isinstance(unit, str) or _UNIT.fullmatch(unit) is None:
            raise _Wrong(f"{field}.uom", "is no code of UN/ECE recommendation 20")
        amount = _quantity(element.get("quantity"), f"{field}.quantity")
        if "uom" not in element and amount % 1_000:
            raise _Wrong(
                f"{field}.quantity", "counts instances where there is no uom: give it whole"
            )
        lot = read_lot(element.get("epcClass"))
        if lot is None:
            raise _Wrong(f"{field}.epcClass", _NO_LOT)
        yield Movement(
            line=place,
            sequence=sequence,
            movement_id=identifier if len(elements) == 1 else f"{identifier}#{number}",
            lot_number=lot.number,
            gtins=lot.gtins,
            day=day,
            kind=moves,
            quantity=signed(moves, amount),
            unit=unit,
            reference=_reference(event),
            balance=balance,
        )


def _step(event: dict[str, Any]) -> str:
    given = event.get("bizStep")
    step = given if isinstance(given, str) else ""
    for prefix in _PREFIXES:
        step = step.removeprefix(prefix)
    if step not in _MOVES and step not in _STILL:
        raise _Wrong("bizStep", f"{str(given)[:60]!r}: whether it moves stock is not known here")
    return step


def _day(given: Any, *, zone_offset: int) -> int:
    try:
        when = datetime.datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise _Wrong("eventTime", "is no time such as 2026-03-01T10:00:00.000+08:00") from None
    if when.tzinfo is None:
        raise _Wrong("eventTime", "names no time zone")
    try:
        day = day_at(int(when.timestamp()), zone_offset=zone_offset)
    except OverflowError:
        day = 0
    if day < 1:
        raise _Wrong("eventTime", "is before 1970")
    return day


def _quantity(given: Any, field: str, *, zero: bool = False) -> int:
    if type(given) is int and abs(given) < 10**20:
        text = str(given)
    elif (
        isinstance(given, Decimal)
        and abs(given.adjusted()) < 20
        and len(given.as_tuple().digits) < 40
    ):
        text = format(given, "f")
    else:
        raise _Wrong(field, "is no number that a stock can have")
    if zero and not Decimal(text):
        return 0
    try:
        return thousandths(text)
    except QuantityInvalid as error:
        raise _Wrong(field, str(error)) from error


def _reference(event: dict[str, Any]) -> str:
    given = event.get("bizTransactionList")
    if isinstance(given, list) and given and isinstance(given[0], dict):
        text = str(given[0].get("bizTransaction", ""))[:LONGEST_ID]
        _require_visible("bizTransactionList.0.bizTransaction", text)
        return text
    return ""


def _require_visible(field: str, text: str) -> None:
    found = hidden_in(text)
    if found is not None:
        raise _Wrong(field, f"has {found}")
