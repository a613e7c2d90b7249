"""Credit tiers in tests."""

from __future__ import annotations

from tests.support.bodies import Json
from tests.support.world import World


def revocation(world: World, party: str, reason: str) -> Json:
    """The body that revokes the attestation of a party that is in force."""
    credit = world["auditor"].get(f"/v1/credit/{world.parties[party]}").body
    return {"issuedAt": credit["issuedAt"], "reason": reason}
