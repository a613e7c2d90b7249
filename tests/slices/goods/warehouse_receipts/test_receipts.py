"""Lots and warehouse receipts through the API: life, disclosure, verification."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from app.chain.evm.goods import item_of
from tests.support.bodies import Json
from tests.support.days import day
from tests.support.goods import deleted, handed, issued, lot_body, part_of
from tests.support.prices import confirmation, later
from tests.support.registry import set_roles, set_validity
from tests.support.wallets import own_wallet, signed, signed_operation
from tests.support.world import World, refused


def quantities(world: World, lot: int) -> tuple[str, str, str, str]:
    """Issued, released, impaired, outstanding."""
    lot_view = world["auditor"].get(f"/v1/lots/{lot}").body
    return lot_view["issued"], lot_view["released"], lot_view["impaired"], lot_view["outstanding"]


def failed(world: World, receipt: int, *, by: str = "bank") -> list[str]:
    """Names of the checks that fail."""
    verification = world[by].get(f"/v1/verification/warehouse-receipts/{receipt}").body
    wrong = [check["name"] for check in verification["checks"] if not check["holds"]]
    assert verification["holds"] == (not wrong)
    return wrong


# -- the life of goods


def test_goods_are_issued_assigned_requested_and_handed_over(world: World) -> None:
    lot, receipt = issued(world)
    assert quantities(world, lot) == ("1000.000", "0.000", "0.000", "1000.000")
    first = part_of(world, receipt, "castor", "400")
    second = part_of(world, receipt, "castor", "0.001")
    world["castor"].command(
        "/v1/warehouse-receipts/merges",
        {"warehouseReceiptId": second, "intoWarehouseReceiptId": first},
    )
    assert world["castor"].get(f"/v1/warehouse-receipts/{first}").body["quantity"] == "400.001"
    ended = world["castor"].get("/v1/warehouse-receipts", ended=True).body["items"]
    assert (ended[0]["id"], ended[0]["ended"], ended[0]["quantity"]) == (second, "merged", "0.000")
    done = world["castor"].command(
        f"/v1/warehouse-receipts/{first}/releases", {"quantity": "100.5"}
    )
    requested_id = done.body["result"]["warehouseReceiptIds"][-1]
    waiting = world["warehouse"].get("/v1/warehouse-receipts", releaseRequested=True).body["items"]
    assert requested_id in [item["id"] for item in waiting]
    warehouse_receipt_view = world["castor"].get(f"/v1/warehouse-receipts/{requested_id}").body
    assert (
        warehouse_receipt_view["releaseRequested"],
        warehouse_receipt_view["lienholder"],
        warehouse_receipt_view["parentId"],
    ) == (True, None, first)
    path = f"/v1/warehouse-receipts/{requested_id}"
    part = {"parts": [{"toPartyId": world.parties["vega"], "quantity": "1"}]}
    assert "Encumbered" in str(refused(world["castor"], f"{path}/assignments", part))
    assert "ReleasePending" in str(refused(world["castor"], f"{path}/releases"))
    world["castor"].command(f"{path}/withdrawal")
    assert "NoReleasePending" in str(
        refused(world["warehouse"], f"{path}/hand-over", handed(world, requested_id))
    )
    world["castor"].command(f"{path}/releases", {"report": "truck 7"})
    note = handed(world, requested_id, "delivery note 118")
    world["warehouse"].command(f"{path}/hand-over", note)
    assert world["castor"].get(path).body["ended"] == "released"
    assert quantities(world, lot) == ("1000.000", "100.500", "0.000", "899.500")


@pytest.mark.parametrize("way", ["kept-one-unit", "sold-it"])
def test_a_warehouse_ends_no_receipt_but_the_one_that_it_saw(world: World, way: str) -> None:
    lot, receipt = issued(world)
    path = f"/v1/warehouse-receipts/{receipt}"
    world["supplier"].command(f"{path}/releases")
    seen = handed(world, receipt, "truck 7")
    world["supplier"].command(f"{path}/withdrawal")
    if way == "sold-it":
        part = {"toPartyId": world.parties["castor"], "quantity": "1000.000"}
        field, holder = "holderAccount", "castor"
    else:
        part = {"toPartyId": world.parties["castor"], "quantity": "999.000"}
        field, holder = "quantity", "supplier"
    world["supplier"].command(f"{path}/assignments", {"parts": [part]})
    world[holder].command(f"{path}/releases")

    problem = refused(world["warehouse"], f"{path}/hand-over", seen)
    assert (problem["status"], problem["field"]) == (409, field)
    assert problem["type"].endswith(":warehouse-receipt-changed")
    assert quantities(world, lot) == ("1000.000", "0.000", "0.000", "1000.000")
    assert world["warehouse"].get(path).body["ended"] is None

    now = handed(world, receipt)
    assert now["holderAccount"] == world[holder].get("/v1/parties/me").body["account"]
    world["warehouse"].command(f"{path}/hand-over", now)
    assert world["warehouse"].get(path).body["ended"] == "released"


def test_a_hand_over_names_what_was_handed_over_and_to_whom(world: World) -> None:
    _, receipt = issued(world)
    path = f"/v1/warehouse-receipts/{receipt}"
    world["supplier"].command(f"{path}/releases")
    whole = handed(world, receipt)
    for name in ("quantity", "holderAccount"):
        part = {key: value for key, value in whole.items() if key != name}
        assert refused(world["warehouse"], f"{path}/hand-over", part)["status"] == 422
    assert refused(world["warehouse"], f"{path}/hand-over")["status"] == 422
    assert world["warehouse"].get(path).body["releaseRequested"] is True


def test_lot_shows_inspection_and_loss_of_goods(world: World) -> None:
    lot, receipt = issued(world)
    bank = {"lienholderPartyId": world.parties["bank"]}
    path = f"/v1/lots/{lot}/inspections"
    world["warehouse"].command(path, {"condition": "reduced", "report": "two bundles are wet"})
    assert "LotNotSound" in str(
        refused(world["supplier"], f"/v1/warehouse-receipts/{receipt}/lien", bank)
    )
    assert "condition" in failed(world, receipt)
    world["warehouse"].command(path, {"condition": "sound"})
    world["warehouse"].command(
        f"/v1/warehouse-receipts/{receipt}/impairments", {"quantity": "12.5", "report": "crushed"}
    )
    assert quantities(world, lot) == ("1000.000", "0.000", "12.500", "987.500")
    entries = world["supplier"].get(f"/v1/lots/{lot}").body["entries"]
    kinds = [(entry["kind"], entry["condition"], entry["quantity"]) for entry in entries]
    assert kinds == [
        *(("inspected", "reduced", None), ("inspected", "sound", None)),
        ("impaired", None, "12.500"),
    ]
    world["warehouse"].command(
        f"/v1/warehouse-receipts/{receipt}/impairments", {"quantity": "987.5"}
    )
    assert world["supplier"].get(f"/v1/warehouse-receipts/{receipt}").body["ended"] == "impaired"
    assert "exists" in failed(world, receipt)


def test_goods_under_lien_are_released_only_by_the_lienholder(world: World) -> None:
    _, receipt = issued(world)
    bank = {"lienholderPartyId": world.parties["bank"]}
    world["supplier"].command(f"/v1/warehouse-receipts/{receipt}/lien", bank)
    encumbered = world["bank"].get("/v1/warehouse-receipts", underMyLien=True).body["items"]
    assert receipt in [item["id"] for item in encumbered]
    assert "TokenEncumbered" in str(
        refused(world["supplier"], f"/v1/warehouse-receipts/{receipt}/releases")
    )
    assert "free-of-liens" in failed(world, receipt)
    with pytest.raises(Exception, match="no lien"):
        deleted(world, "supplier", f"/v1/warehouse-receipts/{receipt}/lien")
    deleted(world, "bank", f"/v1/warehouse-receipts/{receipt}/lien")
    world["supplier"].command(f"/v1/warehouse-receipts/{receipt}/releases")


def test_non_negotiable_warehouse_receipt_moves_once_per_acknowledgement(
    world: World,
) -> None:
    _, receipt = issued(world, negotiable=False)
    part = {"parts": [{"toPartyId": world.parties["castor"], "quantity": "5"}]}
    path = f"/v1/warehouse-receipts/{receipt}"
    assert "NotNegotiable" in str(refused(world["supplier"], f"{path}/assignments", part))
    to = {"toPartyId": world.parties["castor"]}
    world["warehouse"].command(f"{path}/acknowledgement", to)
    body = world["supplier"].get(path).body
    assert body["acknowledgedTo"]["partyId"] == world.parties["castor"]
    world["supplier"].command(f"{path}/assignments", part)
    assert world["supplier"].get(path).body["acknowledgedTo"] is None
    assert "NotNegotiable" in str(refused(world["supplier"], f"{path}/assignments", part))
    _, other = issued(world)
    problem = refused(world["warehouse"], f"/v1/warehouse-receipts/{other}/acknowledgement", to)
    assert (problem["status"], problem["type"][-10:]) == (409, "negotiable")


def test_operator_stops_only_new_liens_of_a_warehouse(own_world: World) -> None:
    world = own_world
    lot, receipt = issued(world)
    path = f"/v1/warehouses/{world.parties['warehouse']}/lien-stop"
    bank = {"lienholderPartyId": world.parties["bank"]}
    world["operator"].command(path, {"stopped": True, "reason": "no count for three weeks"})
    assert world["supplier"].get(f"/v1/lots/{lot}").body["standing"]["newLiensStopped"] is True
    problem = refused(world["supplier"], f"/v1/warehouse-receipts/{receipt}/lien", bank)
    assert "NewLiensAreStopped" in str(problem)
    assert "warehouse-standing" in failed(world, receipt)
    world["supplier"].command(f"/v1/warehouse-receipts/{receipt}/releases", {"quantity": "1"})
    world["operator"].command(path, {"stopped": False})
    world["supplier"].command(f"/v1/warehouse-receipts/{receipt}/lien", bank)


def test_the_same_lot_is_issued_once_however_its_number_is_written(world: World) -> None:
    body = lot_body(world, lotNumber=f"BL 77/{uuid.uuid4().hex[:6]}")
    world["warehouse"].command("/v1/lots", body)
    again = body | {"lotNumber": body["lotNumber"].lower().replace(" ", "--")}
    problem = refused(world["warehouse"], "/v1/lots", again)
    assert (problem["status"], problem["type"].rsplit(":", 1)[-1]) == (409, "lot-already-issued")


def test_the_gateway_names_goods_as_the_ledger_does(world: World) -> None:
    contracts = world.server.gateway.contracts
    lot, _ = issued(world)
    lot_view = world["supplier"].get(f"/v1/lots/{lot}").body
    item = item_of(sku="06901234567892", grade="A356.2", unit="KGM")
    words = [lot_view["skuHash"], "0x" + b"A356.2".ljust(16, b"\0").hex(), "0x" + b"KGM".hex()]
    data = "0x" + contracts.encode("WarehouseReceipts", "itemOf", words).hex()
    to = contracts.address("WarehouseReceipts")
    answer = world.server.node.ask("eth_call", {"to": to, "data": data}, "latest")
    assert answer == item == lot_view["item"]


# -- what a receipt states


def test_holder_reads_a_warehouse_receipt_and_discloses_chosen_fields(world: World) -> None:
    _, receipt = issued(world)
    part = part_of(world, receipt, "castor", "10")
    for name in ("supplier", "castor", "warehouse", "auditor"):
        documents = world[name].get(f"/v1/warehouse-receipts/{part}").body["documents"]
        assert (documents["stored"], documents["differs"]) == (True, []), name
        assert documents["fields"]["storagePlace"] == "Beilun, hall 4"
        assert documents["fields"]["warehouse.name"] == "Beilun Warehousing Co., Ltd."
    body = {"fields": ["goodsDescription", "insurance"]}
    pack = world["castor"].post(f"/v1/warehouse-receipts/{part}/disclosure", body).body
    assert (
        pack["root"]
        == world["castor"].get(f"/v1/warehouse-receipts/{part}").body["lot"]["documentRoot"]
    )
    verification = world["buyer"].post("/v1/verification/documents", pack).body
    proofs = [check for check in verification["checks"] if check["name"].startswith("field:")]
    assert [proof["holds"] for proof in proofs] == [True, True]
    problem = refused(
        world["castor"], f"/v1/warehouse-receipts/{part}/disclosure", {"fields": ["price"]}
    )
    assert (problem["status"], problem["field"]) == (422, "fields")


# -- verification and history


def test_verification_passes_for_sound_goods_and_names_failing_checks(own_world: World) -> None:
    world = own_world
    _, receipt = issued(world, expiryDate=day(3))
    assert failed(world, receipt) == ["price-in-force"]
    goods = {"sku": "06901234567892", "grade": "A356.2", "unit": "KGM"}
    listing = {"goods": [goods], "currency": "CNY", "maxJump": 50_000}
    listing |= {"maxAgeSeconds": 90 * 86_400}
    item = world["operator"].command("/v1/price-items", listing).body["items"][0]
    listed = world["bank"].get("/v1/price-items").body["items"]
    assert (listed[0]["item"], listed[0]["goods"]) == (item, goods)
    price = {"item": item, "currency": "CNY", "price": "18.50", "haircut": 350_000}
    price |= {"validHours": 24 * 60}
    world["first-appraiser"].command("/v1/prices", {"prices": [price]})
    assert failed(world, receipt) == ["price-in-force"]  # a first price needs a second appraiser
    named = confirmation(world, item=item)
    world["second-appraiser"].command("/v1/prices/confirmations", named)
    assert failed(world, receipt) == []
    verification = world["bank"].get(f"/v1/verification/warehouse-receipts/{receipt}").body
    checks = {check["name"]: check["evidence"] for check in verification["checks"]}
    assert checks["price-in-force"]["prices"] == [
        {"currency": "CNY", "price": "18.5", "haircut": 350_000}
    ]
    # Prices of a former appraiser do not count.
    set_roles(world, world.parties["first-appraiser"], [])
    assert failed(world, receipt) == ["price-in-force"]
    set_roles(world, world.parties["first-appraiser"], ["appraiser"])
    # An assigned part keeps its lineage when the rest is assigned later.
    part = part_of(world, receipt, "castor", "10")
    rest = {"parts": [{"toPartyId": world.parties["altair"], "quantity": "990"}]}
    world["supplier"].command(f"/v1/warehouse-receipts/{receipt}/assignments", rest)
    assert failed(world, part) == [] == failed(world, receipt)
    assert failed(world, part, by="castor") == []
    # The goods expire, the price grows old, the warehouse's registration ends.
    later(world, 5 * 86_400)
    assert failed(world, part) == ["not-expired"]
    bank = {"lienholderPartyId": world.parties["bank"]}
    assert "LotExpired" in str(
        refused(world["castor"], f"/v1/warehouse-receipts/{part}/lien", bank)
    )
    world["castor"].command(f"/v1/warehouse-receipts/{part}/releases")
    assert failed(world, part) == ["no-release-pending", "not-expired"]
    # An end may be brought forward to thirty days from now at the earliest.
    block = world.server.node.ask("eth_getBlockByNumber", "latest", False)
    end = int(block["timestamp"], 16) + 31 * 86_400
    set_validity(world, world.parties["warehouse"], end)
    world.later(60 * 86_400)
    assert failed(world, receipt) == ["warehouse-valid", "not-expired", "price-in-force"]


def test_frozen_warehouse_hands_nothing_over_and_the_holder_may_withdraw(
    own_world: World,
) -> None:
    world = own_world
    _, receipt = issued(world)
    world["supplier"].command(f"/v1/warehouse-receipts/{receipt}/releases")
    order = {
        "kind": "freeze",
        "partyId": world.parties["warehouse"],
        "orderHash": "0x" + "ab" * 32,
    }
    done = world["regulator"].command("/v1/orders-of-court", order).body
    number = done["result"]["events"][0]["arguments"]["orderId"]
    assert "no-court-order" in failed(world, receipt)
    later(world, 8 * 86_400)
    world["second-regulator"].command(f"/v1/orders-of-court/{number}/execution")
    assert "PartyNotValid" in str(
        refused(
            world["warehouse"],
            f"/v1/warehouse-receipts/{receipt}/hand-over",
            handed(world, receipt),
        )
    )
    assert "warehouse-valid" in failed(world, receipt)
    world["supplier"].command(f"/v1/warehouse-receipts/{receipt}/withdrawal")
    assert (
        world["supplier"].get(f"/v1/warehouse-receipts/{receipt}").body["releaseRequested"] is False
    )


def test_history_of_a_lot_has_its_warehouse_receipts_and_that_of_a_receipt_its_lineage(
    world: World,
) -> None:
    lot, receipt = issued(world)
    part = part_of(world, receipt, "castor", "10")
    other = part_of(world, receipt, "vega", "20")
    events = world["castor"].get("/v1/history", lot=lot).body["items"]
    assert [event["event"] for event in events].count("Assigned") == 2
    events = world["castor"].get("/v1/history", warehouseReceipt=part).body["items"]
    assert {"WarehouseReceiptIssued", "Assigned"} <= {event["event"] for event in events}
    for path in (f"/v1/history?lot={lot}", f"/v1/history?warehouseReceipt={other}"):
        assert world.http.get(path, headers=world["pollux"].headers).status_code == 404
    path = f"/v1/history?warehouseReceipt={other}"
    assert world.http.get(path, headers=world["castor"].headers).status_code == 404


# -- a wallet of its own


def test_a_warehouse_with_its_own_wallet_signs_lots_and_counts_itself(own_world: World) -> None:
    world = own_world
    wallet, caller = own_wallet(
        world, role="warehouse", api_role="warehouse", legal_id="9501101000018"
    )

    def send(path: str, **request: Any) -> Json:
        headers_sent = caller.headers | {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=50"}
        answer = world.http.post(path, headers=headers_sent, **request)
        assert answer.status_code < 300, answer.text
        body: Json = answer.json()
        return body

    def sign(prepared: Json) -> Json:
        assert prepared["operation"]["state"] == "prepared", prepared
        path = f"/v1/operations/{prepared['operation']['id']}"
        caller.post(
            f"{path}/signature", {"signature": signed(world, wallet, prepared["typedData"])}
        )
        done = caller.get(path, wait=50).body
        assert done["state"] in ("included", "final"), done
        return done

    def moved(row: str) -> Json:
        header = "sequence,movementId,lotNumber,date,kind,quantity,unit"
        files = {"file": ("stock.csv", f"{header}\n{row}".encode(), "text/csv")}
        return send("/v1/stock-movements", files=files, data={"asOf": day(0)})

    body = lot_body(world)
    lot, number = sign(send("/v1/lots", json=body))["result"]["lotId"], body["lotNumber"]
    prepared = moved(f"1,m1,{number},{day(0)},received,990,KGM")
    assert prepared["differences"] == 1
    # Nothing is on the ledger until the wallet signs.
    assert caller.get(f"/v1/lots/{lot}").body["short"] is False
    sign(prepared)
    lot_view = caller.get(f"/v1/lots/{lot}").body
    assert (lot_view["short"], lot_view["counted"]) == (True, "990.000")
    # An intent that was never signed is no loss: the count is asked for again.
    assert moved(f"2,m2,{number},{day(0)},adjusted,10,KGM")["differences"] == 0
    assert caller.get(f"/v1/lots/{lot}").body["short"] is True
    sign(send("/v1/stock-counts"))
    assert caller.get(f"/v1/lots/{lot}").body["short"] is False


def test_a_signed_hand_over_fails_if_the_receipt_changed_after_it_was_prepared(
    own_world: World,
) -> None:
    world = own_world
    wallet, caller = own_wallet(
        world, role="warehouse", api_role="warehouse", legal_id="9501101000018"
    )
    prepared = caller.post("/v1/lots", lot_body(world)).body
    result = signed_operation(world, wallet, caller, prepared)["result"]
    lot, receipt = result["lotId"], result["warehouseReceiptIds"][0]
    path = f"/v1/warehouse-receipts/{receipt}"
    world["supplier"].command(f"{path}/releases")
    holder = caller.get(path).body["owner"]["account"]
    body = {"quantity": "1000.000", "holderAccount": holder}
    prepared = caller.post(f"{path}/hand-over", body).body
    shown = caller.post("/v1/signing/description", {"typedData": prepared["typedData"]}).body
    call = next(row["call"] for row in shown["rows"] if row["call"])
    holder_name = caller.get(path).body["owner"]["name"]
    words = f"1000.000 of warehouse receipt {receipt} is handed over to {holder_name}"
    assert call["sentence"]["text"] == words

    world["supplier"].command(f"{path}/withdrawal")
    part_of(world, receipt, "castor", "999")
    world["supplier"].command(f"{path}/releases")
    operation = f"/v1/operations/{prepared['operation']['id']}"
    signature = {"signature": signed(world, wallet, prepared["typedData"])}
    problem = refused(caller, f"{operation}/signature", signature)
    assert problem["type"].endswith(":warehouse-receipt-changed")
    assert problem["contractError"]["name"] == "WarehouseReceiptChanged"
    assert quantities(world, lot) == ("1000.000", "0.000", "0.000", "1000.000")
    assert caller.get(path).body["ended"] is None
