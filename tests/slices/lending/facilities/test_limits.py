"""Limits of a borrower over all its facilities, through the API on a real chain."""

from __future__ import annotations

from tests.support.bodies import Json
from tests.support.lending import FAR, agreed_facility, attested, product
from tests.support.proofs import traded
from tests.support.world import World, cny, refused


def draw(world: World, facility: int, amount: str, *, tenor: int = 30) -> int:
    """A draw without collateral; the loan's id."""
    body = {"amount": cny(amount), "tenor": tenor, "style": "bullet"}
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    return int(done["result"]["loanId"])


def refused_draw(world: World, facility: int, amount: str) -> str:
    """What the ledger says of a draw that it refuses."""
    body = {"amount": cny(amount), "tenor": 30, "style": "bullet"}
    return str(refused(world["supplier"], f"/v1/facilities/{facility}/draws", body))


def limits(world: World, facility: int, *, by: str = "supplier") -> dict[str, Json]:
    """A facility's limits by kind."""
    body = world[by].get(f"/v1/facilities/{facility}").body
    return {limit["kind"]: limit for limit in body["limits"]}


def test_facilities_of_two_products_share_one_attested_limit(own_world: World) -> None:
    world = own_world
    attested(world)
    world.cash("platform", "2000000.00")
    lines = agreed_facility(world, "receivables-line", by="platform", limit="500000.00")
    credit = agreed_facility(world, "merchant-credit", by="platform", limit="500000.00")
    traded(world, "2000000.00")
    loan = draw(world, lines, "400000.00")
    assert "LimitExceeded" in refused_draw(world, credit, "100000.01")
    draw(world, credit, "100000.00")

    tier = limits(world, credit, by="platform")["tier"]
    assert (tier["limit"], tier["used"], tier["free"]) == (
        cny("500000.00"),
        cny("500000.00"),
        cny("0.00"),
    )
    own = limits(world, credit)["facility"]
    assert (own["used"], own["free"]) == (cny("100000.00"), cny("400000.00"))

    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("50000.00")})
    free = limits(world, credit)["tier"]["free"]["amount"]
    assert float(free) > 49_000
    draw(world, credit, free)
    assert limits(world, lines)["tier"]["free"] == cny("0.00")


def test_a_limit_in_another_currency_is_refused_with_its_field(own_world: World) -> None:
    world = own_world
    dollars = {"amount": "1000.00", "currency": "USD"}
    body = {
        "productId": product(world, "receivables-line")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 72_000,
        "limit": dollars,
        "lastDate": FAR,
    }
    problem = refused(world["platform"], "/v1/facility-proposals", body)
    assert problem["field"] == "limit.currency", problem

    # An attested limit may be in another currency; without a price it lets nobody draw.
    attested(world, limit=dollars)
    world.cash("platform", "2000.00")
    facility = agreed_facility(world, "receivables-line", by="platform", limit="1000.00")
    assert "PriceMissing" in refused_draw(world, facility, "1.00")
    assert limits(world, facility)["facility"]["used"] == cny("0.00")


def test_a_rule_sets_limit_is_shown_with_its_product_and_its_facility(world: World) -> None:
    terms = product(world, "receivables-finance")
    assert (terms["ruleSet"], terms["ruleSetLimit"]) == ("cn", cny("100000000.00"))
    assert terms["groupLimit"] == cny("300000000.00")
    facility = agreed_facility(world)
    shown = limits(world, facility, by="bank")
    assert shown["rule-set"]["limit"] == cny("100000000.00")
    assert "tier" not in shown, "the product requires none"
    assert "group" not in shown, "the borrower is in none"


def test_a_borrower_in_default_draws_nowhere_until_it_repays(own_world: World) -> None:
    world = own_world
    attested(world, validDays=300)
    world.cash("platform", "100000.00")
    failing = agreed_facility(world, "receivables-line", by="platform", annualRate=84_000)
    other = agreed_facility(world, "merchant-credit", by="platform", annualRate=84_000)
    loan = draw(world, failing, "1000.00")
    world.later(40 * 86_400)
    world["platform"].command(f"/v1/loans/{loan}/default")
    assert "BorrowerInDefault" in refused_draw(world, other, "1.00")
    assert world["supplier"].get(f"/v1/facilities/{other}").body["borrowerInDefault"] is True
    world.cash("supplier", "2000.00")
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("2000.00")})
    assert world["supplier"].get(f"/v1/facilities/{other}").body["borrowerInDefault"] is False
    traded(world, "1000.00")
    draw(world, other, "1.00")
