"""GS1 EPCIS 2.0 events (documents and query documents, in JSON or XML) as movements of stock.

What is read of the standard's fields, and the rest refused where it could move stock unseen:

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
| `bizStep` stock_taking | a count: what the movements before it must come to |
| `errorDeclaration` | takes the event of the same `eventID` back, by an adjustment |
| `cession:sequence`, `cession:balance` | extensions: the record's number; the stock after it |

Where no event has a `cession:sequence`, events go by time and then id, and the gateway numbers
them: a missing one shows when stock is counted. Steps that move nothing in or out (storing,
picking, inspecting, …) are counted and left aside. EPCIS knows no other adjustment of stock: send
that as CSV, the sequence runs on over both.
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
from app.domain.names import hidden_in
from app.goods.stock.epcis_documents import events_of
from app.goods.stock.epcis_lots import Wrong, quantities_of, quantity
from app.goods.stock.model import (
    ADJUSTED,
    LONGEST_ID,
    LOST,
    MOST_MOVEMENTS,
    MOST_SEQUENCE,
    RECEIVED,
    RELEASED,
    UNNUMBERED,
    Count,
    Movement,
    Undone,
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
_COUNTS = "stock_taking"
TAKEN_BACK = "!error"  # behind the id of an event that an error declaration takes back
_PREFIXES = (
    *("urn:epcglobal:cbv:bizstep:", "https://ref.gs1.org/cbv/BizStep-"),
    *("http://ref.gs1.org/cbv/BizStep-", "https://gs1.org/voc/Bizstep-", "cbv:BizStep-"),
)
_WITH_QUANTITIES = ("ObjectEvent", "TransactionEvent")
_OTHERS = ("AggregationEvent", "AssociationEvent")
# Members that say nothing of what happened: an error declaration repeats the rest.
_NOT_SAID = frozenset(("@context", "recordTime", "errorDeclaration"))


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
        """By time and id, as events without numbers go."""
        return self.at, self.identifier, self.place


class Read(msgspec.Struct, frozen=True):
    """Movements and counts in their order; `ignored` counts events that move nothing."""

    movements: list[Movement]
    counts: list[Count]
    ignored: int
    undone: list[Undone]


def read(data: bytes, *, zone_offset: int, is_xml: bool = False) -> Read:
    """Movements in their order: by number where the events have one, else by time and id.

    Raises:
        TableInvalid: a finding's line is the event's place in the list of events, from 1.
    """
    events: list[_Event] = []
    found: list[Finding] = []
    ignored, moved = 0, 0
    steps: dict[str, set[str]] = {}
    for place, given in enumerate(events_of(data, is_xml=is_xml), start=1):
        try:
            event = _event(given, place=place, zone_offset=zone_offset)
            if event is not None and not event.error:
                _require_one_way(steps, given, event.movements)
        except Wrong as error:
            found.append(Finding(place, error.field, str(error)))
            continue
        if event is None:
            ignored += 1
            continue
        ignored += not event.movements
        moved += len(event.movements)
        events.append(event)
        if moved > MOST_MOVEMENTS:
            raise TableInvalid([Finding(place, "", f"more than {MOST_MOVEMENTS:,} movements")])
    found += _half_numbered(events)
    both = _sent_and_taken_back(events)
    found += _otherwise_repeated(events, both)
    if found:
        raise TableInvalid(sorted(found, key=lambda one: one.line))
    if all(event.sequence == UNNUMBERED for event in events):
        events.sort(key=lambda event: event.order)
    movements: list[Movement] = []
    counts: list[Count] = []
    undone: list[Undone] = []
    for event in events:
        counts += [msgspec.structs.replace(one, after=len(movements)) for one in event.counts]
        if event.identifier not in both:
            movements += event.movements
            continue
        ignored += 1
        if event.error:
            undone += [Undone(one, len(movements), len(counts)) for one in event.movements]
    if not movements and not undone:
        raise TableInvalid([Finding(0, "eventList", "no event moves any stock")])
    return Read(movements, counts, ignored, undone)


def _half_numbered(events: list[_Event]) -> list[Finding]:
    """Numbers stand on all events that move stock, or on none."""
    moving = [event for event in events if event.movements]
    bare = [event for event in moving if event.sequence == UNNUMBERED]
    if not bare or len(bare) == len(moving):
        return []
    return [
        Finding(event.place, "cession:sequence", "is missing, other events have it")
        for event in bare
    ]


def _sent_and_taken_back(events: list[_Event]) -> set[str]:
    """Ids of events that the file tells and takes back: they come to nothing."""
    # Numbers have no hole: then both stand, and come to nothing in the books.
    if any(event.sequence != UNNUMBERED for event in events):
        return set()
    sent = Counter(event.identifier for event in events if event.movements and not event.error)
    return {event.identifier for event in events if event.error and sent[event.identifier] == 1}


def _otherwise_repeated(events: list[_Event], both: set[str]) -> Iterator[Finding]:
    """Where an error names other goods than the event that it takes back."""
    sent = {one.identifier: one for one in events if one.identifier in both and not one.error}
    for event in events:
        if event.identifier in both and event.error:
            told = [(one.lot, -one.quantity, one.unit) for one in sent[event.identifier].movements]
            if told != [(one.lot, one.quantity, one.unit) for one in event.movements]:
                words = "takes back another lot or quantity than was sent: repeat it as it was"
                yield Finding(event.place, "errorDeclaration", words)


def _require_one_way(steps: dict[str, set[str]], event: Any, own: list[Movement]) -> None:
    """A lot's goods are told by whole processes or by their parts: both would count twice."""
    for one in own:
        step = _step(event)
        told = steps.setdefault(one.lot, set())
        told.add(step)
        for part, whole in _EXCLUSIVE.items():
            if {part, whole} <= told:
                words = f"{part} and {whole} of lot {one.lot_number!r} tell the same movement twice"
                raise Wrong("bizStep", f"{words}: the CBV has one or the other")


def _event(event: Any, *, place: int, zone_offset: int) -> _Event | None:
    """What an event moves or counts; None: it does neither."""
    if not isinstance(event, dict):
        raise Wrong("", "the event is no object")
    kind = event.get("type")
    step = _step(event)
    if kind in _OTHERS and step not in _MOVES:
        return None
    if kind not in _WITH_QUANTITIES:
        raise Wrong("type", f"{str(kind)[:40]!r} cannot be read as a movement of stock")
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
        raise Wrong("action", f"of {step} is one of {', '.join(sorted(actions))}")
    identifier = _identifier(event)
    if error is not None:
        declared = error.get("declarationTime") if isinstance(error, dict) else None
        at = _time(declared, "errorDeclaration.declarationTime")
    sequence = event.get("cession:sequence", UNNUMBERED)
    if "cession:sequence" in event and (
        type(sequence) is not int or not 1 <= sequence <= MOST_SEQUENCE
    ):
        raise Wrong("cession:sequence", "is no whole number from 1")
    own = list(
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
        own = [_taken_back(one) for one in own]
    return _Event(place, identifier, at, sequence, error is not None, own, [])


def _taken_back(one: Movement) -> Movement:
    """The adjustment that undoes a movement."""
    return msgspec.structs.replace(
        one,
        movement_id=one.movement_id + TAKEN_BACK,
        takes_back=one.movement_id,
        kind=ADJUSTED,
        quantity=-one.quantity,
        balance=None,
    )


def _identifier(event: dict[str, Any]) -> str:
    """The event's own; one that is reckoned from all that it says where it has none."""
    identifier = event.get("eventID")
    if identifier is None:
        said = {name: one for name, one in event.items() if name not in _NOT_SAID}
        text = json.dumps(said, sort_keys=True, default=str)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    longest = LONGEST_ID - 6 - len(TAKEN_BACK)
    if (
        not isinstance(identifier, str)
        or not 1 <= len(identifier) <= longest
        or not identifier.isprintable()
    ):
        raise Wrong("eventID", f"is empty, not printable, or longer than {longest}")
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
        raise Wrong("quantityList", "is missing or empty")
    if balance is not None and len(elements) > 1:
        raise Wrong("cession:balance", "is given for events of one quantity only")
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
    """What was counted of each lot of an article; a class without a lot says nothing of one."""
    found: list[Count] = []
    for lot, amount, unit in quantities_of(event, counting=True):
        one = Count(line=place, lot_number=lot.number, quantity=amount, unit=unit, gtins=lot.gtins)
        for index, other in enumerate(found):
            if (other.lot, other.unit) == (one.lot, one.unit) and other.gtins & one.gtins:
                found[index] = msgspec.structs.replace(
                    other,
                    quantity=other.quantity + amount,
                    gtins=other.gtins & one.gtins,
                )
                break
        else:
            found.append(one)
    yield from found


def _step(event: dict[str, Any]) -> str:
    given = event.get("bizStep")
    step = given if isinstance(given, str) else ""
    for prefix in _PREFIXES:
        step = step.removeprefix(prefix)
    if step not in _MOVES and step not in _STILL:
        raise Wrong("bizStep", f"{str(given)[:60]!r}: whether it moves stock is not known here")
    return step


def _time(given: Any, field: str) -> datetime.datetime:
    try:
        when = datetime.datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise Wrong(field, "is no time such as 2026-03-01T10:00:00.000+08:00") from None
    if when.tzinfo is None:
        raise Wrong(field, "names no time zone")
    return when


def _day(when: datetime.datetime, *, zone_offset: int) -> int:
    try:
        day = day_at(int(when.timestamp()), zone_offset=zone_offset)
    except OverflowError:
        day = 0
    if day < 1:
        raise Wrong("eventTime", "is before 1970")
    return day


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
        raise Wrong(field, f"has {found}")
