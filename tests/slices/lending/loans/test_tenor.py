"""Financing of more than six months is warned of, and of more than a year refused, under cn."""

from __future__ import annotations

from tests.support.lending import agreed_facility, drawn, product
from tests.support.world import World, cny, refused


def names(warnings: list[dict[str, str]]) -> list[str]:
    """The warnings' names."""
    return [warning["name"] for warning in warnings]


def test_products_and_proposals_warn_of_the_longest_tenor(world: World) -> None:
    assert names(product(world, "receivables-finance")["warnings"]) == ["tenor-long"]
    assert names(product(world, "quarterly-loan")["warnings"]) == ["tenor-long"]
    assert names(product(world, "tax-loan")["warnings"]) == []
    (warning,) = product(world, "receivables-finance")["warnings"]
    assert (warning["ruleSet"], "181 days" in warning["words"]) == ("cn", True)
    assert "six authorities" in warning["source"]
    agreed_facility(world)
    proposal = world["bank"].get("/v1/facility-proposals").body["items"][0]
    assert names(proposal["warnings"]) == ["tenor-long"]


def test_a_loan_of_more_than_six_months_is_warned_of(world: World) -> None:
    facility = agreed_facility(world)
    for tenor, expected in ((181, ["filing-missing"]), (182, ["tenor-long", "filing-missing"])):
        _, claim = world.confirmed(days=300)
        loan = drawn(world, facility, claim, "100.00", tenor=tenor)
        assert names(world["bank"].get(f"/v1/loans/{loan}").body["warnings"]) == expected


def test_a_claim_due_in_more_than_a_year_is_financed_by_nobody(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(days=370)
    body = {"amount": cny("100.00"), "tenor": 30, "collateralId": claim}
    problem = refused(world["supplier"], f"/v1/facilities/{facility}/draws", body)
    assert (problem["status"], problem["field"]) == (422, "collateralId")
    assert problem["type"] == "urn:cession:problem:tenor-too-long"
    offer = {"claimId": claim, "value": cny("100.00"), "price": cny("90.00")}
    problem = refused(world["bank"], "/v1/offers", offer)
    assert (problem["status"], problem["field"]) == (422, "claimId")
    warnings = world["bank"].get(f"/v1/verification/claims/{claim}").body["warnings"]
    assert names(warnings) == ["tenor-too-long"]

    _, claim = world.confirmed(days=360)
    assert drawn(world, facility, claim, "100.00")
    warnings = world["bank"].get(f"/v1/verification/claims/{claim}").body["warnings"]
    assert "tenor-long" in names(warnings)
