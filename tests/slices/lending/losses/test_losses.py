"""Losses through the API: reserve, sharers, insurer and lender agree, pay and see their parts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.bodies import Json
from tests.support.lending import FAR, agreed_facility, drawn, product
from tests.support.world import World, cny, refused


def sharing(world: World, by: str = "operator", **change: Any) -> Json:
    """A sharing with castor, drafted."""
    number = product(world, "receivables-finance")["id"]
    body = {
        "sharerPartyId": world.parties["castor"],
        "part": 300_000,
        "cap": cny("100.00"),
        "lastDate": FAR,
    }
    return dict(world[by].post(f"/v1/products/{number}/sharings", body | change).body)


def insured(world: World, facility: int) -> Json:
    """Insurance of a facility by the platform, requested by the bank."""
    body = {
        "insurerPartyId": world.parties["platform"],
        "insuredAmount": cny("200.00"),
        "lastDate": FAR,
    }
    return dict(world["bank"].post(f"/v1/facilities/{facility}/insurances", body).body)


def test_loss_is_borne_in_order_and_every_amount_is_shown(own_world: World) -> None:
    world = own_world
    number = product(world, "receivables-finance")["id"]
    facility = agreed_facility(world)
    draft = sharing(world)
    assert draft["missing"] == ["sharer"]
    agreement = f"/v1/agreements/{draft['id']}"
    assert world["castor"].post(f"{agreement}/signature").body["state"] == "signed"
    assert refused(world["castor"], f"{agreement}/execution")["status"] == 403
    world["operator"].command(f"{agreement}/execution")
    collateral = insured(world, facility)
    world["platform"].command(f"/v1/agreements/{collateral['id']}/signature")

    receivable, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, facility, claim, "800.00", tenor=30)
    world["bank"].command(
        f"/v1/reserves/{number}/top-ups",
        {"amount": cny("96.00"), "lenderPartyId": world.parties["bank"]},
    )
    reserve = world["auditor"].get(f"/v1/reserves/{number}").body
    assert reserve["balance"] == cny("100.00"), "4.00 of the draw, and the top-up"
    assert reserve["pool"] == cny("0.00"), "each lender's own"
    assert [lender["balance"] for lender in reserve["lenders"]] == [cny("100.00")]
    assert [entry["kind"] for entry in reserve["entries"]][:2] == ["ReserveFed", "ReserveFed"]
    assert refused_get(world, "bank", f"/v1/loans/{loan}/loss") == 404

    world.server.node.advance_time(47 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/overdue")
    world["bank"].command(f"/v1/loans/{loan}/default")
    world["supplier"].command(f"/v1/receivables/{receivable}/default")
    world["bank"].command(f"/v1/loans/{loan}/loss")
    path = f"/v1/loans/{loan}/loss"
    body = world["castor"].get(path).body
    # 800 - 100 of the reserve; castor's 30% of 700 end at its cap of 100, which it has not; 200
    # of the rest are the insurer's to pay.
    assert body["loss"] == cny("800.00")
    assert body["fromReserve"] == cny("100.00")
    assert body["fromSharers"] == cny("0.00")
    assert [share["amount"] for share in body["openShares"]] == [cny("100.00")]
    assert body["openInsurance"]["amount"] == cny("200.00")
    assert body["borne"] == cny("700.00")

    before = float(world.balance("bank"))
    world.cash("castor", "100.00")
    world.cash("platform", "200.00")
    too_much = refused(world["castor"], f"{path}/shares/0/payments", {"amount": cny("100.01")})
    assert "AmountOutOfRange" in str(too_much)
    world["castor"].command(f"{path}/shares/0/payments", {"amount": cny("100.00")})
    world["platform"].command(f"{path}/insurance/payments", {"amount": cny("200.00")})
    body = world["bank"].get(path).body
    assert body["fromSharers"] == cny("100.00")
    assert body["fromInsurer"] == cny("200.00")
    assert body["borne"] == cny("400.00")
    assert float(world.balance("bank")) == pytest.approx(before + 300)

    world["buyer"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny("1500.00")})
    world["supplier"].command(f"/v1/claims/{claim}/collection")
    body = world["auditor"].get(path).body
    assert body["recovered"] == cny("800.00")
    back = [
        (entry["source"], entry["amount"]["amount"])
        for entry in reversed(body["entries"])
        if entry["kind"] == "LossRecovered"
    ]
    assert back == [
        *(("lender", "400.00"), ("insurer", "200.00")),
        *(("sharer", "100.00"), ("reserve", "100.00")),
    ]


def refused_get(world: World, name: str, path: str) -> int:
    """The status of a reading that must not be answered."""
    return world.http.get(path, headers=world[name].headers).status_code


def test_reserves_sharings_and_insurance_change_only_by_their_roles(world: World) -> None:
    number = product(world, "order-finance")["id"]
    facility = agreed_facility(world)
    amount = {"amount": cny("1.00")}
    for name in ("bank", "supplier", "auditor", "rater"):
        assert refused(world[name], f"/v1/reserves/{number}/cap", amount)["status"] == 403
    for name in ("operator", "auditor", "rater"):
        assert refused(world[name], f"/v1/reserves/{number}/top-ups", amount)["status"] == 403
    for name in ("supplier", "buyer", "rater"):
        assert refused_get(world, name, f"/v1/reserves/{number}") == 403
    collateral = {
        "insurerPartyId": world.parties["platform"],
        "insuredAmount": cny("1.00"),
        "lastDate": FAR,
    }
    path = f"/v1/facilities/{facility}/insurances"
    assert refused(world["castor"], path, collateral)["status"] == 404
    assert refused(world["supplier"], path, collateral)["status"] == 403
    own = collateral | {"insurerPartyId": world.parties["bank"]}
    assert refused(world["bank"], path, own)["field"] == "insurerPartyId"
    assert (
        refused(world["bank"], path, collateral | {"lastDate": "2020-01-01"})["field"] == "lastDate"
    )
    world["operator"].command(f"/v1/reserves/{number}/cap", {"amount": cny("7.00")})
    path, more = f"/v1/reserves/{number}/top-ups", {"amount": cny("7.01")}
    full = refused(world["bank"], path, more | {"lenderPartyId": world.parties["bank"]})
    assert "ReserveFull" in str(full)
    assert "NotPooled" in str(refused(world["bank"], path, more)), "each lender's own"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sharerPartyId": "nobody"}, "sharerPartyId"),
        ({"part": 0}, "part"),
        ({"part": 1_000_001}, "part"),
        ({"cap": cny("0.00")}, "cap.amount"),
        ({"cap": {"amount": "1.00", "currency": "EUR"}}, "cap.currency"),
        ({"lastDate": "2020-01-01"}, "lastDate"),
    ],
)
def test_invalid_sharing_names_its_field(world: World, change: Json, field: str) -> None:
    number = product(world, "receivables-finance")["id"]
    body = {
        "sharerPartyId": world.parties["castor"],
        "part": 300_000,
        "cap": cny("100.00"),
        "lastDate": FAR,
    }
    path = f"/v1/products/{number}/sharings"
    problem = refused(world["operator"], path, body | change)
    assert (problem["status"], problem["field"]) == (422, field), problem
    assert refused(world["bank"], path, body)["status"] == 403


def test_sharer_sees_each_of_its_shares(own_world: World) -> None:
    world = own_world
    for part in (300_000, 100_000):
        agreement = f"/v1/agreements/{sharing(world, part=part)['id']}"
        world["castor"].post(f"{agreement}/signature")
        world["operator"].command(f"{agreement}/execution")
    receivable, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, agreed_facility(world), claim, "800.00", tenor=30)
    world.server.node.advance_time(47 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/default")
    world["supplier"].command(f"/v1/receivables/{receivable}/default")
    world["bank"].command(f"/v1/loans/{loan}/loss")
    loss_view = world["castor"].get(f"/v1/loans/{loan}/loss").body
    assert [share["place"] for share in loss_view["openShares"]] == [0, 1]


def test_a_sharing_ends_by_the_operator_with_the_sharers_signature(own_world: World) -> None:
    world = own_world
    number = product(world, "receivables-finance")["id"]
    path = f"/v1/products/{number}/sharings/0/end"
    assert refused(world["operator"], path)["status"] == 404, "there is none"
    agreement = f"/v1/agreements/{sharing(world)['id']}"
    world["castor"].post(f"{agreement}/signature")
    world["operator"].command(f"{agreement}/execution")
    assert refused(world["bank"], path)["status"] == 403
    draft = world["operator"].post(path).body
    assert (draft["kind"], draft["missing"]) == ("sharing-end", ["sharer"])
    agreement = f"/v1/agreements/{draft['id']}"
    assert refused(world["operator"], f"{agreement}/execution")["status"] == 409, "not signed yet"
    world["castor"].post(f"{agreement}/signature")
    world["operator"].command(f"{agreement}/execution")
    assert refused(world["operator"], path)["status"] == 409, "it has ended"

    receivable, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, agreed_facility(world), claim, "800.00", tenor=30)
    world.server.node.advance_time(47 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/default")
    world["supplier"].command(f"/v1/receivables/{receivable}/default")
    world["bank"].command(f"/v1/loans/{loan}/loss")
    loss_view = world["bank"].get(f"/v1/loans/{loan}/loss").body
    assert loss_view["openShares"] == [], "nobody shares it any more"


def test_a_sharer_or_an_insurer_bears_nothing_of_a_loan_drawn_before(own_world: World) -> None:
    world = own_world
    facility = agreed_facility(world)
    receivable, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, facility, claim, "800.00", tenor=30)
    agreement = f"/v1/agreements/{sharing(world)['id']}"
    world["castor"].post(f"{agreement}/signature")
    world["operator"].command(f"{agreement}/execution")
    collateral = insured(world, facility)
    world["platform"].command(f"/v1/agreements/{collateral['id']}/signature")
    world.server.node.advance_time(47 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/default")
    world["supplier"].command(f"/v1/receivables/{receivable}/default")
    world["bank"].command(f"/v1/loans/{loan}/loss")
    loss_view = world["bank"].get(f"/v1/loans/{loan}/loss").body
    assert (loss_view["openShares"], loss_view["openInsurance"]) == ([], None)
    assert loss_view["borne"] == cny("796.00"), "all but the 4.00 that the draw fed"


def test_no_loss_counts_in_the_first_days_of_a_loan(own_world: World) -> None:
    world = own_world
    receivable, claim = world.confirmed(amount="1000.00", days=2)
    loan = drawn(world, agreed_facility(world), claim, "800.00", tenor=1)
    world.server.node.advance_time(12 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/default")
    world["supplier"].command(f"/v1/receivables/{receivable}/default")
    assert "TooEarly" in str(refused(world["bank"], f"/v1/loans/{loan}/loss"))
    world.server.node.advance_time(19 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/loss")
