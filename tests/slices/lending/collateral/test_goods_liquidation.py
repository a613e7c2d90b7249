"""When goods lose value: margin calls, auctions, bids and buy-backs."""

from __future__ import annotations

import pytest

from app.demo.client import Caller
from tests.support.contract_calls import sent
from tests.support.days import day
from tests.support.goods_on_loan import (
    DAY,
    appraised,
    collateral_of,
    drawn_on_goods,
    kinds,
    later,
    lent_on_goods,
    other_funder,
    receipts,
    stored,
    warehouse,
)
from tests.support.world import World, cny, refused


def event_names(caller: Caller, **query: int) -> set[str]:
    """Names of the events in a history as the caller reads it."""
    return {event["event"] for event in caller.get("/v1/history", **query).body["items"]}


def test_fallen_price_makes_a_margin_call_and_added_goods_cure_it(own_world: World) -> None:
    world = own_world
    facility, loan, _ = lent_on_goods(world, "copper", "6000.00")
    check = f"/v1/loans/{loan}/margin-check"
    assert "MarginUnchanged" in str(refused(world["supplier"], check))
    assert world["bank"].get("/v1/margin-calls", near=True).body["items"][0]["level"] == 1_000_000
    assert world["bank"].get("/v1/margin-calls").body["items"] == []
    assert "NotLiquidable" in str(refused(world["bank"], f"/v1/loans/{loan}/liquidation"))
    later(world)
    appraised(world, "copper", "9.00")
    world["operator"].command(check)
    (call,) = world["supplier"].get("/v1/margin-calls").body["items"]
    assert (call["loanId"], call["lendable"]) == (loan, cny("5400.00"))
    assert call["lastDate"] > call["calledDate"]
    assert world["buyer"].get("/v1/margin-calls").body["items"] == []
    assert "NotLiquidable" in str(refused(world["bank"], f"/v1/loans/{loan}/liquidation"))
    report = world["bank"].get("/v1/portfolio").body["goods"]
    assert [(row["currency"], row["loans"], row["openCalls"]) for row in report] == [("CNY", 1, 1)]
    assert report[0]["lendable"] == cny("5400.00")
    _, more = stored(world, "copper", 200)
    world["supplier"].command(f"/v1/loans/{loan}/collateral", {"added": receipts(more)})
    assert world["supplier"].get("/v1/margin-calls").body["items"] == []
    assert collateral_of(world, loan)["calledDate"] is None
    assert kinds(world, loan) == ["drawn", "margin-called", "collateral-added", "margin-cured"]
    loan_view = world["bank"].get(f"/v1/loans/{loan}").body["entries"][1]["details"]
    assert (loan_view["lendable"], loan_view["lastDate"]) == (cny("5400.00"), call["lastDate"])
    lines = world["bank"].get(f"/v1/loans/{loan}/statement").body["lines"]
    assert [line["kind"] for line in lines if line["kind"].startswith("margin")] == [
        *("margin-called", "margin-cured"),
    ]
    assert world["bank"].get(f"/v1/facilities/{facility}").body["buyBack"] is None


def test_price_jump_of_one_appraiser_makes_no_margin_call_and_old_prices_liquidate_late(
    own_world: World,
) -> None:
    world = own_world
    _, loan, _ = lent_on_goods(world, "nickel", "6000.00")
    later(world)
    appraised(world, "nickel", "3.00", confirmed=False)
    check, sale = f"/v1/loans/{loan}/margin-check", f"/v1/loans/{loan}/liquidation"
    assert "MarginUnchanged" in str(refused(world["bank"], check)), "in doubt calls no margin"
    assert "NotLiquidable" in str(refused(world["bank"], sale))
    later(world, 51 * DAY)
    world["bank"].command(check)
    collateral = collateral_of(world, loan)
    assert (collateral["priced"], collateral["lendable"], collateral["level"]) == (
        False,
        cny("0.00"),
        0,
    )
    assert "NotLiquidable" in str(refused(world["bank"], sale)), "old: a call, and its days first"
    later(world, 6 * DAY)
    world["bank"].command(sale)
    assert world["bank"].get(f"/v1/loans/{loan}").body["status"] == "defaulted"


def test_goods_are_sold_by_auction_and_the_surplus_is_the_owners(own_world: World) -> None:
    world = own_world
    _, loan, receipt = lent_on_goods(world, "zinc", "6000.00")
    funder = other_funder(world)
    bids = f"/v1/loans/{loan}/bids"
    maximum = {"maxPrice": cny("20000.00")}
    closed = refused(world["bank"], bids, maximum)
    assert (closed["status"], closed["type"][-10:]) == (409, "no-auction")
    assert refused(funder, bids, maximum)["status"] == 404, "not its loan, nothing for sale"
    later(world)
    appraised(world, "zinc", "7.00")
    sale = f"/v1/loans/{loan}/liquidation"
    assert refused(world["supplier"], sale)["status"] == 403
    assert refused(funder, sale)["status"] == 404
    world["bank"].command(sale)
    assert "AuctionRuns" in str(refused(world["bank"], sale))
    (auction,) = funder.get("/v1/auctions").body["items"]
    assert (auction["loanId"], auction["round"], auction["startFactor"]) == (loan, 1, 1_200_000)
    assert (auction["floorFactor"], auction["floorPrice"]) == (400_000, cny("2800.00"))
    assert [
        (lot_for_sale["id"], lot_for_sale["quantity"]) for lot_for_sale in auction["goods"]
    ] == [(receipt, "1000.000")]
    assert "borrower" not in auction
    later(world, DAY // 2)
    (auction,) = funder.get("/v1/auctions").body["items"]
    assert 1_058_000 < auction["factor"] < 1_067_000, "half a day of three, from 120% to 40%"
    price = float(auction["price"]["amount"])
    assert 6000 < price < 6010, "what is owed"
    assert "PriceAboveBid" in str(refused(funder, bids, {"maxPrice": cny("2800.00")}))
    euro = {"maxPrice": {"amount": "9.00", "currency": "EUR"}}
    assert refused(funder, bids, euro)["field"] == "maxPrice.currency"
    assert refused(world["supplier"], bids, maximum)["status"] == 403
    before = float(world.balance("supplier"))
    funder.command(bids, maximum)
    assert funder.get("/v1/auctions").body["items"] == []
    body = world["bank"].get(f"/v1/loans/{loan}").body
    (sold,) = body["collateral"]["sales"]
    assert (body["status"], body["collateral"]["items"]) == ("repaid", [])
    (backing,) = sold["items"]
    assert (sold["kind"], backing["warehouseReceiptId"], backing["price"]) == (
        "auction",
        receipt,
        sold["price"],
    )
    assert 800 < float(backing["quantity"]) < 820, "so much at some 7.40 as pays the debt"
    (held,) = funder.get("/v1/warehouse-receipts").body["items"]
    assert (held["id"], held["quantity"]) == (
        backing["soldWarehouseReceiptId"],
        backing["quantity"],
    )
    rest = world["supplier"].get(f"/v1/warehouse-receipts/{receipt}").body
    assert float(rest["quantity"]) == pytest.approx(1000 - float(backing["quantity"]))
    assert rest["lienholder"] is None, "what was not needed is free"
    paid, taken = float(sold["price"]["amount"]), float(sold["taken"]["amount"])
    assert float(sold["toOwner"]["amount"]) == pytest.approx(paid - taken)
    assert paid - taken < 0.02, "no more than a gram too much"
    assert float(world.balance("supplier")) == pytest.approx(before + paid - taken)
    assert kinds(world, loan) == [
        *("drawn", "overdue", "defaulted", "goods-appraised", "liquidation", "collateral-released"),
        *("repaid", "goods-sold"),
    ]
    statement = world["bank"].get(f"/v1/loans/{loan}/statement").body["lines"]
    assert statement[-1]["outstanding"] == "0.00"
    assert "StateForbids" in str(refused(world["bank"], sale))
    history = world["bank"].get("/v1/history", loan=loan, limit=1000).body["items"]
    later(world)
    world["supplier"].command(
        f"/v1/warehouse-receipts/{receipt}/assignments",
        {"parts": [{"toPartyId": world.parties["castor"], "quantity": "1"}]},
    )
    again = world["bank"].get("/v1/history", loan=loan, limit=1000).body["items"]
    assert [event["event"] for event in again] == [event["event"] for event in history], (
        "it is free"
    )
    for query in ({"warehouseReceipt": backing["soldWarehouseReceiptId"]}, {"lot": held["lotId"]}):
        assert "WarehouseReceiptSold" in event_names(funder, **query), "the price of what it bought"
        assert "WarehouseReceiptSold" in event_names(world["auditor"], **query)
    body = world["castor"].get("/v1/history", lot=held["lotId"]).body["items"]
    assert {event["contract"] for event in body}.isdisjoint(("Facilities", "ClaimMarket"))


def test_damage_reduces_the_goods_for_sale_and_the_next_round_keeps_the_floor(
    own_world: World,
) -> None:
    world = own_world
    _, loan, receipt = lent_on_goods(world, "salt", "6000.00")
    later(world)
    appraised(world, "salt", "7.00")
    sale = f"/v1/loans/{loan}/liquidation"
    world["bank"].command(sale)
    damage = (receipt, 500_000, "0x" + "33" * 32)
    sent(world, warehouse(world), "WarehouseReceipts", "impair", *damage)
    (auction,) = world["bank"].get("/v1/auctions").body["items"]
    assert (auction["goods"][0]["quantity"], auction["floorPrice"]) == ("500.000", cny("1400.00"))
    # The price changes all the time; a bid below it is refused at once.
    low = refused(world["bank"], f"/v1/loans/{loan}/bids", {"maxPrice": cny("0.01")})
    assert "PriceAboveBid" in str(low)
    later(world, 3 * DAY)
    world["bank"].command(sale)
    auction = collateral_of(world, loan)["auction"]
    assert (auction["round"], auction["floorPrice"]) == (2, cny("1400.00"))
    assert (auction["price"], auction["factor"]) == (cny("1400.00"), 400_000), (
        "the floor, until then"
    )
    assert kinds(world, loan)[-2:] == ["liquidation", "liquidation"]
    world.cash("supplier", "100.00")
    in_full = {"amount": cny("9000.00")}
    world["supplier"].command(f"/v1/loans/{loan}/repayments", in_full)
    collateral = collateral_of(world, loan)
    assert (collateral["auction"], collateral["items"]) == (None, []), "who pays keeps the goods"
    assert world["bank"].get("/v1/auctions").body["items"] == []
    gone = refused(world["bank"], f"/v1/loans/{loan}/bids", {"maxPrice": cny("9000.00")})
    assert (gone["status"], gone["type"][-10:]) == (409, "no-auction")


def test_undertaker_buys_back_and_the_remaining_debt_is_a_loss(own_world: World) -> None:
    world = own_world
    facility, loan, receipt = lent_on_goods(world, "lead", "6000.00")
    body = {
        "undertakerPartyId": world.parties["buyer"],
        "share": 900_000,
        "maxTotal": cny("6500.00"),
        "lastDate": day(300),
    }
    draft = world["bank"].post(f"/v1/facilities/{facility}/buy-backs", body).body
    assert draft["missing"] == ["undertaker"]
    agreement = f"/v1/agreements/{draft['id']}"
    world["buyer"].post(f"{agreement}/signature")
    world["bank"].command(f"{agreement}/execution")
    _, second = stored(world, "lead")
    other = drawn_on_goods(world, facility, "5500.00", second)
    undertaking = world["supplier"].get(f"/v1/facilities/{facility}").body["buyBack"]
    assert (undertaking["left"], undertaking["share"]) == (cny("6500.00"), 900_000)
    later(world)
    appraised(world, "lead", "7.00")
    call = f"/v1/loans/{loan}/buy-back"
    assert "NoAuction" in str(refused(world["bank"], call))
    for loan_id in (loan, other):
        world["bank"].command(f"/v1/loans/{loan_id}/liquidation")
    assert "BuyBackTooLow" in str(refused(world["bank"], call)), "others may pay more first"
    assert refused(world["platform"], call)["status"] == 404
    later(world, 5 * DAY // 4)
    world["bank"].command(call)
    loan_view = world["bank"].get(f"/v1/loans/{loan}").body
    (sold,) = loan_view["collateral"]["sales"]
    assert (loan_view["status"], sold["kind"]) == ("repaid", "buy-back")
    left = world["bank"].get(f"/v1/facilities/{facility}").body["buyBack"]["left"]["amount"]
    assert float(left) == pytest.approx(6500 - float(sold["price"]["amount"]))
    assert sold["items"][0]["warehouseReceiptId"] == receipt
    later(world, 4 * DAY)
    other_funder(world).command(f"/v1/loans/{other}/bids", {"maxPrice": cny("9999.00")})
    loan_view = world["bank"].get(f"/v1/loans/{other}").body
    assert loan_view["status"] == "defaulted", "the floor of 40% was paid"
    later(world, 30 * DAY)
    world["bank"].command(f"/v1/loans/{other}/loss")
    assert float(world["bank"].get(f"/v1/loans/{other}").body["loss"]["amount"]) > 2500


def test_damage_makes_a_margin_call_by_itself(world: World) -> None:
    _, loan, receipt = lent_on_goods(world, "bricks", "6000.00")
    root = "0x" + "33" * 32
    sent(world, warehouse(world), "WarehouseReceipts", "impair", receipt, 100_000, root)
    collateral = collateral_of(world, loan, by="bank")
    assert (collateral["items"][0]["quantity"], collateral["calledDate"] is None) == (
        "900.000",
        False,
    )
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("600.00")})
    assert collateral_of(world, loan)["calledDate"] is None
    assert kinds(world, loan) == ["drawn", "margin-called", "repaid", "margin-cured"]
