"""Steps of participations that several tests need."""

from __future__ import annotations

from typing import Any

from tests.support.bodies import Json
from tests.support.world import World, cny


def share_body(world: World, share: int = 400_000, **more: Any) -> Json:
    """A share for the second bank."""
    participant = world.parties["second-bank"]
    return {"participantPartyId": participant, "share": share, "price": cny("200.00"), **more}


def shared(world: World, loan: int, share: int = 400_000, *, by: str = "second-bank") -> Json:
    """A loan of which the second bank, or another financier, bought a share."""
    world.cash(by, "1000.00")
    path = f"/v1/loans/{loan}/participations"
    body = share_body(world, share, participantPartyId=world.parties[by])
    draft = world["bank"].post(path, body).body
    return dict(world[by].command(f"/v1/agreements/{draft['id']}/signature").body)
