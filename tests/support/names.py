"""Bodies of parties with names of a test's choice."""

from __future__ import annotations

import uuid

from tests.support.bodies import Json
from tests.support.world import World


def body(name: str) -> Json:
    return {
        "name": name,
        "legalId": {"scheme": "0060", "value": uuid.uuid4().hex[:20].upper()},
        "roles": ["supplier"],
    }


def alike(world: World, *roles: str) -> Json:
    """A new party with these roles, whose name another new one looks like, as the API shows it."""
    plain = f"Deneb {uuid.uuid4().hex[:6]} Bank"
    first, _ = (
        world["registrar"].command("/v1/parties", body(name) | {"roles": list(roles)}).body["party"]
        for name in (plain, plain.replace("a", "\u0430"))
    )
    party = world["registrar"].get(f"/v1/parties/{first['id']}").body
    assert party["confusableWith"]
    return dict(party)
