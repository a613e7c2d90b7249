"""Campaigns through the API: funded, released, refunded; who may, and what is refused."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest

from tests.app.world import World, cny, refused


def body(world: World, **changes: Any) -> dict[str, Any]:
    """A campaign over 1,000.00 that runs for thirty days."""
    now = datetime.datetime.now(datetime.UTC)
    today = now.date()
    return {
        "goal": cny("1000.00"),
        "endsAt": (now + datetime.timedelta(days=30)).isoformat(),
        "reviewerPartyId": world.parties["bank"],
        "description": "a lighter casting",
        "tiers": [{"price": cny("100.00"), "places": 20, "description": "one casting"}],
        "milestones": [
            {
                "part": part,
                "lastDate": (today + datetime.timedelta(days=days)).isoformat(),
                "description": "step",
            }
            for part, days in ((400_000, 60), (600_000, 90))
        ],
    } | changes


def opened(world: World, **changes: Any) -> int:
    """Its id."""
    done = world["supplier"].command("/v1/campaigns", body(world, **changes)).body
    return int(done["result"]["campaignId"])


def pledge(world: World, campaign: int, places: int, *, by: str = "buyer") -> None:
    """Places in the first tier."""
    path = f"/v1/campaigns/{campaign}/pledges"
    world[by].command(path, {"tier": 0, "places": places})


def status(world: World, campaign: int) -> str:
    """As the gateway tells it."""
    return str(world["buyer"].get(f"/v1/campaigns/{campaign}").body["status"])


def test_a_campaign_that_meets_its_goal_is_released_by_its_reviewer(own_world: World) -> None:
    world = own_world
    campaign = opened(world)
    pledge(world, campaign, 10)
    assert status(world, campaign) == "funding"
    seen = world["buyer"].get(f"/v1/campaigns/{campaign}").body
    assert (seen["pledged"], seen["ownPledge"]) == (cny("1000.00"), cny("1000.00"))
    path = f"/v1/campaigns/{campaign}/releases"
    early = refused(world["bank"], path, {"statement": "done"})
    assert "StateForbids" in str(early)
    world.server.node.advance_time(31 * 86_400)
    world.cash("vega", "1.00")
    assert status(world, campaign) == "met"
    for name in ("supplier", "buyer"):
        assert refused(world[name], path, {"statement": "done"})["status"] == 403
    assert "StateForbids" in str(refused(world["buyer"], f"/v1/campaigns/{campaign}/refunds"))
    before = float(world.balance("supplier"))
    world["bank"].command(path, {"statement": "mould accepted"})
    assert float(world.balance("supplier")) == pytest.approx(before + 400)
    world.server.node.advance_time(90 * 86_400)
    world.cash("vega", "1.00")
    assert status(world, campaign) == "failed"
    held = float(world.balance("buyer"))
    world["buyer"].command(f"/v1/campaigns/{campaign}/refunds")
    assert float(world.balance("buyer")) == pytest.approx(held + 600)


def test_a_goal_missed_or_given_up_goes_back_at_anybodys_word(own_world: World) -> None:
    world = own_world
    missed, given_up = opened(world), opened(world)
    before = float(world.balance("buyer"))
    pledge(world, missed, 3)
    pledge(world, given_up, 2)
    headers = world["castor"].headers | {"Idempotency-Key": uuid.uuid4().hex}
    strange = world.http.delete(f"/v1/campaigns/{given_up}", headers=headers)
    assert strange.status_code == 403
    headers = world["supplier"].headers | {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=20"}
    assert world.http.delete(f"/v1/campaigns/{given_up}", headers=headers).status_code == 200
    back = {"partyId": world.parties["buyer"]}
    world["castor"].command(f"/v1/campaigns/{given_up}/refunds", back)
    world.server.node.advance_time(31 * 86_400)
    world.cash("vega", "1.00")
    late = refused(world["buyer"], f"/v1/campaigns/{missed}/pledges", {"tier": 0, "places": 1})
    assert "StateForbids" in str(late)
    world["castor"].command(f"/v1/campaigns/{missed}/refunds", back)
    assert float(world.balance("buyer")) == pytest.approx(before)
    again = refused(world["castor"], f"/v1/campaigns/{missed}/refunds", back)
    assert "NothingToRefund" in str(again)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"goal": cny("0.00")}, "goal.amount"),
        ({"goal": {"amount": "1.00", "currency": "XXX"}}, "goal.currency"),
        ({"endsAt": "2099-01-01T00:00:00"}, "endsAt"),
        ({"reviewerPartyId": "nobody"}, "reviewerPartyId"),
        ({"tiers": []}, "tiers"),
        (
            {"tiers": [{"price": cny("0.00"), "places": 1, "description": "x"}]},
            "tiers.0.price.amount",
        ),
        ({"milestones": []}, "milestones"),
        (
            {"milestones": [{"part": 1, "lastDate": "2099-01-01", "description": "x"}]},
            "milestones",
        ),
    ],
)
def test_a_campaign_that_does_not_hold_names_its_field(
    world: World, change: dict[str, Any], field: str
) -> None:
    problem = refused(world["supplier"], "/v1/campaigns", body(world, **change))
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_more_places_than_there_are_or_a_reviewer_of_ones_own_is_refused(world: World) -> None:
    campaign = opened(world)
    path = f"/v1/campaigns/{campaign}/pledges"
    assert "PlacesTaken" in str(refused(world["buyer"], path, {"tier": 0, "places": 21}))
    assert "TierUnknown" in str(refused(world["buyer"], path, {"tier": 1, "places": 1}))
    own = body(world, reviewerPartyId=world.parties["supplier"])
    assert "ReviewerIsCreator" in str(refused(world["supplier"], "/v1/campaigns", own))
