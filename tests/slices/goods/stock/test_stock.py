"""Stock through the API: movements are compared with outstanding warehouse receipts."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from app.domain.csv_rows import TableInvalid
from app.goods.stock.command import check_file
from app.goods.stock.model import MAX_MOVEMENTS, LedgerLot, check
from app.goods.stock.reader import read_stock_file
from tests.support.days import day
from tests.support.goods import handed, issued
from tests.support.registry import set_roles
from tests.support.stock import HEADER, ZONE, Stock, csv_of, sent
from tests.support.world import World, refused

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
    note = handed(world, part, "note 1")
    world["warehouse"].command(f"/v1/warehouse-receipts/{part}/hand-over", note)
    world.later(86_400)
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
    set_roles(world, world.parties["warehouse"], [])
    row = stock.row(number, "lost", "1")
    answer = sent(world, csv_of(row), as_of=day(0))
    assert answer.json()["operation"]["state"] == "rejected", answer.text
    assert "RoleMissing" in answer.text
    assert world["auditor"].get("/v1/stock-differences").body["items"][0]["difference"] == "-1.000"
    set_roles(world, world.parties["warehouse"], ["warehouse"])
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
        stock.world["warehouse"].get(f"/v1/operations/{identifier}", wait=50)
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
