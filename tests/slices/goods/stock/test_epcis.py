"""EPCIS as exporters write it: JSON, XML, queries, errors, counts, Digital Links."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from app.domain.csv_rows import TableInvalid
from app.goods.stock.articles import Lot, read_lot
from app.goods.stock.model import Count, LedgerLot, StockFile, StoredMovement, check, numbered
from app.goods.stock.reader import read_stock_file
from tests.support.bodies import Json

ZONE = 8 * 3600
LGTIN = "urn:epc:class:lgtin:0690123.456789.L1"
GTIN = "06901234567892"
LINK = f"https://id.gs1.org/01/{GTIN}/10/L1"


def event(name: str, quantity: float | str | None = 10, *, at: str = "10:00", **more: Any) -> Json:
    """An event that brings goods in."""
    body = {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:{name}",
        "eventTime": f"2026-03-02T{at}:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "receiving",
        "quantityList": [{"epcClass": LGTIN, "quantity": quantity, "uom": "KGM"}],
    }
    return body | more


def document(*events: Json, query: bool = False) -> bytes:
    """A document, or the answer to a query."""
    body: Json = {"eventList": list(events)}
    if query:
        results = {"queryName": "SimpleEventQuery", "resultsBody": body}
        body = {"queryResults": results}
    kind = "EPCISQueryDocument" if query else "EPCISDocument"
    head = {"type": kind, "schemaVersion": "2.0", "creationDate": "2026-03-03T00:00:00Z"}
    return json.dumps(head | {"epcisBody": body}).encode()


def xml_event(source_event: Json, *, version: str) -> str:
    """The same event in XML; version 1.2 has what came later in extensions."""
    quantities = "".join(
        "<quantityElement>"
        + "".join(f"<{name}>{value}</{name}>" for name, value in element.items())
        + "</quantityElement>"
        for element in source_event.get("quantityList", ())
    )
    quantities = f"<quantityList>{quantities}</quantityList>" if quantities else ""
    identifier = (
        f"<eventID>{source_event['eventID']}</eventID>" if "eventID" in source_event else ""
    )
    error = source_event.get("errorDeclaration")
    if error:
        identifier += (
            f"<errorDeclaration><declarationTime>{error['declarationTime']}</declarationTime>"
            "<reason>incorrect_data</reason></errorDeclaration>"
        )
    if version == "1.2":
        quantities = quantities and f"<extension>{quantities}</extension>"
        identifier = identifier and f"<baseExtension>{identifier}</baseExtension>"
    items = "".join(f"<epc>{item}</epc>" for item in source_event.get("epcList", ()))
    ours = "".join(
        f"<cession:{name}>{source_event[f'cession:{name}']}</cession:{name}>"
        for name in ("sequence", "balance")
        if f"cession:{name}" in source_event
    )
    return (
        f"<{source_event['type']}><eventTime>{source_event['eventTime']}</eventTime>"
        f"<eventTimeZoneOffset>+08:00</eventTimeZoneOffset>{identifier}<epcList>{items}</epcList>"
        f"<action>{source_event['action']}</action><bizStep>{source_event['bizStep']}</bizStep>"
        "<bizTransactionList><bizTransaction type='desadv'>urn:x:note:7</bizTransaction>"
        f"</bizTransactionList>{quantities}{ours}</{source_event['type']}>"
    )


def xml_document(*events: Json, version: str = "2.0", query: bool = False) -> bytes:
    """The same document in XML."""
    listed = "".join(xml_event(item, version=version) for item in events)
    body = f"<EventList>{listed}</EventList>"
    name = "EPCISDocument"
    if query:
        name = "EPCISQueryDocument"
        body = (
            "<query:QueryResults xmlns:query='urn:epcglobal:epcis-query:xsd:2'><queryName>q"
            f"</queryName><resultsBody>{body}</resultsBody></query:QueryResults>"
        )
    return (
        f"<?xml version='1.0'?><epcis:{name} xmlns:epcis='urn:epcglobal:epcis:xsd:{version[0]}' "
        f"xmlns:cession='https://example.org/cession/epcis/' schemaVersion='{version}'>"
        f"<EPCISBody>{body}</EPCISBody></epcis:{name}>"
    ).encode()


def read(content: bytes) -> StockFile:
    """A file of movements."""
    return read_stock_file(content, zone_offset=ZONE)


def refused(content: bytes) -> list[tuple[int, str]]:
    """Line and field of each finding."""
    with pytest.raises(TableInvalid) as caught:
        read(content)
    return [(finding.line, finding.field) for finding in caught.value.findings]


# -- order


def test_events_without_sequence_numbers_are_ordered_by_time_and_id() -> None:
    events = [
        event("c", 3, at="12:00"),
        event("b", 2, eventTime="2026-03-02T01:00:00Z"),  # 09:00 there
        event("z", 4, at="12:00"),
        event("a", 1, at="08:00"),
    ]
    movements = numbered(read(document(*events)).movements, after=40)
    assert [(movement.sequence, movement.quantity) for movement in movements] == [
        *((41, 1_000), (42, 2_000), (43, 3_000), (44, 4_000)),
    ]
    check(movements, last_sequence=40)


def test_lots_of_one_event_share_its_number() -> None:
    two = event("a")
    two["quantityList"] = [
        {"epcClass": f"urn:epc:class:lgtin:0690123.456789.L{n}", "quantity": n, "uom": "KGM"}
        for n in (1, 2)
    ]
    movements = numbered(read(document(two, event("b", at="11:00"))).movements, after=0)
    assert [(movement.sequence, movement.movement_id) for movement in movements] == [
        *((1, "urn:uuid:a#1"), (1, "urn:uuid:a#2"), (2, "urn:uuid:b")),
    ]
    check(movements, last_sequence=0)


def test_sequence_numbers_are_on_all_events_or_on_none() -> None:
    with_one = event("a") | {"cession:sequence": 1}
    assert refused(document(with_one, event("b"))) == [(2, "cession:sequence")]


def test_event_without_an_id_is_recognised_by_its_content() -> None:
    bare = event("a")
    del bare["eventID"]
    (first,) = read(document(bare)).movements
    (again,) = read(document(bare | {"recordTime": "2026-03-09T00:00:00Z"})).movements
    assert first.movement_id == again.movement_id
    (other,) = read(document(bare | {"eventTime": "2026-03-02T10:00:01+08:00"})).movements
    assert other.movement_id != first.movement_id
    with pytest.raises(TableInvalid, match="is on line 1 already"):
        check(read(document(bare, bare)).movements)


# -- documents


@pytest.mark.parametrize("version", ["2.0", "1.2"])
@pytest.mark.parametrize("query", [False, True])
def test_xml_gives_the_same_movements_as_json(version: str, query: bool) -> None:
    transaction = [{"type": "desadv", "bizTransaction": "urn:x:note:7"}]
    events = [
        event("a", 12.5, bizTransactionList=transaction),
        event("s", bizStep="storing"),
        event("b", 2, at="11:00", bizStep="shipping", bizTransactionList=transaction),
        event("n", 10.5, at="12:00", bizStep="stock_taking"),
    ]
    plain = read(document(*events, query=query))
    assert (len(plain.movements), len(plain.counts), plain.ignored) == (2, 1, 2)
    assert read(xml_document(*events, version=version, query=query)) == plain
    in_order = [item | {"cession:sequence": place} for place, item in enumerate(events, start=7)]
    in_order[0]["cession:balance"] = 99.5
    assert read(xml_document(*in_order, version=version)) == read(document(*in_order))


def test_single_event_is_read() -> None:
    assert read(json.dumps(event("a")).encode()) == read(document(event("a")))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_xml_in_other_encodings_is_read(encoding: str) -> None:
    assert read(xml_document(event("a")).decode().encode(encoding)).movements[0].quantity == 10_000


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (xml_document(), "EPCISBody.EventList"),
        (xml_document(query=True), "EPCISBody.QueryResults.resultsBody.EventList"),
        (xml_document(event("a"), version="3.0"), "schemaVersion"),
        (b"<a/>", ""),
        (b"<a", ""),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", ""),
        (b"<a>" * 100 + b"</a>" * 100, ""),
        (xml_document(event("a")).replace(b"<action>", b"<action>x</action><action>"), "action"),
        (xml_document(event("a")).replace(b"<uom>", b"<uom>x</uom><uom>"), "uom"),
        (document(query=True), "epcisBody.queryResults.resultsBody.eventList"),
        (document().replace(b"EPCISDocument", b"EPCISQueryDocument"), "epcisBody"),
        (document(event("s", bizStep="storing")), "eventList"),
        (b'{"type": {}}', "type"),
        (b"[]", "type"),
    ],
)
def test_file_is_refused_when_it_is_no_event_document(content: bytes, field: str) -> None:
    ((_, refused_field),) = refused(content)
    assert refused_field.startswith(field)


@pytest.mark.parametrize("number", ["ten", "1e3", "NaN", "", "9" * 31, "-1", "0x10"])
def test_a_quantity_in_xml_is_a_plain_number(number: str) -> None:
    content = xml_document(event("a", "QUANTITY")).replace(b"QUANTITY", number.encode())
    assert refused(content) == [(1, "quantityList.0.quantity")]


# -- errors


def declared(wrong_event: Json, *, at: str = "13:00") -> Json:
    """The error declaration of an event."""
    time = f"2026-03-03T{at}:00.000+08:00"
    return wrong_event | {"errorDeclaration": {"declarationTime": time, "reason": "incorrect_data"}}


@pytest.mark.parametrize("make", [document, xml_document])
def test_event_and_its_error_declaration_in_one_file_cancel_out(make: Callable[..., bytes]) -> None:
    wrong, right = event("a", 7), event("b", 10, at="11:00")
    file = read(make(wrong, declared(wrong), right))
    assert [movement.movement_id for movement in file.movements] == ["urn:uuid:b"]
    assert file.ignored == 2


def test_error_declaration_reverses_a_stored_event_that_the_file_repeats() -> None:
    wrong, right = event("a", 7), event("b", 10, at="11:00")
    later = "2026-03-03T14:00:00.000+08:00"
    counted = event("n", 10, bizStep="stock_taking", eventTime=later)
    file = read(document(wrong, declared(wrong), right, counted))
    file.settle({"urn:uuid:a"})
    assert [(movement.movement_id, movement.quantity) for movement in file.movements] == [
        *(("urn:uuid:b", 10_000), ("urn:uuid:a!error", -7_000)),
    ]
    assert [count.after for count in file.counts] == [2]
    alone = read(document(wrong, declared(wrong)))
    alone.settle({"urn:uuid:a"})
    assert [movement.quantity for movement in alone.movements] == [-7_000]
    nothing = read(document(wrong, declared(wrong)))
    with pytest.raises(TableInvalid, match="no event moves any stock"):
        nothing.settle(())


def test_error_declaration_is_refused_when_it_names_other_goods() -> None:
    wrong = event("a", 90, bizStep="shipping")
    with pytest.raises(TableInvalid) as caught:
        read(document(wrong, declared(event("a", 1, bizStep="shipping"))))
    assert [finding.field for finding in caught.value.findings] == ["errorDeclaration"]


def test_error_declaration_reverses_a_stored_event() -> None:
    (back,) = read(document(declared(event("a", 7, bizStep="shipping")))).movements
    assert (back.kind, back.quantity, back.takes_back) == ("adjusted", 7_000, "urn:uuid:a")
    assert back.movement_id == "urn:uuid:a!error"
    assert back.day == 20_515  # 2026-03-03, the day on which it was declared
    lots = {back.lot: LedgerLot("KGM", 0, None, 5)}
    check([back], stored={"urn:uuid:a": StoredMovement(5, -7_000)}, lots=lots)
    for stored in (
        {},
        {"urn:uuid:a": StoredMovement(5, -6_000)},
        {"urn:uuid:a": StoredMovement(6, -7_000)},
    ):
        with pytest.raises(TableInvalid) as caught:
            check([back], stored=stored, lots=lots)
        assert [finding.field for finding in caught.value.findings] == ["errorDeclaration"]


def test_numbered_event_and_its_error_declaration_are_both_stored() -> None:
    wrong = event("a", 7) | {"cession:sequence": 1}
    movements = read(document(wrong, declared(wrong) | {"cession:sequence": 2})).movements
    assert [movement.quantity for movement in movements] == [7_000, -7_000]
    check(movements, last_sequence=0, stored={})


# -- counts


def test_count_is_compared_with_earlier_movements() -> None:
    events = [
        event("a", 10, at="08:00"),
        event("n", 10, at="09:00", bizStep="stock_taking"),
        event("b", 4, at="10:00", bizStep="shipping"),
        event("m", 6, at="11:00", bizStep="stock_taking"),
    ]
    file = read(document(*reversed(events)))
    gtins = file.movements[0].gtins
    assert file.counts == [
        Count(3, "L1", 10_000, "KGM", 1, gtins),
        Count(1, "L1", 6_000, "KGM", 2, gtins),
    ]
    lots = {file.movements[0].lot: LedgerLot("KGM", 0)}
    check(file.movements, counts=file.counts, lots=lots)
    short = [Count(1, "L1", 5_000, "KGM", 2)]
    for known in (lots, None):
        with pytest.raises(TableInvalid, match="a movement is missing"):
            check(file.movements, counts=[*file.counts[:1], *short], lots=known)
    # A count of goods that are no lot of the ledger changes nothing.
    check(file.movements, counts=[Count(1, "other", 1, "KGM", 0)], lots=lots)
    with pytest.raises(TableInvalid, match="is not the unit"):
        check(file.movements, counts=[Count(1, "L1", 1, "H87", 0)], lots=lots)


def test_count_sums_a_lot_and_may_be_zero() -> None:
    counted = event("n", bizStep="stock_taking", at="12:00")
    counted["quantityList"] = [
        {"epcClass": LGTIN, "quantity": 0, "uom": "KGM"},
        {"epcClass": f"https://id.gs1.org/01/{GTIN}", "quantity": 7, "uom": "KGM"},
    ]
    file = read(document(event("a"), counted))
    gtins = file.movements[0].gtins
    assert file.counts == [Count(2, "L1", 0, "KGM", 1, gtins)]
    counted["quantityList"] = [{"epcClass": LGTIN, "quantity": n, "uom": "KGM"} for n in (4, 6)]
    file = read(document(event("a"), counted))
    assert file.counts == [Count(2, "L1", 10_000, "KGM", 1, gtins)]
    # A Digital Link of the article, and the lot's number written otherwise, add up too.
    counted["quantityList"][1]["epcClass"] = LINK.replace("/10/L1", "/10/l1")
    (count,) = read(document(event("a"), counted)).counts
    assert (count.quantity, count.gtins) == (10_000, frozenset((GTIN,)))


@pytest.mark.parametrize("place", ["before", "after"])
def test_count_of_another_article_does_not_touch_a_lot_of_equal_number(place: str) -> None:
    other = "urn:epc:class:lgtin:0690123.456780.L1"
    at = "09:00" if place == "before" else "12:00"
    counted = event("n", bizStep="stock_taking", at=at)
    counted["quantityList"] = [
        {"epcClass": other, "quantity": 3, "uom": "KGM"},
        {"epcClass": LGTIN, "quantity": 0 if place == "before" else 10, "uom": "KGM"},
    ]
    file = read(document(event("a"), counted))
    assert sorted(count.quantity for count in file.counts) == sorted(
        (3_000, 0 if place == "before" else 10_000)
    )
    for gtin in (GTIN, None):
        check(
            file.movements,
            counts=file.counts,
            lots={file.movements[0].lot: LedgerLot("KGM", 0, gtin)},
        )
    check(file.movements, counts=file.counts)
    own = [count for count in file.counts if count.quantity != 3_000]
    wrong = [msgspec.structs.replace(own[0], quantity=4_000)]
    with pytest.raises(TableInvalid, match="a movement is missing"):
        check(file.movements, counts=wrong, lots={file.movements[0].lot: LedgerLot("KGM", 0, GTIN)})


# -- Digital Links


@pytest.mark.parametrize(
    ("link", "lot"),
    [
        (LINK, ("L1", None)),
        (LINK + "/21/S7", ("L1", "S7")),
        (f"https://id.gs1.org/01/{GTIN}/22/2A/10/L1/21/S%2F7?17=271231", ("L1", "S/7")),
        (f"https://example.com/some/path/01/{GTIN}/10/L%201", ("L 1", None)),
        (f"https://example.com/01/shelf/01/{GTIN}/10/L1/", ("L1", None)),
        (f"http://example.com/gtin/{GTIN}/lot/L1/ser/9", ("L1", "9")),
        (f"https://id.gs1.org/01/{GTIN[1:]}/10/L1", ("L1", None)),
        (f"https://id.gs1.org/01/{GTIN}/21/S7", None),
        (f"https://id.gs1.org/01/{GTIN}/10/L1/10/L2", None),
        (f"https://id.gs1.org/01/{GTIN}/10/L1/lot/L2", None),
        (f"https://id.gs1.org/01/{GTIN}/10", None),
        (f"https://id.gs1.org/01/{GTIN}/10/L1/serial/7", None),
        (f"https://id.gs1.org/01/{GTIN}?10=L1", None),
        (f"https://id.gs1.org/01/{GTIN}/10/L1/21/", None),
        (f"https://id.gs1.org/01/{GTIN}/10/L1/21/%E2%80%AE", None),
    ],
)
def test_a_digital_link_is_read_with_all_its_qualifiers(
    link: str, lot: tuple[str, str | None] | None
) -> None:
    expected = None if lot is None else Lot(lot[0], frozenset((GTIN,)), lot[1])
    assert read_lot(link) == expected


def test_units_with_serial_numbers_are_counted_by_lot() -> None:
    items = [f"{LINK}/21/S{n}" for n in range(3)]
    items.append(f"https://id.gs1.org/01/{GTIN}/10/L2/21/S0")
    observed = event("a", epcList=items)
    del observed["quantityList"]
    for content in (document(observed), xml_document(observed)):
        assert [
            (each.lot_number, each.quantity, each.unit, each.movement_id)
            for each in read(content).movements
        ] == [("L1", 3_000, "H87", "urn:uuid:a#1"), ("L2", 1_000, "H87", "urn:uuid:a#2")]
    assert refused(document(observed | {"epcList": [items[0], items[0]]})) == [(1, "epcList.1")]
    assert refused(document(observed | {"epcList": [LINK]})) == [(1, "epcList.0")]


def test_one_serial_number_is_one_unit() -> None:
    observed = event("a")
    observed["quantityList"] = [{"epcClass": f"{LINK}/21/S7", "quantity": 2}]
    assert refused(document(observed)) == [(1, "quantityList.0.quantity")]
    observed["quantityList"][0]["quantity"] = 1
    assert read(document(observed)).movements[0].quantity == 1_000
