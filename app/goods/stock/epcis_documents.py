"""The events of an EPCIS document or query document, in JSON or XML, as objects of one shape.

It reads version 2.0, and 1.2 in XML. `extension` elements of 1.2 hold what 2.0 has in the event.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from lxml import etree

from app.domain.csv_rows import Finding, TableInvalid
from app.domain.csv_rows import text_of as decoded
from app.domain.plain_json import repeated_in
from app.domain.texts import say, text_of
from app.trade.documents import xml
from app.trade.documents.errors import DocumentError

EVENTS = frozenset(
    (
        *("ObjectEvent", "TransactionEvent", "AggregationEvent", "AssociationEvent"),
        "TransformationEvent",
    )
)
_ROOTS = ("EPCISDocument", "EPCISQueryDocument")
_CHOICES = say("{first} or {second}", first=_ROOTS[0], second=_ROOTS[1])
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?")
# Elements of version 1 that wrap what an event of version 2 holds directly.
_WRAPPERS = frozenset(("extension", "baseExtension"))
_PREFIX = "cession"


def events_of(data: bytes, *, is_xml: bool) -> list[Any]:
    """The events in the document's order.

    Raises:
        TableInvalid: it is no such document, or it has no events.
    """
    return _of_xml(data) if is_xml else _of_json(_parsed(data))


# ------------------------------------------------------------------ JSON


def _parsed(data: bytes) -> Any:
    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        members_by_name = dict(members)
        if len(members_by_name) < len(members):
            raise ValueError(f"{repeated_in(members)[:40]!r} is there twice in one object")
        return members_by_name

    def constant(text: str) -> Any:
        raise ValueError(f"{text} is no number of JSON")

    text = decoded(data)
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=constant, object_pairs_hook=pairs
        )
    except RecursionError:
        raise TableInvalid([Finding(0, "", say("the JSON is nested too deeply"))]) from None
    except ValueError as error:
        detail = say("is no JSON: {error}", error=ascii(str(error)[:200]))
        raise TableInvalid([Finding(0, "", detail)]) from error


def _of_json(document: Any) -> list[Any]:
    kind = str(document.get("type")) if isinstance(document, dict) else ""
    if kind in EVENTS:  # one event by itself, as an EPCIS repository returns it
        return [document]
    if kind not in _ROOTS:
        raise TableInvalid([Finding(0, "type", say("is not {choices}", choices=_CHOICES))])
    version = document.get("schemaVersion")
    if not isinstance(version, str) or not version.startswith("2."):
        raise TableInvalid([Finding(0, "schemaVersion", say("is not 2.0"))])
    path = "epcisBody"
    body = document.get(path)
    if kind == "EPCISQueryDocument":
        for name in ("queryResults", "resultsBody"):
            body = body.get(name) if isinstance(body, dict) else None
            path = f"{path}.{name}"
    events = body.get("eventList") if isinstance(body, dict) else None
    if not isinstance(events, list) or not events:
        raise TableInvalid([Finding(0, f"{path}.eventList", say("is missing or empty"))])
    return events


# ------------------------------------------------------------------ XML


def _of_xml(data: bytes) -> list[Any]:
    try:
        root = xml.parse(data)
    except DocumentError as error:
        raise TableInvalid([Finding(0, "", text_of(error))]) from error
    kind = _local(root)
    if kind not in _ROOTS:
        detail = say("the root {root} is not {choices}", root=repr(kind[:60]), choices=_CHOICES)
        raise TableInvalid([Finding(0, "", detail)])
    version = root.get("schemaVersion") or ""
    if not version.startswith(("2.", "1.2")):
        raise TableInvalid([Finding(0, "schemaVersion", say("is neither 2.0 nor 1.2"))])
    path = "EPCISBody/EventList"
    if kind == "EPCISQueryDocument":
        path = "EPCISBody/QueryResults/resultsBody/EventList"
    lists = root.findall("/".join(f"{{*}}{name}" for name in path.split("/")))
    events = [_event(element) for event_list in lists for element in _members(event_list)]
    if not events:
        raise TableInvalid([Finding(0, path.replace("/", "."), say("is missing or empty"))])
    return events


def _event(element: xml.Element) -> dict[str, Any]:
    event: dict[str, Any] = {"type": _local(element)}
    for member in _members(element):
        name = _local(member)
        if member.prefix == _PREFIX:
            name = f"{_PREFIX}:{name}"
        if name in event:
            raise TableInvalid([Finding(0, name[:60], say("is there twice in one element"))])
        event[name] = _value(name, member)
    return event


def _value(name: str, element: xml.Element) -> Any:
    match name:
        case "epcList" | "childEPCs" | "inputEPCList" | "outputEPCList":
            return [_text(child) for child in element]
        case "quantityList" | "childQuantityList":
            return [_quantity(child) for child in element]
        case "bizTransactionList":
            return [
                {"type": child.get("type"), "bizTransaction": _text(child)} for child in element
            ]
        case "errorDeclaration":
            return {_local(child): _text(child) for child in element}
        case _ if name.startswith(_PREFIX):
            return _number(_text(element))
        case _:
            return _text(element)


def _quantity(element: xml.Element) -> dict[str, Any]:
    quantity: dict[str, Any] = {}
    for child in element:
        name = _local(child)
        if name in quantity:
            raise TableInvalid([Finding(0, name[:60], say("is there twice in one element"))])
        quantity[name] = _number(_text(child)) if name == "quantity" else _text(child)
    return quantity


def _number(text: str) -> Any:
    """A number as JSON would have it; else the text, which the reader refuses later."""
    if _NUMBER.fullmatch(text) is None:
        return text
    return Decimal(text) if "." in text else int(text)


def _members(element: xml.Element) -> list[xml.Element]:
    """The child elements; in place of an extension, the elements in it."""
    members: list[xml.Element] = []
    for child in element:
        members += _members(child) if _local(child) in _WRAPPERS else [child]
    return members


def _local(element: xml.Element) -> str:
    return etree.QName(element).localname


def _text(element: xml.Element) -> str:
    return (element.text or "").strip()
