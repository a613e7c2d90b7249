"""Which offers a party sees, how they are filtered, and how many it may make for one claim."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from app.gateway.signing import terms_for
from app.market.offers import service
from tests.support.bodies import Json
from tests.support.visitor import Visitor
from tests.support.wallets import location_number, own_wallet
from tests.support.world import World, cny, refused

PATH = "/v1/offers"


def terms(claim: int, price: str = "97.00", **more: Any) -> Json:
    return {"claimId": claim, "value": cny("100.00"), "price": cny(price), **more}


def ids(world: World, name: str, **query: Any) -> list[str]:
    return [item["id"] for item in world[name].get(PATH, **query).body["items"]]


def kind_of(problem: Json) -> tuple[int, str]:
    return problem["status"], problem["type"].rpartition(":")[2]


def test_unsigned_offers_are_their_makers_alone(world: World) -> None:
    """Drafts of a stranger neither reach the seller nor hide what others offer."""
    _, claim = world.confirmed(amount="100.00")
    good = world["bank"].post(PATH, terms(claim)).body
    wallet, rival = own_wallet(
        world, role="financier", api_role="financier", legal_id=location_number()
    )
    drafts = [rival.post(PATH, terms(claim, "60.00")).body for _ in range(3)]
    assert {draft["state"] for draft in drafts} == {"prepared"}

    assert ids(world, "supplier", claimId=claim) == [good["id"]]
    path = f"{PATH}/{drafts[0]['id']}"
    assert world.http.get(path, headers=world["supplier"].headers).status_code == 404
    assert kind_of(refused(world["supplier"], f"{path}/acceptance")) == (404, "offer-unknown")
    own = rival.get(PATH, claimId=claim, state="prepared").body["items"]
    assert [item["id"] for item in own] == [draft["id"] for draft in reversed(drafts)]
    assert rival.get(path).body["state"] == "prepared"
    assert ids(world, "auditor", claimId=claim, state="prepared") == [item["id"] for item in own]

    typed = drafts[0]["typedData"]
    named = terms_for(world.server.gateway, "ClaimMarket", typed["primaryType"], typed["message"])
    signature = "0x" + wallet.sign_hash(named.digest()).hex()
    assert rival.post(f"{path}/signature", {"signature": signature}).body["state"] == "open"
    assert ids(world, "supplier", claimId=claim) == [drafts[0]["id"], good["id"]]


@pytest.mark.parametrize("name", ["buyer", "castor", "second-bank", "warehouse", "rater"])
def test_others_see_no_offer_whatever_they_ask_for(world: World, name: str) -> None:
    _, claim = world.confirmed(amount="100.00")
    world["bank"].post(PATH, terms(claim))
    for state in ("prepared", "open", "accepted", "cancelled", "expired"):
        assert ids(world, name, claimId=claim, state=state) == []


def test_offers_of_one_funder_for_one_claim_are_bounded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, claim = world.confirmed(amount="100.00")
    _, other = world.confirmed(amount="100.00")
    monkeypatch.setattr(service, "MAX_STANDING", 2)
    _, rival = own_wallet(world, role="financier", api_role="financier", legal_id=location_number())
    for caller in (world["bank"], rival):  # the bank's are open, the rival's are drafts
        first = caller.post(PATH, terms(claim)).body
        caller.post(PATH, terms(claim))
        problem = refused(caller, PATH, terms(claim))
        assert kind_of(problem) == (409, "offers-full")
        assert "cancel one" in problem["fix"]
        assert caller.post(PATH, terms(other)).status == 201
        if caller is world["bank"]:
            _cancel(world, first)
            assert caller.post(PATH, terms(claim)).status == 201
    assert world["second-bank"].post(PATH, terms(claim)).status == 201


def _cancel(world: World, offer: Json) -> None:
    headers = world["bank"].headers | {"Idempotency-Key": offer["id"], "Prefer": "wait=50"}
    assert world.http.delete(f"{PATH}/{offer['id']}", headers=headers).status_code == 200


def test_offers_are_filtered_by_state_before_a_page_is_cut(own_world: World) -> None:
    world = own_world
    _, claim = world.confirmed(amount="300.00")
    offers = {
        state: world["bank"].post(PATH, terms(claim, validSeconds=seconds)).body
        for state, seconds in (
            ("accepted", 3600),
            ("open", 3 * 86_400),
            ("cancelled", 3600),
            ("expired", 600),
        )
    }
    world["supplier"].command(f"{PATH}/{offers['accepted']['id']}/acceptance")
    _cancel(world, offers["cancelled"])
    world.later(4000)
    for name in ("supplier", "bank", "auditor"):
        for state, offer in offers.items():
            found = world[name].get(PATH, claimId=claim, state=state, limit=1).body["items"]
            assert [(item["id"], item["state"]) for item in found] == [(offer["id"], state)]
    # An offer that has ended leaves room for another one.
    for _ in range(service.MAX_STANDING - 1):
        world["bank"].post(PATH, terms(claim))
    assert kind_of(refused(world["bank"], PATH, terms(claim)))[1] == "offers-full"


def test_offers_are_filtered_by_the_request_that_they_answer(world: World) -> None:
    _, claim = world.confirmed(amount="100.00")
    before = world["bank"].post(PATH, terms(claim)).body
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    new = {"claimId": claim, "allFinanciers": True, "until": until.isoformat()}
    request = world["supplier"].post("/v1/quote-requests", new).body["id"]
    answer = world["bank"].post(PATH, terms(claim)).body
    for name in ("supplier", "bank"):
        assert ids(world, name, quoteRequestId=request) == [answer["id"]]
        assert ids(world, name, claimId=claim) == [answer["id"], before["id"]]
    assert ids(world, "second-bank", quoteRequestId=request) == []


def test_a_flood_of_offers_hides_no_rival(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of a claim and the overview read all open offers, not the newest page."""
    _, claim = world.confirmed(amount="100.00")
    good = world["bank"].post(PATH, terms(claim, "99.00")).body
    monkeypatch.setattr(service, "MAX_STANDING", 1_000)
    for _ in range(205):
        low = world["second-bank"].post(PATH, terms(claim, "60.00")).body
    with Visitor(world) as visitor:
        visitor.sign_in("supplier")
        page = visitor.get(f"/app/offers/compare/{claim}").text
        assert good["id"] in page
        assert low["id"] in page
        assert "Offers to accept" in visitor.get("/app").text
