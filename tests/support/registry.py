"""What a registrar does with parties, each change named with what holds before it."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from tests.support.bodies import Json
from tests.support.world import World


def set_roles(world: World, party: str, roles: Sequence[str]) -> Json:
    """Sets a party's roles, whatever it has."""
    before = world["registrar"].get(f"/v1/parties/{party}").body["roles"]
    body = {"roles": list(roles), "rolesBefore": before}
    return world["registrar"].command(f"/v1/parties/{party}/roles", body).body


def set_validity(world: World, party: str, until: int) -> Json:
    """Sets the end of a party's registration, whatever it is."""
    before = world["registrar"].get(f"/v1/parties/{party}").body["validUntil"]
    body = {"validUntil": until, "validUntilBefore": int(before)}
    return world["registrar"].command(f"/v1/parties/{party}/validity", body).body


def live_key(world: World, party: str, label: str) -> str:
    """The id of a party's key with this label that nobody revoked."""
    items = world["registrar"].items("/v1/api-keys", partyId=party, label=label)
    return next(str(item["id"]) for item in items if item["state"] != "revoked")


def revoked(world: World, party: str, label: str, *, key: str | None = None) -> httpx.Response:
    """The answer to the revocation of a party's key; default: the one that has the label."""
    named = live_key(world, party, label) if key is None else key
    path = f"/v1/parties/{party}/api-keys/{label}"
    headers = world["registrar"].headers
    return world.http.delete(path, params={"keyId": named}, headers=headers)
