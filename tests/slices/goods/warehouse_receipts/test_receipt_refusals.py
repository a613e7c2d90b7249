"""What nobody may do with lots and warehouse receipts, and bad input."""

from __future__ import annotations

import pytest

from tests.support.bodies import Json
from tests.support.days import day
from tests.support.goods import handed, issued, lot_body, part_of
from tests.support.world import World, refused


def test_stranger_sees_no_lot_and_no_warehouse_receipt(world: World) -> None:
    lot, receipt = issued(world)
    paths = [
        f"/v1/lots/{lot}",
        f"/v1/warehouse-receipts/{receipt}",
        f"/v1/verification/warehouse-receipts/{receipt}",
        f"/v1/history?lot={lot}",
        f"/v1/history?warehouseReceipt={receipt}",
    ]
    for path in paths:
        for name in ("altair", "buyer"):
            answer = world.http.get(path, headers=world[name].headers)
            assert answer.status_code == 404, f"{name} {path}: {answer.text[:200]}"
        for name in ("supplier", "warehouse", "auditor", "operator", "regulator"):
            answer = world.http.get(path, headers=world[name].headers)
            assert answer.status_code == 200, f"{name} {path}: {answer.text[:200]}"
    verify = world.http.get(paths[2], headers=world["bank"].headers)
    assert verify.status_code == 200
    assert world.http.get(paths[1], headers=world["bank"].headers).status_code == 404
    for path, number in (("/v1/lots", lot), ("/v1/warehouse-receipts", receipt)):
        assert number not in [item["id"] for item in world["buyer"].get(path).body["items"]]
        for name in ("supplier", "warehouse", "auditor"):
            assert world[name].get(path).body["items"] != [], f"{name} {path}"
    pack = {"fields": ["sku"]}
    assert (
        refused(world["buyer"], f"/v1/warehouse-receipts/{receipt}/disclosure", pack)["status"]
        == 404
    )


def test_commands_are_refused_for_all_but_the_holder_and_the_lots_warehouse(world: World) -> None:
    lot, receipt = issued(world)
    part = part_of(world, receipt, "castor", "10")
    to_vega = {"parts": [{"toPartyId": world.parties["vega"], "quantity": "1"}]}
    bank = {"lienholderPartyId": world.parties["bank"]}
    request = {"quantity": "1"}
    attempts: list[tuple[str, str, Json | None, int]] = [
        ("supplier", f"/v1/warehouse-receipts/{part}/assignments", to_vega, 403),
        ("supplier", f"/v1/warehouse-receipts/{part}/releases", request, 403),
        ("supplier", f"/v1/warehouse-receipts/{part}/withdrawal", None, 403),
        ("supplier", f"/v1/warehouse-receipts/{part}/lien", bank, 403),
        ("castor", f"/v1/warehouse-receipts/{receipt}/releases", request, 404),
        (
            "castor",
            "/v1/warehouse-receipts/merges",
            {"warehouseReceiptId": part, "intoWarehouseReceiptId": receipt},
            404,
        ),
        ("altair", f"/v1/warehouse-receipts/{receipt}/assignments", to_vega, 404),
        ("altair", f"/v1/warehouse-receipts/{receipt}/withdrawal", None, 404),
        ("supplier", f"/v1/warehouse-receipts/{receipt}/hand-over", handed(world, receipt), 403),
        ("operator", f"/v1/warehouse-receipts/{receipt}/impairments", request, 403),
        ("supplier", f"/v1/lots/{lot}/inspections", {"condition": "sound"}, 403),
        ("warehouse", f"/v1/warehouse-receipts/{receipt}/releases", request, 403),
        ("warehouse", f"/v1/warehouse-receipts/{receipt}/assignments", to_vega, 403),
        (
            "warehouse",
            f"/v1/warehouses/{world.parties['warehouse']}/lien-stop",
            {"stopped": False},
            403,
        ),
    ]
    for name, path, body, status in attempts:
        problem = refused(world[name], path, body)
        assert problem["status"] == status, f"{name} {path}: {problem}"
    assert world["castor"].get(f"/v1/warehouse-receipts/{part}").body["quantity"] == "10.000"


# -- bad input


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"quantity": "1.0001"}, "quantity"),
        ({"quantity": "1e3"}, "quantity"),
        ({"quantity": "NaN"}, "quantity"),
        ({"quantity": "1152921504606846.976"}, "quantity"),
        ({"quantity": "9" * 39}, "quantity"),
        ({"quantity": 5}, "quantity"),
        ({"unit": "kg"}, "unit"),
        ({"unit": "KILO"}, "unit"),
        ({"grade": "é" * 9}, "grade"),
        ({"grade": "x" * 17}, "grade"),
        ({"sku": ""}, "sku"),
        ({"lotNumber": "---"}, "lotNumber"),
        ({"depositorPartyId": "nobody"}, "depositorPartyId"),
        ({"expiryDate": "2001-01-01"}, "expiryDate"),
        ({"storedDate": "2026-02-30"}, "storedDate"),
        ({"maxDepth": 65}, "maxDepth"),
        ({"orderId": 0}, "orderId"),
        ({"orderId": 2**63}, "orderId"),
        ({"statement": {}}, "statement"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_invalid_lot_names_its_field(world: World, change: Json, field: str) -> None:
    problem = refused(world["warehouse"], "/v1/lots", lot_body(world) | change)
    assert problem["status"] == 422, problem
    assert str(problem["field"]).startswith(field), problem


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"storedDate": day(9)}, "DayOutOfRange"),
        ({"storedDate": "1969-12-31"}, "DayOutOfRange"),
        ({"storedDate": day(-9), "expiryDate": day(-8)}, "DayOutOfRange"),
        ({"expiryDate": "9999-12-31"}, "DayOutOfRange"),
    ],
)
def test_invalid_days_give_the_contract_error(world: World, change: Json, words: str) -> None:
    assert words in str(refused(world["warehouse"], "/v1/lots", lot_body(world) | change))


def test_a_warehouse_issues_nothing_to_itself(world: World) -> None:
    body = lot_body(world, depositorPartyId=world.parties["warehouse"])
    assert refused(world["warehouse"], "/v1/lots", body)["field"] == "depositorPartyId"


def test_quantity_above_the_warehouse_receipt_is_refused_and_moves_nothing(world: World) -> None:
    _, receipt = issued(world)
    path, castor = f"/v1/warehouse-receipts/{receipt}", world.parties["castor"]
    parts = [{"toPartyId": castor, "quantity": "600"}] * 2
    attempts: list[tuple[str, str, Json, str]] = [
        ("supplier", "assignments", {"parts": parts}, "parts"),
        ("supplier", "assignments", {"parts": []}, "parts"),
        ("supplier", "assignments", {"parts": [parts[0] | {"quantity": "0"}]}, "parts.0.quantity"),
        (
            "supplier",
            "assignments",
            {"parts": [parts[0] | {"toPartyId": world.parties["supplier"]}]},
            "parts.0.toPartyId",
        ),
        ("supplier", "releases", {"quantity": "1000.001"}, "quantity"),
        ("supplier", "releases", {"quantity": "-1"}, "quantity"),
        ("warehouse", "impairments", {"quantity": "1000.001"}, "quantity"),
        ("warehouse", "impairments", {"quantity": "0"}, "quantity"),
        (
            "warehouse",
            "impairments",
            {"quantity": "1", "report": "x", "documentRoot": "0x" + "11" * 32},
            "documentRoot",
        ),
        ("warehouse", "acknowledgement", {"toPartyId": "nobody"}, "toPartyId"),
        ("supplier", "lien", {"lienholderPartyId": "nobody"}, "lienholderPartyId"),
    ]
    for name, action, body, field in attempts:
        problem = refused(world[name], f"{path}/{action}", body)
        assert (problem["status"], problem["field"]) == (422, field), f"{action}: {problem}"
    same = {"warehouseReceiptId": receipt, "intoWarehouseReceiptId": receipt}
    problem = refused(world["supplier"], "/v1/warehouse-receipts/merges", same)
    assert problem["field"] == "intoWarehouseReceiptId"
    _, other = issued(world)
    across = {"warehouseReceiptId": receipt, "intoWarehouseReceiptId": other}
    assert refused(world["supplier"], "/v1/warehouse-receipts/merges", across)["status"] == 422
    assert world["supplier"].get(path).body["quantity"] == "1000.000"


@pytest.mark.parametrize("number", ["0", "-1", "x", str(2**63), "9" * 30])
def test_malformed_number_is_refused(world: World, number: str) -> None:
    for path in (
        "/v1/lots/",
        "/v1/warehouse-receipts/",
        "/v1/verification/warehouse-receipts/",
        "/v1/history?lot=",
    ):
        answer = world.http.get(path + number, headers=world["auditor"].headers)
        assert answer.status_code in (404, 422), answer.text
