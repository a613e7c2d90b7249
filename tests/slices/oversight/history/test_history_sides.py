"""Who sees deals in a history: prices and loans are visible only to their sides."""

from __future__ import annotations

from typing import Any

from tests.support.goods import part_of
from tests.support.goods_on_loan import (
    drawn_on_goods,
    goods_facility,
    lent_on_goods,
    other_funder,
    priced,
    receipts,
    stored,
)
from tests.support.histories import names
from tests.support.lending import agreed_facility, drawn
from tests.support.world import World, carried_out, cny

PATH = "/v1/history"
DEALS = ("ClaimMarket", "Facilities")


def deals(world: World, by: str, **query: Any) -> set[str]:
    """Names of the events of loans and sales in a history."""
    items = world[by].get(PATH, limit=1000, **query).body["items"]
    return {item["event"] for item in items if item["contract"] in DEALS}


def sold(world: World, claim: int, amount: str, *, by: str = "funder") -> int:
    """A funder buys part of a claim; the part."""
    body = {"claimId": claim, "value": cny(amount), "price": cny("9.00"), "recourse": False}
    offer = world[by].post("/v1/offers", body).body["id"]
    carried_out(world, by)
    done = world["supplier"].command(f"/v1/offers/{offer}/acceptance").body
    return int(done["result"]["claimIds"][0])


def collected(world: World) -> tuple[int, int, int]:
    """A debt, its claim and a loan on it, which the debtor's payment repaid; the rest is free."""
    facility = agreed_facility(world)
    receivable, claim = world.confirmed(amount="1000.00")
    loan = drawn(world, facility, claim, "500.00")
    paid = {"amount": cny("700.00")}
    world["buyer"].command(f"/v1/receivables/{receivable}/payments", paid)
    world["supplier"].command(f"/v1/claims/{claim}/collection")
    return receivable, claim, loan


def test_lender_reads_no_further_once_a_collection_repaid_its_loan(world: World) -> None:
    _, claim, loan = collected(world)
    before = names(world, by="bank", loan=loan)
    assert {"Released", "CollectedForLoan"} <= set(before)
    other_funder(world)
    sold(world, claim, "10.00")
    world.assigned(claim, "castor", "10.00")
    assert names(world, by="bank", loan=loan) == before
    assert names(world, loan=loan) == before, "nor is it in the loan's history for an auditor"


def test_prices_and_loans_of_a_claim_are_visible_only_to_their_sides(world: World) -> None:
    receivable, claim, _ = collected(world)
    other_funder(world)
    part = sold(world, claim, "10.00")
    world.assigned(claim, "castor", "10.00")
    offer = {"claimId": claim, "value": cny("1.00"), "price": cny("0.01"), "recourse": False}
    world["bank"].post("/v1/offers", offer)
    whole = {"LoanDrawn", "LoanEnded", "CollateralReleased", "CollectedForLoan", "ClaimSold"}
    for query in ({"claim": claim}, {"receivable": receivable}):
        assert whole <= deals(world, "auditor", **query)
        assert whole <= deals(world, "supplier", **query), "the borrower and seller"
        for other in ("buyer", "castor"):
            assert deals(world, other, **query) == set()
        assert deals(world, "funder", **query) == {"ClaimSold"}, "what it bought itself"
        event_names = deals(world, "bank", **query)
        assert whole - {"ClaimSold"} <= event_names, "the lender, by its loan"
        assert "ClaimSold" not in event_names, "although it has made an offer"
    assert "Assigned" in names(world, by="buyer", claim=claim), "the current holder"
    assert "ClaimSold" in deals(world, "funder", claim=part)


def test_history_of_a_parent_ends_where_the_part_was_split_off(world: World) -> None:
    _, claim = world.confirmed(amount="1000.00")
    first = world.assigned(claim, "castor", "10.00")
    world.assigned(claim, "vega", "20.00")
    assert names(world, claim=first).count("Assigned") == 1
    assert names(world, claim=claim).count("Assigned") == 2
    _, receipt = stored(world, "tin")
    part = part_of(world, receipt, "castor", "10")
    part_of(world, receipt, "vega", "20")
    event_names = names(world, by="castor", warehouseReceipt=part)
    assert "WarehouseReceiptIssued" in event_names
    assert event_names.count("Assigned") == 1
    assert names(world, by="supplier", warehouseReceipt=receipt).count("Assigned") == 2


def test_history_has_each_period_in_which_a_token_was_collateral(world: World) -> None:
    priced(world, "document")
    _, old = stored(world, "document", days_ago=30)
    _, newer = stored(world, "document", days_ago=2)
    loan = drawn_on_goods(world, goods_facility(world), "5000.00", old, newer)
    path = f"/v1/loans/{loan}/collateral"
    world["supplier"].command(path, {"removed": receipts(old)})
    part_of(world, old, "castor", "10")
    world["supplier"].command(path, {"added": receipts(old)})
    event_names = names(world, by="bank", loan=loan)
    assert event_names.count("Encumbered") == 3
    assert event_names.count("Released") == 1
    assert "Assigned" not in event_names, "while it was free"
    world["supplier"].command(path, {"removed": receipts(old)})
    part_of(world, old, "castor", "10")
    event_names = names(world, by="bank", loan=loan)
    assert (event_names.count("Released"), event_names.count("Assigned")) == (2, 0)


def test_warehouse_and_other_holders_of_a_lot_see_nothing_of_a_loan_on_it(world: World) -> None:
    _, _, receipt = lent_on_goods(world, "lead")
    lot = world["supplier"].get(f"/v1/warehouse-receipts/{receipt}").body["lot"]["id"]
    assert {"LoanDrawn", "CollateralAdded"} <= deals(world, "supplier", lot=lot)
    assert {"LoanDrawn", "CollateralAdded"} <= deals(world, "bank", warehouseReceipt=receipt)
    events = world["warehouse"].get(PATH, lot=lot).body["items"]
    assert "WarehouseReceiptIssued" in {event["event"] for event in events}
    assert {event["contract"] for event in events}.isdisjoint(DEALS)
