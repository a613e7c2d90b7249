"""GS1 EPCIS 2.0 events (documents and query documents, in JSON or XML) as movements of stock.

The fields of the standard that the gateway reads. It refuses any other that could move stock:

| EPCIS 2.0 | here |
| --- | --- |
| `ObjectEvent`, `TransactionEvent` | a record |
| `eventID` | the movement's id, `eventID#1`, `#2` for several lots; without one, a hash |
| `eventTime` | the day, in the ledger's zone |
| `bizStep` receiving, or accepting in its place (`OBSERVE`, `ADD`) | received |
| `bizStep` shipping, or departing in its place (`OBSERVE`, `DELETE`) | released |
| `bizStep` destroying (`OBSERVE`, `DELETE`) | lost |
| `quantityList[].epcClass` | the lot: LGTIN as URN, or GS1 Digital Link with AI 01 and 10 |
| `epcList[]` | one piece each: GS1 Digital Links with AI 01, 10 and 21 |
| the same: company prefix and item, or AI 01 | the article (GTIN-14), which must be the lot's |
| `quantityList[].quantity`, `uom` | quantity and unit (UN/ECE recommendation 20); pieces (H87) |
| `bizTransactionList[0].bizTransaction` | the reference |
| `bizStep` stock_taking | a count: the movements before it must sum to it |
| `errorDeclaration` | an adjustment that takes back the event of the same `eventID` |
| `cession:sequence`, `cession:balance` | extensions: the record's number; the stock after it |

If no event has a `cession:sequence`, the gateway sorts the events by time and then id, and
numbers them. A missing event then shows only when stock is counted. The gateway ignores steps that
move nothing in or out (storing, picking, inspecting, …), and says how many. EPCIS has no other
adjustment of stock: send that as CSV; the sequence continues over both formats.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from app.domain.calendar import day_at
from app.domain.csv_rows import Finding, TableInvalid
from app.domain.hidden_text import hidden_in
from app.domain.texts import say, text_of
from app.goods.stock.epcis_documents import events_of
from app.goods.stock.epcis_lots import EventInvalid, quantities_of, quantity
from app.goods.stock.model import (
    ADJUSTED,
    LOST,
    MAX_ID,
    MAX_MOVEMENTS,
    MAX_SEQUENCE,
    RECEIVED,
    RELEASED,
    UNNUMBERED,
    Count,
    Movement,
    Reversal,
    signed,
)

# CBV 2.0, 7.1.2: `receiving` and `shipping` name a whole process. A trading partner that reports
# its parts uses `arriving` and `accepting`, or `staging_outbound`, `loading` and `departing`,
# instead, never both. The part in which the goods change hands is the movement.
_MOVES = {
    "receiving": (RECEIVED, frozenset(("OBSERVE", "ADD"))),
    "accepting": (RECEIVED, frozenset(("OBSERVE", "ADD"))),
    "shipping": (RELEASED, frozenset(("OBSERVE", "DELETE"))),
    "departing": (RELEASED, frozenset(("OBSERVE", "DELETE"))),
    "destroying": (LOST, frozenset(("OBSERVE", "DELETE"))),
}
# Steps of the CBV 2.0 that bring nothing in and take nothing out.
_NO_MOVE = frozenset(
    (
        *("arriving", "cycle_counting", "encoding", "holding"),
        *("inspecting", "loading", "packing", "picking", "reserving", "sampling"),
        *("sensor_reporting", "staging_outbound", "stock_taking", "stocking", "storing"),
        *("unloading", "unpacking"),
    )
)
_EXCLUSIVE = {"accepting": "receiving", "departing": "shipping"}
_COUNTS = "stock_taking"
TAKEN_BACK = "!error"  # behind the id of an event that an error declaration takes back
_PREFIXES = (
    *("urn:epcglobal:cbv:bizstep:", "https://ref.gs1.org/cbv/BizStep-"),
    *("http://ref.gs1.org/cbv/BizStep-", "https://gs1.org/voc/Bizstep-", "cbv:BizStep-"),
)
_WITH_QUANTITIES = ("ObjectEvent", "TransactionEvent")
_WITHOUT_QUANTITIES = ("AggregationEvent", "AssociationEvent")
# Members that do not say what happened: an error declaration repeats the others.
_NOT_HASHED = frozenset(("@context", "recordTime", "errorDeclaration"))


class _Event(msgspec.Struct, frozen=True):
    """An event that moves or counts stock."""

    place: int
    identifier: str
    at: datetime.datetime
    sequence: int
    error: bool
    movements: list[Movement]
    counts: list[Count]

    @property
    def order(self) -> tuple[datetime.datetime, str, int]:
        """By time and id: the order of events without numbers."""
        return self.at, self.identifier, self.place


class EpcisMovements(msgspec.Struct, frozen=True):
    """Movements and counts in order; `ignored` is the number of events that move nothing."""

    movements: list[Movement]
    counts: list[Count]
    ignored: int
    reversals: list[Reversal]


def read(data: bytes, *, zone_offset: int, is_xml: bool = False) -> EpcisMovements:
    """Movements in order: by number if the events have numbers, else by time and id.

    Raises:
        TableInvalid: a finding's line is the event's place in the list of events, from 1.
    """
    events: list[_Event] = []
    findings: list[Finding] = []
    ignored, movement_count = 0, 0
    steps: dict[str, set[str]] = {}
    for place, source in enumerate(events_of(data, is_xml=is_xml), start=1):
        try:
            event = _event(source, place=place, zone_offset=zone_offset)
            if event is not None and not event.error:
                _require_one_way(steps, source, event.movements)
        except EventInvalid as error:
            findings.append(Finding(place, error.field, text_of(error)))
            continue
        if event is None:
            ignored += 1
            continue
        ignored += not event.movements
        movement_count += len(event.movements)
        events.append(event)
        if movement_count > MAX_MOVEMENTS:
            detail = say("more than {max:number} movements", max=MAX_MOVEMENTS)
            raise TableInvalid([Finding(place, "", detail)])
    findings += _half_numbered(events)
    cancelled = _sent_and_taken_back(events)
    findings += _otherwise_repeated(events, cancelled)
    if findings:
        raise TableInvalid(sorted(findings, key=lambda finding: finding.line))
    if all(event.sequence == UNNUMBERED for event in events):
        events.sort(key=lambda event: event.order)
    movements: list[Movement] = []
    counts: list[Count] = []
    reversals: list[Reversal] = []
    for event in events:
        counts += [msgspec.structs.replace(count, after=len(movements)) for count in event.counts]
        if event.identifier not in cancelled:
            movements += event.movements
            continue
        ignored += 1
        if event.error:
            reversals += [
                Reversal(movement, len(movements), len(counts)) for movement in event.movements
            ]
    if not movements and not reversals:
        raise TableInvalid([Finding(0, "eventList", say("no event moves any stock"))])
    return EpcisMovements(movements, counts, ignored, reversals)


def _half_numbered(events: list[_Event]) -> list[Finding]:
    """All events that move stock have numbers, or none has."""
    moving = [event for event in events if event.movements]
    unnumbered = [event for event in moving if event.sequence == UNNUMBERED]
    if not unnumbered or len(unnumbered) == len(moving):
        return []
    return [
        Finding(event.place, "cession:sequence", say("is missing; other events have it"))
        for event in unnumbered
    ]


def _sent_and_taken_back(events: list[_Event]) -> set[str]:
    """Ids of events that the file both states and takes back, so that neither counts."""
    # Numbers have no gap: with numbers both events stay, and their movements sum to zero.
    if any(event.sequence != UNNUMBERED for event in events):
        return set()
    sent = Counter(event.identifier for event in events if event.movements and not event.error)
    return {event.identifier for event in events if event.error and sent[event.identifier] == 1}


def _otherwise_repeated(events: list[_Event], cancelled: set[str]) -> Iterator[Finding]:
    """Finds error declarations that name other goods than the event that they take back."""
    sent = {
        event.identifier: event
        for event in events
        if event.identifier in cancelled and not event.error
    }
    for event in events:
        if event.identifier in cancelled and event.error:
            expected = [
                (movement.lot, -movement.quantity, movement.unit)
                for movement in sent[event.identifier].movements
            ]
            stated = [
                (movement.lot, movement.quantity, movement.unit) for movement in event.movements
            ]
            if stated != expected:
                detail = say("takes back another lot or quantity than was sent: repeat it as sent")
                yield Finding(event.place, "errorDeclaration", detail)


def _require_one_way(steps: dict[str, set[str]], event: Any, movements: list[Movement]) -> None:
    """A lot's events report whole processes or their parts: both would count twice."""
    for movement in movements:
        step = _step(event)
        lot_steps = steps.setdefault(movement.lot, set())
        lot_steps.add(step)
        for part, whole in _EXCLUSIVE.items():
            if {part, whole} <= lot_steps:
                detail = say(
                    "{part} and {whole} report the same movement of lot {lot}: use one of the two "
                    "(CBV 2.0, 7.1.2)",
                    part=part,
                    whole=whole,
                    lot=repr(movement.lot_number),
                )
                raise EventInvalid("bizStep", detail)


def _event(event: Any, *, place: int, zone_offset: int) -> _Event | None:
    """An event that moves or counts stock; None if it does neither."""
    if not isinstance(event, dict):
        raise EventInvalid("", say("the event is no object"))
    kind = event.get("type")
    step = _step(event)
    if kind in _WITHOUT_QUANTITIES and step not in _MOVES:
        return None
    if kind not in _WITH_QUANTITIES:
        raise EventInvalid(
            "type", say("{kind} cannot be read as a movement of stock", kind=repr(str(kind)[:40]))
        )
    error = event.get("errorDeclaration")
    if step not in _MOVES and (step != _COUNTS or error is not None):
        return None
    at = _time(event.get("eventTime"), "eventTime")
    if step == _COUNTS:
        _day(at, zone_offset=zone_offset)
        counts = list(_counted(event, place=place))
        return _Event(place, "", at, UNNUMBERED, False, [], counts) if counts else None
    moves, actions = _MOVES[step]
    if str(event.get("action")) not in actions:
        raise EventInvalid(
            "action",
            say("must be {actions} for {step}", actions=" or ".join(sorted(actions)), step=step),
        )
    identifier = _identifier(event)
    if error is not None:
        declared = error.get("declarationTime") if isinstance(error, dict) else None
        at = _time(declared, "errorDeclaration.declarationTime")
    sequence = event.get("cession:sequence", UNNUMBERED)
    if "cession:sequence" in event and (
        type(sequence) is not int or not 1 <= sequence <= MAX_SEQUENCE
    ):
        raise EventInvalid("cession:sequence", say("is no whole number from 1"))
    movements = list(
        _movements(
            event,
            place=place,
            sequence=sequence,
            moves=moves,
            identifier=identifier,
            day=_day(at, zone_offset=zone_offset),
        )
    )
    if error is not None:
        movements = [_taken_back(movement) for movement in movements]
    return _Event(place, identifier, at, sequence, error is not None, movements, [])


def _taken_back(movement: Movement) -> Movement:
    """The adjustment that reverses a movement."""
    return msgspec.structs.replace(
        movement,
        movement_id=movement.movement_id + TAKEN_BACK,
        takes_back=movement.movement_id,
        kind=ADJUSTED,
        quantity=-movement.quantity,
        balance=None,
    )


def _identifier(event: dict[str, Any]) -> str:
    """The event's own id; without one, a hash of what the event says."""
    identifier = event.get("eventID")
    if identifier is None:
        hashed = {name: value for name, value in event.items() if name not in _NOT_HASHED}
        text = json.dumps(hashed, sort_keys=True, default=str)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    maximum = MAX_ID - 6 - len(TAKEN_BACK)
    if (
        not isinstance(identifier, str)
        or not 1 <= len(identifier) <= maximum
        or not identifier.isprintable()
    ):
        raise EventInvalid(
            "eventID", say("is empty, not printable, or longer than {max}", max=maximum)
        )
    _require_visible("eventID", identifier)
    return identifier


def _movements(
    event: dict[str, Any], *, place: int, sequence: int, moves: str, identifier: str, day: int
) -> Iterator[Movement]:
    balance = None
    if "cession:balance" in event:
        balance = quantity(event["cession:balance"], "cession:balance", zero=True)
    elements = quantities_of(event)
    if not elements:
        raise EventInvalid("quantityList", say("is missing or empty"))
    if balance is not None and len(elements) > 1:
        raise EventInvalid("cession:balance", say("is allowed only in events of one quantity"))
    for number, (lot, amount, unit) in enumerate(elements, start=1):
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


def _counted(event: dict[str, Any], *, place: int) -> Iterator[Count]:
    """The count of each lot of an article; classes without a lot are ignored."""
    counts: list[Count] = []
    for lot, amount, unit in quantities_of(event, counting=True):
        count = Count(
            line=place, lot_number=lot.number, quantity=amount, unit=unit, gtins=lot.gtins
        )
        for index, other in enumerate(counts):
            if (other.lot, other.unit) == (count.lot, count.unit) and other.gtins & count.gtins:
                counts[index] = msgspec.structs.replace(
                    other,
                    quantity=other.quantity + amount,
                    gtins=other.gtins & count.gtins,
                )
                break
        else:
            counts.append(count)
    yield from counts


def _step(event: dict[str, Any]) -> str:
    value = event.get("bizStep")
    step = value if isinstance(value, str) else ""
    for prefix in _PREFIXES:
        step = step.removeprefix(prefix)
    if step not in _MOVES and step not in _NO_MOVE:
        raise EventInvalid(
            "bizStep",
            say("{step} is an unknown step, which may move stock", step=repr(str(value)[:60])),
        )
    return step


def _time(value: Any, field: str) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise EventInvalid(field, say("is no time such as 2026-03-01T10:00:00.000+08:00")) from None
    if moment.tzinfo is None:
        raise EventInvalid(field, say("names no time zone"))
    return moment


def _day(moment: datetime.datetime, *, zone_offset: int) -> int:
    try:
        day = day_at(int(moment.timestamp()), zone_offset=zone_offset)
    except OverflowError:
        day = 0
    if day < 1:
        raise EventInvalid("eventTime", say("is before 1970"))
    return day


def _reference(event: dict[str, Any]) -> str:
    transactions = event.get("bizTransactionList")
    if isinstance(transactions, list) and transactions and isinstance(transactions[0], dict):
        text = str(transactions[0].get("bizTransaction", ""))[:MAX_ID]
        _require_visible("bizTransactionList.0.bizTransaction", text)
        return text
    return ""


def _require_visible(field: str, text: str) -> None:
    hidden = hidden_in(text)
    if hidden is not None:
        raise EventInvalid(field, say("has {hidden}", hidden=hidden))
