"""Stock through the API: movements are compared with outstanding warehouse receipts."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.domain.csv_rows import TableInvalid
from app.goods.stock.command import check_file
from app.goods.stock.model import MAX_MOVEMENTS, LedgerLot, check
from app.goods.stock.reader import read_stock_file
from tests.support.bodies import Json
from tests.support.goods import day, issued, lot_body
from tests.support.world import World, refused

HEADER = "sequence,movementId,lotNumber,date,kind,quantity,unit,reference,balance"
ZONE = 8 * 3600


def csv_of(*rows: str) -> bytes:
    """A movement file."""
    return "\r\n".join((HEADER, *rows)).encode()


def sent(world: World, content: bytes, *, as_of: str | None = None) -> httpx.Response:
    """Uploads a movement file and waits for its count."""
    own = {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=20"}
    headers = world["warehouse"].headers | own
    form = {} if as_of is None else {"asOf": as_of}
    files = {"file": ("stock", content, "application/octet-stream")}
    return world.http.post("/v1/stock-movements", files=files, data=form, headers=headers)


class Stock:
    """A warehouse's own record of its movements: numbers them, as its system would."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sequence = 0

    def lot(self, quantity: str = "1000.000", **terms: Any) -> tuple[str, int, int]:
        """A lot with its number."""
        body = lot_body(self.world, quantity=quantity, **terms)
        done = self.world["warehouse"].command("/v1/lots", body).body
        result = done["result"]
        return body["lotNumber"], int(result["lotId"]), int(result["warehouseReceiptIds"][0])

    def row(
        self,
        lot: str,
        kind: str,
        quantity: str,
        *,
        days: int = 0,
        unit: str = "KGM",
        more: str = "",
    ) -> str:
        """The next movement."""
        self.sequence += 1
        identifier = uuid.uuid4().hex
        return f"{self.sequence},{identifier},{lot},{day(days)},{kind},{quantity},{unit},ref,{more}"

    def send(self, *rows: str, as_of: str | None = None) -> Json:
        """Sends these rows, which the gateway must accept."""
        answer = sent(self.world, csv_of(*rows), as_of=as_of or day(0))
        assert answer.status_code in (200, 201), answer.text
        body: Json = answer.json()
        if "operation" in body:
            assert body["operation"]["state"] in ("included", "final"), body
        return body


@pytest.fixture
def stock(own_world: World) -> Stock:
    """A warehouse without movements."""
    return Stock(own_world)


# -- from file to ledger


def test_shortage_stops_new_liens_until_it_is_made_good(stock: Stock) -> None:
    world = stock.world
    number, lot, receipt = stock.lot()
    body = stock.send(stock.row(number, "received", "1000", days=-1))
    assert body["differences"] == 0
    assert body["lots"] == [
        {
            "lotId": lot,
            "unit": "KGM",
            "stock": "1000.000",
            "outstanding": "1000.000",
            "difference": "0.000",
        }
    ]
    body = stock.send(stock.row(number, "lost", "40.5", more="959.500"))
    assert body["lots"][0]["difference"] == "-40.500"
    lot_view = world["supplier"].get(f"/v1/lots/{lot}").body
    assert (lot_view["counted"], lot_view["short"], lot_view["standing"]["shortLots"]) == (
        "959.500",
        True,
        1,
    )
    assert lot_view["entries"][-1]["documentRoot"] == body["file"]["documentRoot"]
    bank = {"lienholderPartyId": world.parties["bank"]}
    assert "StockDiffers" in str(
        refused(world["supplier"], f"/v1/warehouse-receipts/{receipt}/lien", bank)
    )
    for name in ("warehouse", "operator", "auditor", "regulator"):
        (row,) = world[name].get("/v1/stock-differences", open=True).body["items"]
        assert (row["lotId"], row["kind"], row["difference"]) == (lot, "short", "-40.500")
    # The warehouse reports the loss: it impairs the warehouse receipt and counts again.
    world["warehouse"].command(
        f"/v1/warehouse-receipts/{receipt}/impairments", {"quantity": "40.5"}
    )
    assert world["bank"].get("/v1/lots").body["items"] == []
    body = stock.send(stock.row(number, "adjusted", "-9.5"), stock.row(number, "adjusted", "9.5"))
    assert body["differences"] == 0
    world["supplier"].command(f"/v1/warehouse-receipts/{receipt}/lien", bank)
    assert world["auditor"].get("/v1/stock-differences", open=True).body["items"] == []
    (row,) = world["auditor"].get("/v1/stock-differences", open=False).body["items"]
    assert row["closedByFileId"] == body["file"]["id"]


def test_goods_released_since_the_day_of_the_file_are_not_missing(stock: Stock) -> None:
    world = stock.world
    number, lot, receipt = stock.lot()
    came = stock.row(number, "received", "1000", days=-1)
    release = world["supplier"].command(
        f"/v1/warehouse-receipts/{receipt}/releases", {"quantity": "300"}
    )
    part = release.body["result"]["warehouseReceiptIds"][-1]
    world["warehouse"].command(f"/v1/warehouse-receipts/{part}/hand-over", {"report": "note 1"})
    world.server.node.advance_time(86_400)
    world.requested()
    # The file is of a day before the release; the ledger gets the quantity of today.
    body = stock.send(came, stock.row(number, "released", "300"), as_of=day(1))
    assert body["differences"] == 0
    assert world["warehouse"].get(f"/v1/lots/{lot}").body["counted"] == "700.000"


def test_warehouse_receipt_for_goods_never_received_is_reported(stock: Stock) -> None:
    number, _, _ = stock.lot()
    _, ghost, _ = stock.lot()
    body = stock.send(stock.row(number, "received", "1000", days=-1), as_of=day(0))
    assert body["differences"] == 1
    short = {lot["lotId"]: lot["difference"] for lot in body["lots"]}
    assert short[ghost] == "-1000.000"
    assert stock.world["warehouse"].get(f"/v1/lots/{ghost}").body["short"] is True


def test_surplus_stock_is_reported_and_stops_nothing(stock: Stock) -> None:
    number, lot, receipt = stock.lot()
    body = stock.send(stock.row(number, "received", "1000.001"))
    assert body["lots"][0]["difference"] == "0.001"
    (row,) = stock.world["warehouse"].get("/v1/stock-differences").body["items"]
    assert (row["lotId"], row["kind"]) == (lot, "surplus")
    bank = {"lienholderPartyId": stock.world.parties["bank"]}
    stock.world["supplier"].command(f"/v1/warehouse-receipts/{receipt}/lien", bank)


# -- invalid files are refused as a whole


def test_a_file_with_duplicates_gaps_wrong_units_and_no_balance_names_every_line(
    stock: Stock,
) -> None:
    world = stock.world
    number, lot, _ = stock.lot()
    first = stock.row(number, "received", "1000", days=-1)
    stock.send(first)
    again = first.replace("1,", "2,", 1)
    rows = (
        again,  # line 2: its id is kept already
        f"4,a,{number},{day(0)},released,1,KGM,,",  # line 3: 3 is missing
        f"5,a,{number},{day(0)},released,1,KGM,,",  # line 4: the id stands twice
        f"6,b,{number},{day(0)},released,1,H87,,",  # line 5: wrong unit
        f"7,c,NO-SUCH-LOT,{day(0)},received,1,KGM,,",  # line 6: no such lot
        f"8,d,{number},{day(0)},released,99999,KGM,,",  # line 7: below zero
        f"9,e,{number},{day(0)},released,1,KGM,,5",  # line 8: another balance
        f"9,f,{number},{day(9)},released,1,KGM,,",  # line 9: goes back, and not yet
    )
    answer = sent(world, csv_of(*rows))
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["type"].endswith("file-invalid")
    assert [(error["line"], error["field"]) for error in problem["errors"]] == [
        *((2, "movementId"), (3, "sequence"), (4, "movementId"), (5, "unit"), (6, "lotNumber")),
        *((7, "quantity"), (8, "balance"), (9, "sequence"), (9, "date")),
    ]
    assert "3 is missing" in answer.text
    stock_movements = world["warehouse"].get("/v1/stock-movements").body["items"]
    assert [entry["sequence"] for entry in stock_movements] == [1]
    assert world["warehouse"].get(f"/v1/lots/{lot}").body["counted"] == "1000.000"
    whole = sent(world, csv_of(first))
    assert whole.status_code == 422
    assert {error["field"] for error in whole.json()["errors"]} == {"movementId", "sequence"}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("1,a,L,2026-03-01,received,0,KGM,,", "quantity"),
        ("1,a,L,2026-03-01,received,-5,KGM,,", "quantity"),
        ("1,a,L,2026-03-01,received,1.0001,KGM,,", "quantity"),
        ("1,a,L,2026-03-01,received,1e3,KGM,,", "quantity"),
        ("1,a,L,2026-03-01,received,٣,KGM,,", "quantity"),
        ("1,a,L,2026-03-01,received,9999999999999999999999,KGM,,", "quantity"),
        ("1,a,L,2026-03-01,received,1152921504606846.976,KGM,,", "quantity"),
        ("1,a,L,2026-03-01,released,-1,KGM,,", "quantity"),
        ("1,a,L,2026-03-01,adjusted,0.000,KGM,,", "quantity"),
        ("1,a,L,2026-02-30,received,1,KGM,,", "date"),
        ("1,a,L,01.03.2026,received,1,KGM,,", "date"),
        ("1,a,L,0001-01-01,received,1,KGM,,", "date"),
        ("0,a,L,2026-03-01,received,1,KGM,,", "sequence"),
        ("1.5,a,L,2026-03-01,received,1,KGM,,", "sequence"),
        ("99999999999999999999,a,L,2026-03-01,received,1,KGM,,", "sequence"),
        ("1,,L,2026-03-01,received,1,KGM,,", "movementId"),
        (f"1,{'x' * 201},L,2026-03-01,received,1,KGM,,", "movementId"),
        ("1,a,---,2026-03-01,received,1,KGM,,", "lotNumber"),
        ("1,a,L,2026-03-01,stolen,1,KGM,,", "kind"),
        ("1,a,L,2026-03-01,received,1,kilo,,", "unit"),
        ("1,a,L,2026-03-01,received,1,KGM,,-1", "balance"),
        ("1,a,L,2026-03-01,received,1,KGM,order\u202e 7,", "reference"),
        ("1,a\u3164,L,2026-03-01,received,1,KGM,,", "movementId"),
        ("1,a,L\ufe0f,2026-03-01,received,1,KGM,,", "lotNumber"),
        ("1,a,L,2026-03-01,received,1,KGM\u200b,,", "unit"),
        ("1,a,L,2026-03-01,received,1", ""),
        (f"1,a,L,2026-03-01,received,1,KGM,{'x' * 600},", ""),
        ('1,a,"L,2026-03-01,received,1,KGM,,', ""),
    ],
)
def test_invalid_line_is_named(row: str, field: str) -> None:
    with pytest.raises(TableInvalid) as caught:
        read_stock_file(csv_of(row), zone_offset=ZONE)
    assert (caught.value.findings[0].field, caught.value.findings[0].line) == (field, 2)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        HEADER.encode(),
        b"movementId,quantity\n1,2",
        csv_of("1,a,L,2026-03-01,received,1,KGM,,").replace(b"balance", b"colour"),
        csv_of("1,a,L,2026-03-01,received,1,KGM,,").replace(b"balance", b"unit"),
        csv_of("1,a,L,2026-03-01,received,1,KGM,,").decode().encode("utf-16"),
        csv_of("1,a,L,2026-03-01,received,1,KGM,\xff,".replace("\xff", "é")).replace(
            "é".encode(), b"\xe9"
        ),
        csv_of("1,a,L\0,2026-03-01,received,1,KGM,,"),
        b"{",
        b"[]",
        b'{"type":' * 5000 + b"1" + b"}" * 5000,
        b'{"type": "EPCISDocument", "type": "EPCISDocument"}',
        b'{"type": "EPCISDocument", "schemaVersion": "1.2", "epcisBody": {"eventList": [1]}}',
        b'{"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": []}}',
        b'{"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": [NaN]}}',
        b'{"a": ' + b"9" * 10_000 + b"}",
        b"PK\x03\x04\x00\x00",
    ],
    ids=lambda content: content[:24].decode(errors="replace"),
)
def test_file_is_refused_when_it_is_no_movement_file(world: World, content: bytes) -> None:
    answer = sent(world, content)
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"].endswith("file-invalid")


def test_too_many_movements_and_too_many_bytes_are_refused(world: World) -> None:
    lines = [f"{n},m{n},L,2026-03-01,received,1,KGM,," for n in range(1, MAX_MOVEMENTS + 2)]
    answer = sent(world, csv_of(*lines))
    assert (answer.status_code, "20,000" in answer.text) == (422, True)
    assert sent(world, b"x" * 5_000_001).status_code == 413
    assert sent(world, b"x" * 21_000_000).status_code == 413


def test_a_file_is_as_of_a_day_that_its_movements_reach(stock: Stock) -> None:
    number, _, _ = stock.lot()
    row = stock.row(number, "received", "1000")
    for wrong in (day(-1), day(3)):
        answer = sent(stock.world, csv_of(row), as_of=wrong)
        assert (answer.status_code, answer.json()["field"]) == (422, "asOf"), answer.text
    assert sent(stock.world, csv_of(row), as_of="soon").status_code == 422
    stock.send(row)


def test_movements_of_one_lot_balance_whatever_way_its_number_is_written() -> None:
    rows = (
        "1,a,lot 7,2026-03-01,received,10,KGM,,",
        "2,b,LOT-7,2026-03-01,released,10,KGM,,",
        "3,c,Lot7,2026-03-02,released,0.001,KGM,,",
    )
    movements = read_stock_file(csv_of(*rows), zone_offset=ZONE).movements
    with pytest.raises(TableInvalid) as caught:
        check(movements, lots={movements[0].lot: LedgerLot("KGM", 0)})
    assert [(finding.line, finding.field) for finding in caught.value.findings] == [(4, "quantity")]


# -- EPCIS


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


# -- whose stock


def test_stock_is_visible_only_to_its_warehouse(stock: Stock) -> None:
    world = stock.world
    number, lot, _ = stock.lot()
    other = world["registrar"].command(
        "/v1/parties",
        {
            "name": "Other Warehousing",
            "legalId": {"scheme": "USCC", "value": "91420100MA4WH0001N"},
            "roles": ["warehouse"],
        },
    )
    registered = world["registrar"].post(
        f"/v1/parties/{other.body['party']['id']}/api-keys",
        {"roles": ["warehouse"], "label": "wms"},
    )
    stock.send(stock.row(number, "received", "900"))
    headers = {"X-API-Key": registered.body["apiKey"], "Idempotency-Key": uuid.uuid4().hex}
    foreign = csv_of(f"1,z,{number},{day(0)},received,1,KGM,,")
    files = {"file": ("stock", foreign, "text/csv")}
    answer = world.http.post("/v1/stock-movements", files=files, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "lotNumber")
    for path in ("/v1/stock-differences", "/v1/stock-movements"):
        assert world.http.get(path, headers=headers).json()["items"] == []
        assert world["warehouse"].get(path).body["items"] != []
        assert world["regulator"].get(path, lotId=lot).body["items"] != []
    headers["Idempotency-Key"] = uuid.uuid4().hex
    for path in (f"/v1/lots/{lot}/inspections",):
        body = {"condition": "unfit"}
        assert world.http.post(path, json=body, headers=headers).status_code == 404


def test_count_is_sent_again_when_the_ledger_refused_it(stock: Stock) -> None:
    world = stock.world
    assert refused(world["warehouse"], "/v1/stock-counts")["type"].endswith("nothing-to-count")
    number, lot, receipt = stock.lot()
    stock.send(stock.row(number, "received", "1000", days=-1))
    assert refused(world["warehouse"], "/v1/stock-counts")["type"].endswith("nothing-to-count")
    # The registrar takes the role away: the file is kept, its count is refused.
    path = f"/v1/parties/{world.parties['warehouse']}/roles"
    world["registrar"].command(path, {"roles": []})
    row = stock.row(number, "lost", "1")
    answer = sent(world, csv_of(row), as_of=day(0))
    assert answer.json()["operation"]["state"] == "rejected", answer.text
    assert "RoleMissing" in answer.text
    assert world["auditor"].get("/v1/stock-differences").body["items"][0]["difference"] == "-1.000"
    world["registrar"].command(path, {"roles": ["warehouse"]})
    world["warehouse"].command("/v1/stock-counts")
    assert world["supplier"].get(f"/v1/lots/{lot}").body["short"] is True
    assert (
        world["supplier"].get(f"/v1/warehouse-receipts/{receipt}").body["lot"]["counted"]
        == "999.000"
    )


def test_upload_is_stored_once_under_the_same_key(stock: Stock) -> None:
    world = stock.world
    number, _, _ = stock.lot()
    content = csv_of(stock.row(number, "received", "1000"))
    headers = world["warehouse"].headers | {"Idempotency-Key": uuid.uuid4().hex}
    files = {"file": ("stock", content, "text/csv")}
    first = world.http.post("/v1/stock-movements", files=files, headers=headers)
    again = world.http.post("/v1/stock-movements", files=files, headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json()["file"] == again.json()["file"]


def test_count_of_many_lots_runs_in_several_steps(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.goods.stock.counting.LOTS_AT_ONCE", 2)
    lots = [stock.lot() for _ in range(5)]
    body = stock.send(*(stock.row(number, "received", "999") for number, _, _ in lots))
    assert len(body["furtherOperations"]) == 2
    for identifier in body["furtherOperations"]:
        stock.world["warehouse"].get(f"/v1/operations/{identifier}", wait=20)
    for _, lot, _ in lots:
        assert stock.world["warehouse"].get(f"/v1/lots/{lot}").body["short"] is True
    _, receipt = issued(stock.world)
    bank = {"lienholderPartyId": stock.world.parties["bank"]}
    path = f"/v1/warehouse-receipts/{receipt}/lien"
    assert "'shortLots': 5" in str(refused(stock.world["supplier"], path, bank))


# -- offline


def test_a_file_is_checked_before_it_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "moves.csv"
    file.write_bytes(
        csv_of(
            "7,a,L1,2026-03-01,received,10,KGM,,110",
            "8,b,L1,2026-03-02,released,10,KGM,,100",
            "9,c,L2,2026-03-02,lost,0.5,KGM,,",
        )
    )
    assert check_file(file) == 0
    assert "3 movements of 2 lots, 7 to 9, 2026-03-01 to 2026-03-02" in capsys.readouterr().out
    file.write_bytes(
        csv_of(
            "7,a,L1,2026-03-01,received,10,KGM,,110",
            "9,a,L1,2026-03-02,released,10,H87,,101",
            "10,d,L1,2026-03-02,released,200,KGM,,",
            "11,e,L2,2026-03-02,received,5,KGM,,4",
        )
    )
    assert check_file(file) == 1
    error_output = capsys.readouterr().err
    for words in (":3: movementId", ":3: sequence: 9 follows 7", ":3: unit", ":4: quantity"):
        assert words in error_output, error_output
    assert ":5: balance" in error_output
    assert check_file(tmp_path / "none.csv") == 1
