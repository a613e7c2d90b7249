"""Loans on goods through the API: draws, substitution, conversion, and who may do what."""

from __future__ import annotations

import pytest

from app.chain.evm.signers import LocalSigner
from app.demo.client import Caller
from app.gateway.signing import terms_for
from tests.support.bodies import Json
from tests.support.contract_calls import account, sent
from tests.support.days import day
from tests.support.goods_on_loan import (
    cloud_line,
    collateral_of,
    delivery,
    drawn_on_goods,
    goods_facility,
    item,
    kinds,
    lent_on_goods,
    lent_on_order,
    priced,
    receipts,
    stored,
    warehouse,
)
from tests.support.wallets import own_wallet, signed_operation
from tests.support.world import World, cny, refused

# -- draws


def test_goods_secure_a_loan_and_are_released_with_the_last_cent(world: World) -> None:
    facility, loan, receipt = lent_on_goods(world, "rubber", "6000.00")
    loan_view = world["bank"].get(f"/v1/loans/{loan}").body
    collateral = loan_view["collateral"]
    assert (collateral["kind"], collateral["id"]) == ("warehouse-receipt", None)
    (backing,) = collateral["items"]
    assert (backing["kind"], backing["id"], backing["quantity"]) == (
        "warehouse-receipt",
        receipt,
        "1000.000",
    )
    assert (backing["item"], backing["unit"], backing["condition"]) == (
        item("rubber"),
        "KGM",
        "sound",
    )
    assert backing["goods"] is None, "listed by hash, not by name"
    assert (collateral["lendable"], collateral["market"]) == (cny("6000.00"), cny("10000.00"))
    assert (collateral["debt"], collateral["level"], collateral["priced"]) == (
        cny("6000.00"),
        1_000_000,
        True,
    )
    assert (collateral["callLevel"], collateral["liquidationLevel"]) == (950_000, 850_000)
    assert (collateral["calledDate"], collateral["auction"], collateral["sales"]) == (
        None,
        None,
        [],
    )
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("7000.00")})
    loan_view = world["supplier"].get(f"/v1/loans/{loan}").body
    assert (loan_view["status"], loan_view["collateral"]["items"]) == ("repaid", [])
    again = drawn_on_goods(world, facility, "1.00", receipt)
    assert collateral_of(world, again)["items"][0]["id"] == receipt


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"amount": cny("6000.01")}, "CollateralTooSmall"),
        ({"amount": cny("0.00")}, "amount"),
        ({"tenor": 181}, "TermOutOfRange"),
        ({"items": []}, "needs warehouse receipts as items"),
        ({"items": [{"kind": "claim", "id": 1}]}, "no item is a warehouse receipt"),
        ({"items": [{"kind": "order", "id": 1}]}, "items.0.kind"),
        ({"collateralId": 7}, "a loan on goods takes items"),
        ({"items": receipts(999_999)}, "CollateralNotOfBorrower"),
        ({"items": receipts(0)}, "items.0.id"),
        ({"items": receipts(*range(1, 18))}, "items"),
    ],
)
def test_invalid_draw_on_goods_is_refused(world: World, body: Json, word: str) -> None:
    priced(world, "cotton")
    _, receipt = stored(world, "cotton")
    facility = goods_facility(world)
    request = {"amount": cny("10.00"), "tenor": 30, "items": receipts(receipt)} | body
    problem = refused(world["supplier"], f"/v1/facilities/{facility}/draws", request)
    assert word in str(problem), problem
    twice = request | {"amount": cny("10.00"), "tenor": 30, "items": receipts(receipt, receipt)}
    if "collateralId" not in body:
        problem = refused(world["supplier"], f"/v1/facilities/{facility}/draws", twice)
        assert problem["field"] == "items.1.id"
    assert world["supplier"].get(f"/v1/facilities/{facility}").body["drawn"] == cny("0.00")


def test_draw_is_refused_when_goods_cannot_be_collateral(world: World) -> None:
    priced(world, "tea")
    facility = goods_facility(world)
    path = f"/v1/facilities/{facility}/draws"

    def draw(*numbers: int) -> str:
        body = {"amount": cny("1.00"), "tenor": 30, "items": receipts(*numbers)}
        return str(refused(world["supplier"], path, body))

    _, others = stored(world, "tea", owner="castor")
    assert "CollateralNotOfBorrower" in draw(others)
    _, straight = stored(world, "tea", negotiable=False)
    assert "ItemRefused" in draw(straight)
    lot, spoiled = stored(world, "tea")
    sent(world, warehouse(world), "WarehouseReceipts", "inspect", lot, 1, "0x" + "33" * 32)
    assert "LotNotSound" in draw(spoiled)
    _, unpriced = stored(world, "never priced")
    assert "PriceMissing" in draw(unpriced)
    loan = drawn_on_goods(world, facility, "1.00", stored(world, "tea")[1])
    backing = collateral_of(world, loan)["items"][0]["id"]
    assert "CollateralInUse" in draw(backing)
    with pytest.raises(Exception, match="Encumbered"):
        sent(
            *(world, account(world, "supplier"), "WarehouseReceipts", "requestRelease"),
            *(backing, 1_000, "0x" + "33" * 32),
        )
    claim = world.confirmed(amount="500.00")[1]
    body = {"amount": cny("1.00"), "tenor": 30, "items": receipts(unpriced)}
    body["items"] = [*receipts(stored(world, "tea")[1]), {"kind": "claim", "id": claim}]
    assert "ItemRefused" in str(refused(world["supplier"], path, body)), "its advance is nothing"
    claims = goods_facility(world, "inbound-order-finance")
    done = world["supplier"].command(f"/v1/facilities/{claims}/draws", body).body
    collateral = collateral_of(world, int(done["result"]["loanId"]))
    assert collateral["items"][1] | {"receivableId": 0} == {
        **{"kind": "claim", "id": claim, "receivableId": 0},
        "amount": cny("500.00"),
    }
    assert collateral["lendable"] == cny("6400.00")


def test_draw_refuses_collateral_items_for_other_products(world: World) -> None:
    facility = goods_facility(world, "receivables-finance")
    body = {"amount": cny("1.00"), "tenor": 30, "items": receipts(1)}
    problem = refused(world["supplier"], f"/v1/facilities/{facility}/draws", body)
    assert (problem["status"], problem["field"]) == (422, "items")


# -- substitution


def test_collateral_is_substituted_oldest_first_and_never_below_the_debt(world: World) -> None:
    priced(world, "document")
    facility = goods_facility(world)
    _, old = stored(world, "document", days_ago=30)
    _, newer = stored(world, "document", days_ago=2)
    loan = drawn_on_goods(world, facility, "6000.00", old, newer)
    path = f"/v1/loans/{loan}/collateral"
    younger_first = {"removed": [{"kind": "warehouse-receipt", "id": newer, "quantity": "1.000"}]}
    assert "OlderGoodsFirst" in str(refused(world["supplier"], path, younger_first))
    too_much = {
        "removed": [*receipts(old), {"kind": "warehouse-receipt", "id": newer, "quantity": "0.001"}]
    }
    assert "CollateralTooSmall" in str(refused(world["supplier"], path, too_much))
    _, fresh = stored(world, "document", days_ago=0)
    substitution = {
        "added": receipts(fresh),
        "removed": [
            *receipts(old),
            {"kind": "warehouse-receipt", "id": newer, "quantity": "999.999"},
        ],
    }
    world["supplier"].command(path, substitution)
    collateral = collateral_of(world, loan)
    assert [(entry["id"], entry["quantity"]) for entry in collateral["items"]] == [
        *((newer, "0.001"), (fresh, "1000.000")),
    ]
    assert kinds(world, loan) == [
        "drawn",
        "collateral-added",
        "collateral-released",
        "collateral-reduced",
    ]
    entry = world["bank"].get(f"/v1/loans/{loan}").body["entries"][-1]
    assert entry["details"] == {"kind": "warehouse-receipt", "id": newer, "quantity": "999.999"}
    statement = world["bank"].get(f"/v1/loans/{loan}/statement").body
    assert [line["kind"] for line in statement["lines"]] == ["drawn"]
    more = {"removed": [{"kind": "warehouse-receipt", "id": fresh, "quantity": "1000.001"}]}
    assert "TermOutOfRange" in str(refused(world["supplier"], path, more))
    gone = {"removed": receipts(old)}
    assert "ItemNotOfLoan" in str(refused(world["supplier"], path, gone))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "added"),
        (
            {"removed": [{"kind": "warehouse-receipt", "id": 1, "quantity": "0"}]},
            "removed.0.quantity",
        ),
        (
            {"removed": [{"kind": "warehouse-receipt", "id": 1, "quantity": "-1"}]},
            "removed.0.quantity",
        ),
        (
            {"removed": [{"kind": "warehouse-receipt", "id": 1, "quantity": "0.0001"}]},
            "removed.0.quantity",
        ),
        ({"removed": [{"kind": "claim", "id": 1, "quantity": "1"}]}, "removed.0.quantity"),
        (
            {"removed": [{"kind": "warehouse-receipt", "id": 1, "amount": cny("1.00")}]},
            "removed.0.amount",
        ),
        (
            {"removed": [{"kind": "claim", "id": 1, "amount": {"amount": "1", "currency": "EUR"}}]},
            "removed.0.amount.currency",
        ),
        ({"added": [*receipts(1), *receipts(1)]}, "added.1.id"),
        ({"added": [{"kind": "gold", "id": 1}]}, "added.0.kind"),
    ],
)
def test_invalid_substitution_names_its_field(world: World, body: Json, field: str) -> None:
    _, loan, _ = lent_on_goods(world, "silk", "10.00")
    problem = refused(world["supplier"], f"/v1/loans/{loan}/collateral", body)
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_goods_and_claims_are_substituted_under_the_platforms_product(own_world: World) -> None:
    world = own_world
    facility = cloud_line(world)
    priced(world, "phones")
    _, receipt = stored(world, "phones")
    _, claim = world.confirmed(amount="5000.00", days=100)
    body = {
        "amount": cny("9000.00"),
        "tenor": 60,
        "items": [*receipts(receipt), {"kind": "claim", "id": claim}],
    }
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    loan = int(done["result"]["loanId"])
    path = f"/v1/loans/{loan}/collateral"
    _, late = world.confirmed(amount="5000.00", days=370)
    problem = refused(world["supplier"], path, {"added": [{"kind": "claim", "id": late}]})
    assert (problem["status"], problem["field"]) == (422, "added.0.id")
    assert problem["type"] == "urn:cession:problem:tenor-too-long"
    small = {"removed": [{"kind": "claim", "id": claim, "amount": cny("1250.01")}]}
    assert "CollateralTooSmall" in str(refused(world["supplier"], path, small))
    part = {"removed": [{"kind": "claim", "id": claim, "amount": cny("1250.00")}]}
    assert "CollateralTooSmall" in str(refused(world["supplier"], path, part)), "no accepted debtor"
    accepted = {"debtorPartyId": world.parties["buyer"]}
    world["platform"].command(f"/v1/facilities/{facility}/debtors", accepted)
    world["supplier"].command(path, part)
    collateral = collateral_of(world, loan)
    assert (collateral["items"][1]["amount"], collateral["lendable"]) == (
        cny("3750.00"),
        cny("9000.00"),
    )
    entry = world["platform"].get(f"/v1/loans/{loan}").body["entries"][-1]
    assert entry["details"] == {"kind": "claim", "id": claim, "value": cny("1250.00")}


# -- conversion from order to goods to claim


def test_order_converts_to_goods_and_claims_in_part_deliveries(world: World) -> None:
    priced(world, "steel")
    order, loan = lent_on_order(world)
    lot, receipt = stored(world, "steel", order=order)
    draft = delivery(world, order, lot, "6000.00")
    path = f"/v1/loans/{loan}/goods"
    world["supplier"].command(path, {"deliveryId": draft, "warehouseReceiptId": receipt})
    collateral = collateral_of(world, loan)
    assert [(entry["kind"], entry["id"]) for entry in collateral["items"]] == [
        *(("order", order), ("warehouse-receipt", receipt)),
    ]
    assert collateral["items"][0]["amount"] == cny("4000.00")
    # 1,000 kg at 10.00 less 40%, and 70% of what is not delivered.
    assert collateral["lendable"] == cny("8800.00")
    order_view = world["buyer"].get(f"/v1/orders/{order}").body
    assert order_view["delivered"] == cny("6000.00")
    assert order_view["deliveries"]["items"][0]["state"] == "recorded"
    again = refused(world["supplier"], path, {"deliveryId": draft, "warehouseReceiptId": receipt})
    assert again["status"] == 409, "a delivery serves once"

    second_lot, second = stored(world, "steel", order=order, kilograms=500)
    other = delivery(world, order, second_lot, "4000.00")
    world["bank"].command(path, {"deliveryId": other, "warehouseReceiptId": second})
    assert collateral_of(world, loan)["items"][0]["amount"] == cny("0.00")

    receivable = world.requested(amount="6000.00", days=100)
    goods = {"receivableId": receivable, "warehouseReceiptId": receipt}
    invoiced = f"/v1/loans/{loan}/invoiced-goods"
    early = refused(world["supplier"], invoiced, goods)
    assert (early["status"], early["type"][-13:]) == (409, "not-confirmed")
    world["buyer"].command(f"/v1/receivables/{receivable}/confirmation")
    world["supplier"].command(invoiced, goods)
    items = {(entry["kind"], entry["id"]) for entry in collateral_of(world, loan)["items"]}
    claim = world["supplier"].get(f"/v1/receivables/{receivable}").body["claimId"]
    assert items == {("order", order), ("warehouse-receipt", second), ("claim", claim)}
    order_view = world["supplier"].get(f"/v1/orders/{order}").body
    assert (order_view["invoiced"], order_view["delivered"]) == (cny("6000.00"), cny("4000.00"))
    left = [recorded["notInvoiced"] for recorded in order_view["deliveries"]["recorded"]]
    assert left == [cny("0.00"), cny("4000.00")]
    assert kinds(world, loan)[:3] == ["drawn", "order-converted-to-goods", "collateral-added"]
    assert "goods-converted-to-claim" in kinds(world, loan)

    last, last_claim = world.confirmed(amount="4000.00", days=100)
    body = {
        "receivableId": last,
        "warehouseReceiptId": second,
        "claimId": last_claim,
        "quantity": "500.000",
    }
    world["supplier"].command(invoiced, body)
    assert world["supplier"].get(f"/v1/orders/{order}").body["status"] == "invoiced"
    world["buyer"].command(f"/v1/receivables/{last}/payments", {"amount": cny("4000.00")})
    world["buyer"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny("6000.00")})
    world["supplier"].command("/v1/claims/collections", {"claimIds": [claim, last_claim]})
    assert world["bank"].get(f"/v1/loans/{loan}").body["status"] == "repaid"


def test_invalid_conversion_is_refused(world: World) -> None:
    priced(world, "glass")
    order, loan = lent_on_order(world)
    other_order, _ = lent_on_order(world)
    lot, receipt = stored(world, "glass", order=order)
    _, elsewhere = stored(world, "glass")
    path = f"/v1/loans/{loan}/goods"
    draft = delivery(world, order, lot, "6000.00", signed=False)
    body = {"deliveryId": draft, "warehouseReceiptId": receipt}
    unsigned = refused(world["supplier"], path, body)
    assert (unsigned["status"], unsigned["type"][-17:]) == (409, "signature-missing")
    world["buyer"].post(f"/v1/deliveries/{draft}/signature")
    for name, status in (("castor", 404), ("vega", 404), ("rater", 403), ("auditor", 403)):
        assert refused(world[name], path, body)["status"] == status, name
    assert "NotOfTheOrder" in str(
        refused(world["supplier"], path, body | {"warehouseReceiptId": elsewhere})
    )
    other_lot, other_receipt = stored(world, "glass", order=other_order)
    others = delivery(world, other_order, other_lot, "10.00")
    strange = {"deliveryId": others, "warehouseReceiptId": other_receipt}
    assert refused(world["supplier"], path, strange)["status"] == 404, "another loan's order"
    nothing = refused(world["supplier"], path, body | {"deliveryId": "none"})
    assert nothing["status"] == 404
    recorded = refused(world["supplier"], f"/v1/deliveries/{draft}/execution")
    assert (recorded["status"], recorded["type"][-16:]) == (409, "order-under-lien")
    world["supplier"].command(path, body)
    stranger = {"receivableId": world.confirmed(amount="10.00")[0], "warehouseReceiptId": elsewhere}
    invoiced = f"/v1/loans/{loan}/invoiced-goods"
    assert "ItemNotOfLoan" in str(refused(world["supplier"], invoiced, stranger))
    much = stranger | {"quantity": "many"}
    assert refused(world["supplier"], invoiced, much)["field"] == "quantity"
    assert refused(world["bank"], invoiced, stranger)["status"] == 403
    assert refused(world["castor"], invoiced, stranger)["status"] == 404


# -- whose it is


def test_collateral_is_visible_and_changed_only_by_the_loans_parties(world: World) -> None:
    facility, loan, receipt = lent_on_goods(world, "wool", "10.00")
    substitution = {"removed": [{"kind": "warehouse-receipt", "id": receipt, "quantity": "1.000"}]}
    attempts: list[tuple[str, str, Json | None, int]] = [
        ("castor", f"/v1/loans/{loan}/collateral", substitution, 404),
        ("castor", f"/v1/loans/{loan}/margin-check", None, 404),
        ("platform", f"/v1/loans/{loan}/margin-check", None, 404),
        ("platform", f"/v1/loans/{loan}/liquidation", None, 404),
        ("platform", f"/v1/loans/{loan}/bids", {"maxPrice": cny("1.00")}, 404),
        ("bank", f"/v1/loans/{loan}/collateral", substitution, 403),
        ("supplier", f"/v1/loans/{loan}/liquidation", None, 403),
        ("supplier", f"/v1/loans/{loan}/bids", {"maxPrice": cny("1.00")}, 403),
        ("auditor", f"/v1/loans/{loan}/collateral", substitution, 403),
        ("castor", f"/v1/facilities/{facility}/draws", {"amount": cny("1.00")}, 404),
    ]
    for name, path, body, status in attempts:
        assert refused(world[name], path, body)["status"] == status, f"{name} {path}"
    for name in ("castor", "platform", "buyer"):
        for path in ("/v1/margin-calls?near=true", "/v1/loans"):
            answer = world.http.get(path, headers=world[name].headers).json()["items"]
            numbers = [row.get("loanId", row.get("id")) for row in answer]
            assert loan not in numbers, f"{name} {path}"
    for name in ("supplier", "buyer", "rater"):
        answer = world.http.get("/v1/auctions", headers=world[name].headers)
        assert answer.status_code == 403, name
    _, plain = lent_on_order(world)
    other = refused(world["supplier"], f"/v1/loans/{plain}/collateral", substitution)
    assert (other["status"], other["type"][-12:]) == (409, "not-on-goods")
    assert "MarginNotAgreed" in str(refused(world["bank"], f"/v1/loans/{plain}/margin-check"))


def test_borrower_draws_on_goods_with_its_own_wallet(world: World) -> None:
    wallet, caller = own_wallet(
        world, role="supplier", api_role="supplier", legal_id="9501101000087"
    )
    world.callers["wallet"] = caller
    world.parties["wallet"] = world.parties["9501101000087"]
    priced(world, "oil")
    _, receipt = stored(world, "oil", owner="wallet")
    body = {
        "productId": next(
            product["id"]
            for product in world["bank"].get("/v1/products").body["items"]
            if product["code"] == "warehouse-receipt-finance"
        ),
        **{"borrowerPartyId": world.parties["wallet"], "annualRate": 72_000},
        **{"limit": cny("100000.00"), "lastDate": day(500)},
    }
    proposal = world["bank"].post("/v1/facility-proposals", body).body
    signature = "0x" + wallet.sign_hash(_digest(world, proposal["typedData"])).hex()
    path = f"/v1/facility-proposals/{proposal['id']}/signature"
    done = _by_wallet(world, wallet, caller, path, {"signature": signature})
    draws = f"/v1/facilities/{done['result']['facilityId']}/draws"
    draw = {"amount": cny("100.00"), "tenor": 30, "items": receipts(receipt)}
    first = caller.post(draws, draw).body
    assert first["next"], "the approval for Facilities comes first"
    assert first["operation"]["contract"] == "WarehouseReceipts"
    signed_operation(world, wallet, caller, first)
    done = _by_wallet(world, wallet, caller, draws, draw)
    loan_view = caller.get(f"/v1/loans/{done['result']['loanId']}").body
    assert loan_view["collateral"]["items"][0]["id"] == receipt


def _digest(world: World, typed: Json) -> bytes:
    gateway = world.server.gateway
    return terms_for(gateway, "Facilities", typed["primaryType"], typed["message"]).digest()


def _by_wallet(world: World, wallet: LocalSigner, caller: Caller, path: str, body: Json) -> Json:
    return signed_operation(world, wallet, caller, caller.post(path, body).body)
