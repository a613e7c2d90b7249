"""The events of an EPCIS document or query document, in JSON or XML, as one kind of objects.

Versions 2.0, and 1.2 in XML, whose `extension` elements hold what 2.0 has in the event itself.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from lxml import etree

from app.domain.csv_rows import Finding, TableInvalid, text_of
from app.trade.documents import xml
from app.trade.documents.errors import DocumentError

EVENTS = frozenset(
    (
        *("ObjectEvent", "TransactionEvent", "AggregationEvent", "AssociationEvent"),
        "TransformationEvent",
    )
)
_ROOTS = ("EPCISDocument", "EPCISQueryDocument")
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?")
# Elements of version 1 around what an event of version 2 has without them.
_AROUND = frozenset(("extension", "baseExtension"))
_OURS = "cession"


def events_of(data: bytes, *, is_xml: bool) -> list[Any]:
    """The events in the document's order.

    Raises:
        TableInvalid: no such document, or one without events.
    """
    return _of_xml(data) if is_xml else _of_json(_parsed(data))


# ------------------------------------------------------------------ JSON


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


def _of_json(document: Any) -> list[Any]:
    kind = str(document.get("type")) if isinstance(document, dict) else ""
    if kind in EVENTS:  # one event by itself, as a repository's interface gives it
        return [document]
    if kind not in _ROOTS:
        raise TableInvalid([Finding(0, "type", f"is not {' or '.join(_ROOTS)}")])
    version = document.get("schemaVersion")
    if not isinstance(version, str) or not version.startswith("2."):
        raise TableInvalid([Finding(0, "schemaVersion", "is not 2.0")])
    path = "epcisBody"
    body = document.get(path)
    if kind == "EPCISQueryDocument":
        for name in ("queryResults", "resultsBody"):
            body = body.get(name) if isinstance(body, dict) else None
            path = f"{path}.{name}"
    events = body.get("eventList") if isinstance(body, dict) else None
    if not isinstance(events, list) or not events:
        raise TableInvalid([Finding(0, f"{path}.eventList", "is missing or empty")])
    return events


# ------------------------------------------------------------------ XML


def _of_xml(data: bytes) -> list[Any]:
    try:
        root = xml.parse(data)
    except DocumentError as error:
        raise TableInvalid([Finding(0, "", str(error))]) from error
    kind = _local(root)
    if kind not in _ROOTS:
        raise TableInvalid([Finding(0, "", f"the root {kind[:60]!r} is not {' or '.join(_ROOTS)}")])
    version = root.get("schemaVersion") or ""
    if not version.startswith(("2.", "1.2")):
        raise TableInvalid([Finding(0, "schemaVersion", "is neither 2.0 nor 1.2")])
    path = "EPCISBody/EventList"
    if kind == "EPCISQueryDocument":
        path = "EPCISBody/QueryResults/resultsBody/EventList"
    lists = root.findall("/".join(f"{{*}}{name}" for name in path.split("/")))
    events = [_event(one) for each in lists for one in _members(each)]
    if not events:
        raise TableInvalid([Finding(0, path.replace("/", "."), "is missing or empty")])
    return events


def _event(element: xml.Element) -> dict[str, Any]:
    found: dict[str, Any] = {"type": _local(element)}
    for one in _members(element):
        name = _local(one)
        if one.prefix == _OURS:
            name = f"{_OURS}:{name}"
        if name in found:
            raise TableInvalid([Finding(0, name[:60], "stands twice in one element")])
        found[name] = _value(name, one)
    return found


def _value(name: str, element: xml.Element) -> Any:
    match name:
        case "epcList" | "childEPCs" | "inputEPCList" | "outputEPCList":
            return [_text(one) for one in element]
        case "quantityList" | "childQuantityList":
            return [_quantity(one) for one in element]
        case "bizTransactionList":
            return [{"type": one.get("type"), "bizTransaction": _text(one)} for one in element]
        case "errorDeclaration":
            return {_local(one): _text(one) for one in element}
        case _ if name.startswith(_OURS):
            return _number(_text(element))
        case _:
            return _text(element)


def _quantity(element: xml.Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in element:
        name = _local(one)
        if name in found:
            raise TableInvalid([Finding(0, name[:60], "stands twice in one element")])
        found[name] = _number(_text(one)) if name == "quantity" else _text(one)
    return found


def _number(text: str) -> Any:
    """A number as JSON would have it; else the text, which is refused where it is read."""
    if _NUMBER.fullmatch(text) is None:
        return text
    return Decimal(text) if "." in text else int(text)


def _members(element: xml.Element) -> list[xml.Element]:
    """Its elements, and those of extensions in their place."""
    found: list[xml.Element] = []
    for one in element:
        found += _members(one) if _local(one) in _AROUND else [one]
    return found


def _local(element: xml.Element) -> str:
    return etree.QName(element).localname


def _text(element: xml.Element) -> str:
    return (element.text or "").strip()
