"""Stock that a warehouse sends as EPCIS events, and events that are refused."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from app.domain.csv_rows import TableInvalid
from app.goods.stock.model import check
from app.goods.stock.reader import read_stock_file
from tests.support.bodies import Json
from tests.support.days import day
from tests.support.stock import ZONE, Stock, sent


def event(number: int, lot: str, quantity: float, **more: Any) -> Json:
    """An EPCIS event that brings goods in."""
    body = {
        "type": "ObjectEvent",
        "eventID": f"ni:///sha-256;{uuid.uuid4().hex}?ver=CBV2.0",
        "eventTime": f"{day(-1)}T10:00:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "receiving",
        "quantityList": [
            {
                "epcClass": f"urn:epc:class:lgtin:0690123.456789.{lot}",
                "quantity": quantity,
                "uom": "KGM",
            }
        ],
        "cession:sequence": number,
    }
    return body | more


def document(*events: Json) -> bytes:
    """An EPCIS 2.0 document."""
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": f"{day(0)}T00:00:00Z",
            "epcisBody": {"eventList": list(events)},
        }
    ).encode()


def test_an_epcis_document_counts_as_a_csv_does(stock: Stock) -> None:
    number, lot, _ = stock.lot()
    link = f"https://id.gs1.org/01/06901234567892/10/{number}"
    shipped = event(3, number, 200.5, bizStep="https://ref.gs1.org/cbv/BizStep-shipping")
    shipped["quantityList"][0]["epcClass"] = link
    shipped["bizTransactionList"] = [{"type": "desadv", "bizTransaction": "urn:x:note:7"}]
    content = document(
        event(1, number, 600),
        event(2, number, 400, type="TransactionEvent", action="ADD"),
        event(0, number, 5, bizStep="storing"),
        {"type": "AggregationEvent", "bizStep": "packing"},
        shipped | {"cession:balance": 799.5},
        event(4, number, 0.5, bizStep="urn:epcglobal:cbv:bizstep:destroying", action="DELETE"),
    )
    answer = sent(stock.world, content, as_of=day(0))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["file"]["ignoredEvents"] == 2
    assert body["lots"][0]["stock"] == "799.000"
    stock_movements = stock.world["auditor"].get("/v1/stock-movements", lotId=lot).body["items"]
    assert [(entry["sequence"], entry["kind"], entry["change"]) for entry in stock_movements] == [
        *((4, "lost", "-0.500"), (3, "released", "-200.500")),
        *((2, "received", "400.000"), (1, "received", "600.000")),
    ]
    path, pages = "/v1/stock-movements", []
    cursor: dict[str, str] = {}
    while True:
        page = stock.world["warehouse"].get(path, limit=3, **cursor).body
        pages += [item["sequence"] for item in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert pages == [4, 3, 2, 1]
    stock.sequence = 4
    stock.send(stock.row(number, "adjusted", "201"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"bizStep": "teleporting"}, "bizStep"),
        ({"bizStep": None}, "bizStep"),
        ({"type": "TransformationEvent"}, "type"),
        ({"type": "AggregationEvent"}, "type"),
        ({"action": "DELETE"}, "action"),
        ({"action": ["OBSERVE"]}, "action"),
        ({"type": {}}, "type"),
        ({"bizStep": ["receiving"]}, "bizStep"),
        ({"eventID": ""}, "eventID"),
        ({"eventID": 7}, "eventID"),
        ({"eventTime": "yesterday"}, "eventTime"),
        ({"eventTime": "2026-03-01T10:00:00"}, "eventTime"),
        ({"eventTime": "0001-01-01T00:00:00+14:00"}, "eventTime"),
        ({"cession:sequence": None}, "cession:sequence"),
        ({"cession:sequence": True}, "cession:sequence"),
        ({"cession:sequence": 10**30}, "cession:sequence"),
        ({"quantityList": []}, "quantityList"),
        ({"quantityList": [7]}, "quantityList.0"),
        ({"epcList": ["urn:epc:id:sgtin:0614141.107346.2017"]}, "epcList.0"),
        ({"epcList": "urn:epc:id:sgtin:0614141.107346.2017"}, "epcList"),
        ({"errorDeclaration": {}}, "errorDeclaration.declarationTime"),
        ({"quantity": 0}, "quantityList.0.quantity"),
        ({"quantity": -1}, "quantityList.0.quantity"),
        ({"quantity": "1"}, "quantityList.0.quantity"),
        ({"quantity": True}, "quantityList.0.quantity"),
        ({"quantity": 10**30}, "quantityList.0.quantity"),
        ({"quantity": 0.0001}, "quantityList.0.quantity"),
        ({"uom": "kilogram"}, "quantityList.0.uom"),
        ({"uom": None}, "quantityList.0.uom"),
        ({"epcClass": "urn:epc:idpat:sgtin:4012345.098765.*"}, "quantityList.0.epcClass"),
        ({"epcClass": "https://id.gs1.org/01/06901234567892"}, "quantityList.0.epcClass"),
        ({"epcClass": "https://id.gs1.org/01/06901234567893/10/L"}, "quantityList.0.epcClass"),
        ({"epcClass": "urn:epc:class:lgtin:069012.456789.L"}, "quantityList.0.epcClass"),
        ({"epcClass": "https://["}, "quantityList.0.epcClass"),
        ({"epcClass": "urn:epc:class:lgtin:4012345.098765.L%E3%85%A4"}, "quantityList.0.epcClass"),
        ({"eventID": "urn:uuid:\u3164"}, "eventID"),
        (
            {"bizTransactionList": [{"bizTransaction": "order\u202e7"}]},
            "bizTransactionList.0.bizTransaction",
        ),
    ],
)
def test_ambiguous_epcis_event_is_refused(change: Json, field: str) -> None:
    changed_event = event(1, "L", 5)
    for name in ("quantity", "uom", "epcClass"):
        if name in change:
            changed_event["quantityList"][0][name] = change[name]
    changed_event |= change
    with pytest.raises(TableInvalid) as caught:
        read_stock_file(document(changed_event), zone_offset=ZONE)
    assert caught.value.findings[0].field == field


@pytest.mark.parametrize("number", ["1e999999999", "1E-999999999", "1" + "0" * 4000, "0.1e-30"])
def test_number_is_refused_when_it_would_exhaust_memory(number: str) -> None:
    content = document(event(1, "L", 123456)).replace(b"123456", number.encode())
    with pytest.raises(TableInvalid):
        read_stock_file(content, zone_offset=ZONE)


def test_movement_is_refused_when_the_lot_has_another_article(stock: Stock) -> None:
    number, _, _ = stock.lot()
    other = event(1, number, 600)
    other["quantityList"][0]["epcClass"] = f"urn:epc:class:lgtin:9999999.999999.{number}"
    answer = sent(stock.world, document(other))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == "epcClass"
    links = (f"/22/2A/01/06901234567892/10/{number}", f"/01/06901234567892/10/{number}/21/7")
    for place, link in enumerate(links, start=1):
        right = event(place, number, 600)
        right["quantityList"][0]["epcClass"] = f"https://id.gs1.org{link}"
        assert sent(stock.world, document(right)).status_code in (200, 201)


def test_one_lot_of_two_articles_in_one_file_is_refused() -> None:
    other = event(2, "L", 5)
    other["quantityList"][0]["epcClass"] = "https://id.gs1.org/01/09506000134352/10/L"
    movements = read_stock_file(document(event(1, "L", 5), other), zone_offset=ZONE).movements
    with pytest.raises(TableInvalid) as caught:
        check(movements)
    assert [(finding.line, finding.field) for finding in caught.value.findings] == [(2, "epcClass")]


@pytest.mark.parametrize(("step", "kind"), [("accepting", "received"), ("departing", "released")])
def test_step_at_which_goods_change_hands_is_a_movement(step: str, kind: str) -> None:
    content = document(event(1, "L", 5, bizStep=step), event(2, "L", 5, bizStep="arriving"))
    file = read_stock_file(content, zone_offset=ZONE)
    assert [movement.kind for movement in file.movements] == [kind]
    assert file.ignored == 1


@pytest.mark.parametrize(("whole", "part"), [("receiving", "accepting"), ("shipping", "departing")])
def test_step_and_its_part_for_one_lot_are_refused(whole: str, part: str) -> None:
    content = document(event(1, "L", 5, bizStep=whole), event(2, "L", 5, bizStep=part))
    with pytest.raises(TableInvalid) as caught:
        read_stock_file(content, zone_offset=ZONE)
    assert [(finding.line, finding.field) for finding in caught.value.findings] == [(2, "bizStep")]


def test_quantity_without_a_unit_is_a_number_of_units() -> None:
    counted = event(1, "L", 10)
    del counted["quantityList"][0]["uom"]
    (movement,) = read_stock_file(document(counted), zone_offset=ZONE).movements
    assert (movement.quantity, movement.unit) == (10_000, "H87")
    counted["quantityList"][0]["quantity"] = 0.5
    with pytest.raises(TableInvalid, match="whole"):
        read_stock_file(document(counted), zone_offset=ZONE)


def test_event_sent_in_error_is_reversed(stock: Stock) -> None:
    number, lot, _ = stock.lot()
    wrong, right = event(0, number, 700), event(0, number, 1000)
    for item in (wrong, right):
        del item["cession:sequence"]
    answer = sent(stock.world, document(wrong), as_of=day(0))
    assert answer.json()["lots"][0]["stock"] == "700.000"
    back = wrong | {
        "errorDeclaration": {
            "declarationTime": f"{day(0)}T00:00:00.000+08:00",
            "reason": "incorrect_data",
            "correctiveEventIDs": [right["eventID"]],
        }
    }
    other = json.loads(json.dumps(back))
    other["quantityList"][0]["quantity"] = 600
    for unknown in (other, back | {"eventID": "urn:uuid:never"}):
        refusal = sent(stock.world, document(unknown, right), as_of=day(0)).json()
        assert refusal["errors"][0]["field"] == "errorDeclaration"
    # The file may repeat what was kept, as the answer to a query does.
    body = sent(stock.world, document(wrong, back, right), as_of=day(0)).json()
    assert body["lots"][0]["stock"] == "1000.000"
    assert (body["file"]["firstSequence"], body["file"]["lastSequence"]) == (2, 3)
    stock_movements = stock.world["auditor"].get("/v1/stock-movements", lotId=lot).body["items"]
    assert [(entry["sequence"], entry["kind"], entry["change"]) for entry in stock_movements] == [
        *((3, "adjusted", "-700.000"), (2, "received", "1000.000"), (1, "received", "700.000")),
    ]
    # Nothing is reversed twice.
    again = sent(stock.world, document(back), as_of=day(0)).json()
    assert again["errors"][0]["field"] == "movementId"


def test_count_reveals_a_movement_that_was_never_sent(stock: Stock) -> None:
    number, _, _ = stock.lot()
    came, went = event(0, number, 1000), event(0, number, 300, bizStep="shipping")
    counted = event(0, number, 600, bizStep="stock_taking", eventTime=f"{day(0)}T00:00:01+08:00")
    for item in (came, went, counted):
        del item["cession:sequence"]
    went["eventTime"] = f"{day(-1)}T11:00:00+08:00"
    # In any order of the export.
    refusal = sent(stock.world, document(counted, went, came), as_of=day(0)).json()
    assert [(error["line"], error["field"]) for error in refusal["errors"]] == [(1, "quantityList")]
    assert "600.000 of lot" in refusal["errors"][0]["detail"]
    counted["quantityList"][0]["quantity"] = 700
    body = sent(stock.world, document(counted, went, came), as_of=day(0)).json()
    assert body["lots"][0]["stock"] == "700.000"
    assert body["file"]["ignoredEvents"] == 1
