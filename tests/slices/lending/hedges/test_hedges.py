"""Hedges of a loan's goods through the API: what counts and why, who may do what, bad input."""

from __future__ import annotations

import pytest

from app.domain.valuation.hedge import Counted, Hedge, HedgedGoods, counted
from tests.support.bodies import Json
from tests.support.contract_calls import account
from tests.support.days import day
from tests.support.goods_on_loan import (
    DAY,
    appraised,
    collateral_of,
    drawn_on_goods,
    goods_facility,
    hedge_terms,
    hedged,
    kinds,
    later,
    lent_on_goods,
    other_funder,
    priced,
    stored,
)
from tests.support.lending import lent
from tests.support.world import World, cny, refused


def hedges_of(world: World, loan: int) -> list[Json]:
    """The hedges of a loan as its borrower sees them."""
    return list(collateral_of(world, loan)["hedges"])


def test_a_hedge_holds_a_margin_call_back_until_the_lender_closes_it(own_world: World) -> None:
    world = own_world
    _, loan, _ = lent_on_goods(world, "rubber", "6000.00")
    assert hedges_of(world, loan) == []
    name = hedged(world, loan, hedge_terms("rubber"))
    (hedge,) = hedges_of(world, loan)
    assert (hedge["quantity"], hedge["price"], hedge["maxPrice"]) == ("1000.000", "10", "10")
    assert (hedge["venue"], hedge["counterparty"], hedge["lastDate"]) == ("XSGE", None, day(90))
    assert (hedge["counts"], hedge["counted"], hedge["adds"]) == (
        *("price-not-below", "1000.000"),
        cny("0.00"),
    )
    later(world)
    appraised(world, "rubber", "9.05")
    check = f"/v1/loans/{loan}/margin-check"
    # 5,430.00 alone are below 95% of 6,001.20; the hedge adds 285.00.
    assert "MarginUnchanged" in str(refused(world["bank"], check))
    collateral = collateral_of(world, loan, by="bank")
    assert (collateral["lendable"], collateral["hedged"]) == (cny("5430.00"), cny("285.00"))
    assert collateral["level"] > 950_000
    (hedge,) = collateral["hedges"]
    assert (hedge["counts"], hedge["adds"], hedge["heldUntil"]) == ("yes", cny("285.00"), None)
    (near,) = world["bank"].get("/v1/margin-calls", near=True).body["items"]
    assert (near["loanId"], near["hedged"]) == (loan, cny("285.00"))

    path = f"/v1/loans/{loan}/hedges/{name}/closure"
    for who, status in (("supplier", 403), ("castor", 404), ("rater", 403), ("operator", 403)):
        assert refused(world[who], path)["status"] == status, who
    assert refused(other_funder(world), path)["status"] == 404
    unknown = f"/v1/loans/{loan}/hedges/0x{'7f' * 32}/closure"
    assert refused(world["bank"], unknown)["type"].endswith("hedge-unknown")
    world["bank"].command(path)
    collateral = collateral_of(world, loan)
    assert (collateral["calledDate"] is None, collateral["hedged"]) == (False, cny("0.00"))
    assert collateral["hedges"][0]["counts"] == "closed"
    # Against a liquidation at once it counts on for as long as the call can be cured.
    assert collateral["hedges"][0]["heldUntil"] == collateral["lastDate"]
    assert refused(world["bank"], path)["type"].endswith("hedge-unknown")
    assert kinds(world, loan) == ["drawn", "hedge-recorded", "hedge-closed", "margin-called"]
    entry = world["bank"].get(f"/v1/loans/{loan}").body["entries"][1]
    assert (entry["details"]["contractHash"], entry["details"]["lastDate"]) == (name, day(90))
    lines = world["bank"].get(f"/v1/loans/{loan}/statement").body["lines"]
    assert {"hedge-recorded", "hedge-closed"} <= {line["kind"] for line in lines}


def test_a_hedge_ends_by_itself_and_ends_with_its_loan(own_world: World) -> None:
    world = own_world
    _, loan, _ = lent_on_goods(world, "copper", "6000.00")
    hedged(world, loan, hedge_terms("copper", lastDate=day(3)))
    later(world)
    appraised(world, "copper", "9.05")
    check = f"/v1/loans/{loan}/margin-check"
    assert "MarginUnchanged" in str(refused(world["supplier"], check))
    later(world, 3 * DAY)
    assert hedges_of(world, loan)[0]["counts"] == "expired"
    world["supplier"].command(check)
    assert collateral_of(world, loan)["calledDate"] is not None
    world.cash("supplier", "1000.00")
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("7000.00")})
    assert hedges_of(world, loan)[0]["counts"] == "loan-ended"


def test_the_ledger_counts_as_the_twin_does(own_world: World) -> None:
    world = own_world
    priced(world, "tin", "9.99", haircut=333_333)
    lots = [stored(world, "tin", kilograms)[1] for kilograms in (300, 500)]
    loan = drawn_on_goods(world, goods_facility(world, limit="20000.00"), "4000.00", *lots)
    recorded = [("333.333", "9.990", 9_990), ("466.667", "9.777", 9_777)]
    for quantity, price, _ in recorded:
        hedged(world, loan, hedge_terms("tin", quantity=quantity, price=price))
    later(world)
    appraised(world, "tin", "9.331", haircut=333_333)
    contracts = world.server.gateway.contracts
    data = "0x" + contracts.encode("Facilities", "hedgesOf", [loan]).hex()
    call = {"to": contracts.address("Facilities"), "data": data}
    answer = world.server.node.ask("eth_call", call, "latest")
    answers = contracts.decode_result("Facilities", "hedgesOf", answer)
    goods = [
        HedgedGoods(item="tin", quantity=quantity, price=933_100, haircut=333_333)
        for quantity in (300_000, 500_000)
    ]
    hedges = [
        Hedge(item="tin", quantity=quantity, price=price, max_price=999_000, expiry_day=1)
        for quantity, price in ((333_333, 999_000), (466_667, 977_700))
    ]
    expected = counted(goods, hedges, share=500_000, day=0)
    assert [Counted(one["counted"], one["lendable"]) for one in answers] == expected
    assert sum(one.lendable for one in expected) > 0
    shown = hedges_of(world, loan)
    assert [hedge["adds"]["amount"] for hedge in shown] == [
        f"{one.lendable // 100}.{one.lendable % 100:02d}" for one in expected
    ]


def test_goods_that_left_are_not_hedged(world: World) -> None:
    _, loan, receipt = lent_on_goods(world, "lead", "1000.00")
    hedged(world, loan, hedge_terms("lead"))
    removed = [{"kind": "warehouse-receipt", "id": receipt, "quantity": "400.000"}]
    world["supplier"].command(f"/v1/loans/{loan}/collateral", {"removed": removed})
    assert hedges_of(world, loan)[0]["counted"] == "600.000"


def test_nothing_counts_where_the_product_counts_none(world: World) -> None:
    priced(world, "jute")
    _, receipt = stored(world, "jute")
    facility = goods_facility(world, "inbound-order-finance", limit="20000.00")
    loan = drawn_on_goods(world, facility, "1000.00", receipt)
    hedged(world, loan, hedge_terms("jute"))
    (hedge,) = hedges_of(world, loan)
    assert (hedge["counts"], hedge["adds"]) == ("share-zero", cny("0.00"))


def test_a_contract_hedges_one_loan_and_no_more_than_its_goods(world: World) -> None:
    _, loan, _ = lent_on_goods(world, "sugar", "1000.00")
    _, other, _ = lent_on_goods(world, "sugar", "1000.00")
    body = hedge_terms("sugar", quantity="600.000")
    hedged(world, loan, body)

    def refusal(number: int, terms_: Json) -> str:
        draft = world["bank"].post(f"/v1/loans/{number}/hedges", terms_).body
        return str(refused(world["supplier"], f"/v1/agreements/{draft['id']}/signature"))

    # Spaces, marks, small letters and letters that look alike make no other contract of it.
    number = body["contractNumber"]
    for written in (
        *(f" {number.lower()} ", number.replace("-", "/"), number.replace("-", "")),
        *(number.replace("RU", "ＲＵ"), number.replace("-", "\u2013")),
    ):
        assert "HedgeUsed" in refusal(other, body | {"contractNumber": written}), written
    assert "HedgeUsed" in refusal(loan, body | {"quantity": "1.000"})
    assert "HedgeExceedsGoods" in refusal(loan, hedge_terms("sugar", quantity="400.001"))
    assert "HedgeExceedsGoods" in refusal(loan, hedge_terms("never stored", quantity="1.000"))
    _, plain, _ = lent(world)
    assert "MarginNotAgreed" in refusal(plain, hedge_terms("sugar", quantity="1.000"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"currency": "USD"}, "currency"),
        ({"currency": "yuan"}, "currency"),
        ({"lastDate": "2020-01-31"}, "lastDate"),
        ({"lastDate": "soon"}, "lastDate"),
        ({"quantity": "0.000"}, "quantity"),
        ({"quantity": "-1.000"}, "quantity"),
        ({"quantity": "1.0001"}, "quantity"),
        ({"price": "0"}, "price"),
        ({"price": "ten"}, "price"),
        ({"price": "1e30"}, "price"),
        ({"item": "rubber"}, "item"),
        ({"venue": "Shanghai"}, "venue"),
        ({"venue": "529900T8BM49AURSDO56"}, "venue"),
        ({"contractNumber": ""}, "contractNumber"),
        ({"contractNumber": "-/-"}, "contractNumber"),
        ({"documentRoot": "0x12"}, "documentRoot"),
        ({"counterpartyPartyId": "nobody"}, "counterpartyPartyId"),
    ],
)
def test_invalid_hedge_names_its_field(world: World, change: Json, field: str) -> None:
    _, loan, _ = lent_on_goods(world, "cotton", "10.00")
    problem = refused(
        world["supplier"], f"/v1/loans/{loan}/hedges", hedge_terms("cotton", **change)
    )
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_no_side_of_the_loan_is_the_counterparty(world: World) -> None:
    _, loan, _ = lent_on_goods(world, "barley", "10.00")
    path = f"/v1/loans/{loan}/hedges"
    for side in ("bank", "supplier"):
        body = hedge_terms("barley", counterpartyPartyId=world.parties[side])
        problem = refused(world["supplier"], path, body)
        assert (problem["status"], problem["field"]) == (422, "counterpartyPartyId"), side
    body = hedge_terms("barley", counterpartyPartyId=world.parties["buyer"])
    hedged(world, loan, body)
    shown = hedges_of(world, loan)[0]["counterparty"]["account"]
    assert shown.lower() == account(world, "buyer")


def test_the_counterparty_is_the_party_that_has_the_identifier(world: World) -> None:
    lei = "529900T8BM49AURSDO55"
    registered = {"name": "Metal Hedge AG", "legalId": {"scheme": "LEI", "value": lei}}
    party = world["registrar"].command("/v1/parties", registered | {"roles": ["buyer"]}).body
    number = party["party"]["id"]
    _, loan, _ = lent_on_goods(world, "oats", "10.00")
    path = f"/v1/loans/{loan}/hedges"
    body = hedge_terms("oats", venue=lei, quantity="1.000")
    other = body | {"counterpartyPartyId": world.parties["buyer"]}
    problem = refused(world["supplier"], path, other)
    assert (problem["status"], problem["field"]) == (422, "counterpartyPartyId")
    for terms_ in (body, body | {"counterpartyPartyId": number}):
        draft = world["supplier"].post(path, terms_).body
        shown = draft["typedData"]["message"]["counterparty"].lower()
        assert shown == party["party"]["account"].lower()


def test_only_the_sides_of_a_loan_propose_and_sign_a_hedge(world: World) -> None:
    _, loan, _ = lent_on_goods(world, "maize", "10.00")
    path, body = f"/v1/loans/{loan}/hedges", hedge_terms("maize")
    attempts = {
        **{"castor": 404, "buyer": 404, "rater": 403, "operator": 403, "auditor": 403},
        **{"registrar": 403, "regulator": 403, "cash-issuer": 403, "first-appraiser": 403},
    }
    for who, status in attempts.items():
        assert refused(world[who], path, body)["status"] == status, who
    assert refused(other_funder(world), path, body)["status"] == 404
    draft = world["bank"].post(path, body).body
    assert draft["missing"] == ["borrower"]
    for who, status in (("castor", 404), ("rater", 403), ("operator", 403)):
        signing = refused(world[who], f"/v1/agreements/{draft['id']}/signature")
        assert signing["status"] == status, who
    # The borrower withdraws its word before it has signed: the draft is dead.
    world["supplier"].command(f"/v1/agreements/{draft['id']}/withdrawal")
    again = refused(world["supplier"], f"/v1/agreements/{draft['id']}/signature")
    assert again["type"].endswith("signature-withdrawn")
    assert hedges_of(world, loan) == []
    assert world["auditor"].get(f"/v1/loans/{loan}").body["collateral"]["hedges"] == []
