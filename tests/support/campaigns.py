"""Campaigns in tests."""

from __future__ import annotations

import datetime
from typing import Any

from tests.support.bodies import Json
from tests.support.days import ledger_today
from tests.support.world import World, cny


def body(world: World, **changes: Any) -> Json:
    """A campaign over 1,000.00 that runs for thirty days."""
    now = datetime.datetime.now(datetime.UTC)
    today = ledger_today()
    return {
        "goal": cny("1000.00"),
        "endsAt": (now + datetime.timedelta(days=30)).isoformat(),
        "reviewerPartyId": world.parties["bank"],
        "category": "technology",
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


def contribute(world: World, campaign: int, places: int, *, by: str = "buyer") -> None:
    """Places in the first tier."""
    path = f"/v1/campaigns/{campaign}/contributions"
    world[by].command(path, {"tier": 0, "places": places})
