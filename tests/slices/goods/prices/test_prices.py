"""Prices through the API: two appraisers, jumps, limits in the home currency, bad input."""

from __future__ import annotations

import pytest

from app.domain.item_prices import PriceInvalid, item_named, item_word, price_text, value_of
from tests.support.bodies import Json
from tests.support.lending import FAR, product
from tests.support.prices import DAY, USD, confirmation, later, listed, posted, withdrawal
from tests.support.proofs import accepted, declaration
from tests.support.world import World, cny, refused

GOODS = "0x" + "ab" * 32


@pytest.mark.parametrize(
    ("text", "item", "currency", "value"),
    [
        ("7.1234", "USD", "CNY", 7_123_400),
        ("0.048", "JPY", "CNY", 4_800_000),
        ("150.25", "CNY", "JPY", 1_502_500),
        ("12.50", GOODS, "CNY", 1_250_000),
        ("1234567.89", GOODS, "CNY", 123_456_789_000),
    ],
)
def test_price_is_stored_exactly(text: str, item: str, currency: str, value: int) -> None:
    assert value_of(text, item=item, currency=currency) == value
    assert float(price_text(value, item=item, currency=currency)) == float(text)
    assert item_named(item_word(item)) == item


@pytest.mark.parametrize("text", ["0", "-1", "seven", "NaN", "Infinity", "0.0000000001", "1e30"])
def test_malformed_price_is_refused(text: str) -> None:
    with pytest.raises(PriceInvalid):
        value_of(text, item="USD", currency="CNY")


def test_first_price_and_jump_need_two_appraisers_and_the_limit_follows_the_rate(
    own_world: World,
) -> None:
    world = own_world
    listed(world, "USD", GOODS)
    items = world["bank"].get("/v1/price-items").body["items"]
    assert [item["item"] for item in items] == ["USD", GOODS]
    usd = {"toPartyId": world.parties["bank"], "amount": {"amount": "90000.00", "currency": "USD"}}
    world["cash-issuer"].command("/v1/cash/USD/mint", usd)
    body = {
        "productId": product(world, "cross-border")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 60_000,
        "limit": {"amount": "100000.00", "currency": "USD"},
        "lastDate": FAR,
    }
    problem = refused(world["bank"], "/v1/facility-proposals", body)
    assert problem["field"] == "limit.currency"
    proposal = world["bank"].post("/v1/facility-proposals", body | {"limit": cny("72000.00")}).body
    assert proposal["limit"] == cny("72000.00")
    path = f"/v1/facility-proposals/{proposal['id']}/signature"
    facility = world["supplier"].command(path).body["result"]["facilityId"]
    assert world["bank"].get(f"/v1/facilities/{facility}").body["limit"] == cny("72000.00")
    draws = f"/v1/facilities/{facility}/draws"

    def prove(amount: str) -> None:
        accepted(world, facility, declaration(world, amount))

    def draw(amount: str) -> Json:
        return {"amount": {"amount": amount, "currency": "USD"}, "tenor": 30}

    posted(world, "7.20")
    assert "PriceMissing" in str(refused(world["supplier"], draws, draw("1.00")))
    named = confirmation(world)
    same = refused(world["first-appraiser"], "/v1/prices/confirmations", named)
    assert "SecondAppraiserNeeded" in str(same)
    world["second-appraiser"].command("/v1/prices/confirmations", named)
    again = refused(world["second-appraiser"], "/v1/prices/confirmations", named)
    assert (again["status"], again["type"][-16:]) == (409, "nothing-proposed")
    assert "limit" in str(refused(world["supplier"], draws, draw("10000.01")))
    prove("20000.00")
    world["supplier"].command(draws, draw("9000.00"))

    later(world)
    posted(world, "9.99")
    assert "PriceInDoubt" in str(refused(world["supplier"], draws, draw("1.00")))
    rows = world["castor"].get("/v1/prices", item="USD", currency="CNY").body["items"]
    assert [(row["price"], row["inForce"]) for row in rows] == [
        *(("9.99", False), ("7.2", True), ("7.2", False)),
    ]
    later(world, 60)
    posted(world, "7.50", by="second-appraiser")
    # A third appraiser's price does not end the doubt; two others or the proposer do.
    assert "PriceInDoubt" in str(refused(world["supplier"], draws, draw("600.00")))
    missing = refused(world["second-appraiser"], "/v1/prices/confirmations", named)
    assert (missing["status"], missing["type"][-13:]) == (409, "price-differs")
    nothing = refused(world["second-appraiser"], "/v1/prices/withdrawals", withdrawal(world))
    assert "NothingProposed" in str(nothing)
    world["first-appraiser"].command("/v1/prices/withdrawals", withdrawal(world))
    prove("1.00")
    world["supplier"].command(draws, draw("300.00"))
    later(world, 60)
    posted(world, "9.98")
    assert "PriceInDoubt" in str(refused(world["supplier"], draws, draw("300.00")))
    agreed = confirmation(world, price="7.5", in_force=True)
    assert "SecondAppraiserNeeded" in str(
        refused(world["second-appraiser"], "/v1/prices/confirmations", agreed)
    )
    world["first-appraiser"].command("/v1/prices/confirmations", agreed)
    prove("1.00")
    world["supplier"].command(draws, draw("300.00"))
    assert "limit" in str(refused(world["supplier"], draws, draw("0.01")))
    later(world, 4 * DAY)
    assert "PriceTooOld" in str(refused(world["supplier"], draws, draw("0.01")))


def test_guards_change_and_items_come_back_by_two_operators_only(own_world: World) -> None:
    world = own_world
    listed(world, "USD")
    body = {"items": ["USD"], "currency": "CNY", "maxJump": 60_000, "maxAgeSeconds": 3 * DAY}

    def guards() -> list[tuple[str, int]]:
        items = world["bank"].get("/v1/price-items").body["items"]
        return [(item["item"], item["maxJump"]) for item in items]

    for name, jump in (("operator", 50_000), ("operator", 50_000), ("second-operator", 60_000)):
        world[name].command("/v1/price-items", body)
        assert guards() == [("USD", jump)]
    world["operator"].command("/v1/price-items", body | {"maxAgeSeconds": 0})
    assert guards() == []
    world["operator"].command("/v1/price-items", body)
    assert guards() == []
    world["second-operator"].command("/v1/price-items", body)
    assert guards() == [("USD", 60_000)]


def test_list_and_price_are_open_to_their_roles_only(world: World) -> None:
    body = {"items": ["EUR"], "currency": "CNY", "maxJump": 1, "maxAgeSeconds": 1}
    for name in ("first-appraiser", "bank", "auditor", "regulator"):
        assert refused(world[name], "/v1/price-items", body)["status"] == 403
    prices = {"prices": [{"item": "EUR", "currency": "CNY", "price": "8.00"}]}
    for name in ("operator", "bank", "rater", "supplier"):
        assert refused(world[name], "/v1/prices", prices)["status"] == 403
        named = {"items": [{"item": "EUR", "currency": "CNY", "priceHash": "0x" + "1" * 64}]}
        assert refused(world[name], "/v1/prices/confirmations", named)["status"] == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"price": "0"}, "prices.0.price"),
        ({"price": "-7.1"}, "prices.0.price"),
        ({"price": "cheap"}, "prices.0.price"),
        ({"item": "XXX"}, "prices.0.item"),
        ({"item": "copper"}, "prices.0.item"),
        ({"currency": "ZZZ"}, "prices.0.currency"),
        ({"haircut": 1_000_001}, "prices.0.haircut"),
        ({"asOf": "2999-01-01T00:00:00Z"}, "prices.0.asOf"),
        ({"evidence": "0x12"}, "prices.0.evidence"),
    ],
)
def test_invalid_price_names_its_field(world: World, change: Json, field: str) -> None:
    body = {"prices": [USD | {"price": "7.10"} | change]}
    problem = refused(world["first-appraiser"], "/v1/prices", body)
    assert (problem["status"], problem["field"]) == (422, field), problem
    if field == "prices.0.asOf":
        assert problem["type"] == "urn:cession:problem:time-ahead", problem


def test_an_item_that_is_not_listed_is_refused_by_the_ledger(world: World) -> None:
    body = {"prices": [{"item": "GBP", "currency": "CNY", "price": "9.10"}]}
    assert "ItemUnknown" in str(refused(world["first-appraiser"], "/v1/prices", body))


def test_price_with_an_extreme_item_number_or_time_is_refused(world: World) -> None:
    strange = "0xffffff" + "0" * 58
    assert item_named(strange) == strange
    for change in ({"item": strange}, {"price": "9E999999"}, {"asOf": "0001-01-01T00:00:00"}):
        body = {"prices": [USD | {"price": "7.1"} | change]}
        assert refused(world["first-appraiser"], "/v1/prices", body)["status"] in (409, 422)


def test_price_that_replaced_the_one_looked_at_is_not_confirmed(own_world: World) -> None:
    world = own_world
    listed(world, "USD")
    posted(world, "7.1000", haircut=300_000, validHours=2)
    looked_at = confirmation(world)
    world["first-appraiser"].command("/v1/prices/withdrawals", withdrawal(world))
    posted(world, "7.1000", haircut=0, validHours=80_000)
    problem = refused(world["second-appraiser"], "/v1/prices/confirmations", looked_at)
    assert (problem["status"], problem["type"][-13:]) == (409, "price-differs")
    assert problem["field"] == "items.0.priceHash"
    empty = refused(world["second-appraiser"], "/v1/prices/confirmations", {"items": [USD]})
    assert (empty["status"], empty["field"]) == (422, "items.0.priceHash")
    (waits,) = world["bank"].get("/v1/prices/waiting", **USD).body["items"]
    every = world["bank"].get("/v1/prices/waiting").body["items"]
    assert waits in every
    assert waits in world["bank"].get("/v1/prices/waiting", currency="CNY").body["items"]
    assert world["bank"].get("/v1/prices/waiting", currency="USD").body["items"] == []
    assert (waits["price"], waits["haircut"], waits["inForce"]) == ("7.1", 0, False)
    assert waits["appraiser"]["partyId"] == world.parties["first-appraiser"]
    now = {"items": [USD | {"priceHash": waits["priceHash"]}]}
    world["second-appraiser"].command("/v1/prices/confirmations", now)
    assert world["bank"].get("/v1/prices/waiting", **USD).body["items"] == []


def test_price_that_replaced_the_one_looked_at_is_not_withdrawn(own_world: World) -> None:
    world, path = own_world, "/v1/prices/withdrawals"
    listed(world, "USD")
    posted(world, "7.10")
    looked_at = withdrawal(world)
    later(world, 60)
    posted(world, "7.20")
    problem = refused(world["first-appraiser"], path, looked_at)
    assert (problem["status"], problem["type"][-13:]) == (409, "price-differs")
    assert problem["field"] == "priceHash"
    assert refused(world["first-appraiser"], path, USD)["field"] == "priceHash"
    (waits,) = world["bank"].get("/v1/prices/waiting", **USD).body["items"]
    assert waits["price"] == "7.2"
    world["first-appraiser"].command(path, withdrawal(world))
    assert world["bank"].get("/v1/prices/waiting", **USD).body["items"] == []


def test_everybody_who_is_known_may_see_what_waits(world: World) -> None:
    for name in world.callers:
        assert world[name].get("/v1/prices/waiting", **USD).status == 200
    assert world.http.get("/v1/prices/waiting", params=USD).status_code == 401
