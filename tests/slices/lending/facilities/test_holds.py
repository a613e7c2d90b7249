"""What holds draws back, through the API on a real chain: suspensions and announced draws."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from tests.support.bodies import Json
from tests.support.goods import deleted
from tests.support.lending import FAR, agreed_facility, drawn, product
from tests.support.world import World, cny, refused

COOLING: dict[str, Any] = {"coolingOffAmount": cny("100.00"), "coolingOffHours": 24}


def draw_body(world: World, amount: str) -> Json:
    """A draw on a new claim that is worth enough."""
    _, claim = world.confirmed(amount="1000.00", days=200)
    return {"amount": cny(amount), "tenor": 30, "collateralId": claim}


def drawable_from(world: World, path: str) -> datetime.datetime:
    """From when the announced draw of a facility is possible."""
    announced = world["bank"].get(path).body["announcedDraw"]
    return datetime.datetime.fromisoformat(announced["drawableFrom"])


def test_the_lender_suspends_draws_and_resumes_them(world: World) -> None:
    facility = agreed_facility(world)
    path = f"/v1/facilities/{facility}"
    _, claim = world.confirmed(amount="1000.00", days=200)
    loan = drawn(world, facility, claim, "100.00")
    assert refused(world["supplier"], f"{path}/suspension")["status"] == 403
    assert refused(world["castor"], f"{path}/suspension")["status"] == 404
    world["bank"].command(f"{path}/suspension")
    assert world["supplier"].get(path).body["suspendedBy"] == ["lender"]
    problem = refused(world["supplier"], f"{path}/draws", draw_body(world, "1.00"))
    assert "FacilitySuspended" in str(problem)
    assert "SuspensionUnchanged" in str(refused(world["bank"], f"{path}/suspension"))
    # Repayment goes on.
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("10.00")})
    deleted(world, "bank", f"{path}/suspension")
    assert world["supplier"].get(path).body["suspendedBy"] == []
    world["supplier"].command(f"{path}/draws", draw_body(world, "1.00"))


def test_a_large_draw_is_announced_and_waits(own_world: World) -> None:
    world = own_world
    facility = agreed_facility(world, **COOLING)
    path = f"/v1/facilities/{facility}"
    body = world["bank"].get(path).body
    assert (body["coolingOffAmount"], body["coolingOffHours"]) == (cny("100.00"), 24)
    assert body["announcedDraw"] is None
    large = draw_body(world, "700.00")
    assert "DrawNotAnnounced" in str(refused(world["supplier"], f"{path}/draws", large))
    announced = {"amount": cny("700.00")}
    assert refused(world["bank"], f"{path}/announced-draw", announced)["status"] == 403
    world["supplier"].command(f"{path}/announced-draw", announced)
    assert world["bank"].get(path).body["announcedDraw"]["amount"] == cny("700.00")
    assert "DrawWaits" in str(refused(world["supplier"], f"{path}/draws", large))
    again = refused(world["supplier"], f"{path}/announced-draw", announced)
    assert "DrawAlreadyAnnounced" in str(again)
    world.later(24 * 3_600)
    world["supplier"].command(f"{path}/draws", large)
    assert world["bank"].get(path).body["announcedDraw"] is None


def test_hours_of_a_suspension_do_not_count_for_an_announced_draw(own_world: World) -> None:
    world = own_world
    facility = agreed_facility(world, **COOLING)
    path = f"/v1/facilities/{facility}"
    world["supplier"].command(f"{path}/announced-draw", {"amount": cny("700.00")})
    before = drawable_from(world, path)
    world.later(10 * 3_600)
    world["bank"].command(f"{path}/suspension")
    world.later(30 * 3_600)
    deleted(world, "bank", f"{path}/suspension")
    postponed = drawable_from(world, path)
    assert (postponed - before).total_seconds() == pytest.approx(30 * 3_600, abs=60)
    large = draw_body(world, "700.00")
    assert "DrawWaits" in str(refused(world["supplier"], f"{path}/draws", large))
    world.later(14 * 3_600)
    world["supplier"].command(f"{path}/draws", large)


@pytest.mark.parametrize("side", ["bank", "supplier"])
def test_both_sides_stop_an_announced_draw(world: World, side: str) -> None:
    facility = agreed_facility(world, **COOLING)
    path = f"/v1/facilities/{facility}"
    world["supplier"].command(f"{path}/announced-draw", {"amount": cny("700.00")})
    deleted(world, side, f"{path}/announced-draw")
    assert world["bank"].get(path).body["announcedDraw"] is None
    large = draw_body(world, "700.00")
    assert "DrawNotAnnounced" in str(refused(world["supplier"], f"{path}/draws", large))


def test_the_lenders_second_signature_lets_a_large_draw_at_once(world: World) -> None:
    facility = agreed_facility(world, **COOLING)
    path = f"/v1/facilities/{facility}"
    announced = {"amount": cny("700.00")}
    world["supplier"].command(f"{path}/announced-draw", announced)
    allow = f"{path}/announced-draw/signature"
    assert refused(world["supplier"], allow, announced)["status"] == 403
    problem = refused(world["bank"], allow, {"amount": cny("699.99")})
    assert "NothingAnnounced" in str(problem)
    world["bank"].command(allow, announced)
    world["supplier"].command(f"{path}/draws", draw_body(world, "700.00"))


def test_events_that_end_the_commitment_are_signed_and_shown(world: World) -> None:
    facility = agreed_facility(world, endEvents=["overdue", "default"])
    body = world["supplier"].get(f"/v1/facilities/{facility}").body
    assert body["endEvents"] == ["overdue", "default"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"coolingOffAmount": cny("1.00")}, "coolingOffHours"),
        ({"coolingOffHours": 721}, "coolingOffHours"),
        ({"endEvents": ["flood"]}, "endEvents"),
        ({"coolingOffAmount": cny("-1.00"), "coolingOffHours": 1}, "coolingOffAmount"),
    ],
)
def test_terms_out_of_range_name_the_field(world: World, change: Json, field: str) -> None:
    body = {
        "productId": product(world, "receivables-finance")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 72_000,
        "limit": cny("100000.00"),
        "lastDate": FAR,
    }
    problem = refused(world["bank"], "/v1/facility-proposals", body | change)
    assert problem["status"] == 422
    assert field in str(problem)


def test_an_overdue_loan_ends_a_commitment_until_the_lender_renews_it(own_world: World) -> None:
    world = own_world
    committed = agreed_facility(world, endEvents=["overdue"])
    other = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00", days=200)
    loan = drawn(world, other, claim, "100.00", tenor=5)
    world.later(20 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/overdue")
    problem = refused(
        world["supplier"], f"/v1/facilities/{committed}/draws", draw_body(world, "1.00")
    )
    assert "CommitmentEnded" in str(problem)
    # In the second in which it ended, nobody renews it.
    world.later(2)
    deleted(world, "bank", f"/v1/facilities/{committed}/suspension")
    # The commitment stands again; the overdue loan still trips the breaker of their product.
    problem = refused(
        world["supplier"], f"/v1/facilities/{committed}/draws", draw_body(world, "1.00")
    )
    assert "BreakerTripped" in str(problem)
