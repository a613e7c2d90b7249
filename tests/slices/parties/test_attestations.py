"""Attestations that follow each other at once: each replaces the one before."""

from __future__ import annotations

import datetime

from app.chain.outbox.operation import DONE
from tests.support.bodies import Json
from tests.support.lending import revocation
from tests.support.world import World, cny, refused


def _attestation(world: World, tier: int) -> Json:
    return {
        "partyId": world.parties["supplier"],
        "tier": tier,
        "limit": cny("500000.00"),
        "tradingSince": "2020-01-01",
        "modelVersion": "scorecard 1",
        "evidenceRoot": "0x" + "11" * 32,
    }


def _tier(world: World) -> int:
    body = world["bank"].get(f"/v1/credit/{world.parties['supplier']}").body
    assert isinstance(body["tier"], int)
    return body["tier"]


def test_attestations_given_without_waiting_all_count_and_the_last_one_stays(world: World) -> None:
    rater = world["rater"]
    answers = [rater.post("/v1/credit", _attestation(world, tier)) for tier in (2, 4, 1, 3)]
    operations = [answer.body["operation"]["id"] for answer in answers]
    for identifier in operations:
        operation = rater.get(f"/v1/operations/{identifier}", wait=50).body
        while operation["state"] not in DONE:
            operation = rater.get(f"/v1/operations/{identifier}").body
        assert operation["error"] is None, operation
    assert _tier(world) == 3


def test_attestation_right_after_another_one_replaces_it(world: World) -> None:
    for tier in (2, 4, 1, 3, 5):
        world["rater"].command("/v1/credit", _attestation(world, tier))
        assert _tier(world) == tier


def test_a_rater_revokes_only_the_attestation_that_it_has_seen(own_world: World) -> None:
    world, path = own_world, f"/v1/credit/{own_world.parties['supplier']}/revocation"
    world["rater"].command("/v1/credit", _attestation(world, 2))
    seen = revocation(world, "supplier", "accounts were not true")
    world["rater"].command("/v1/credit", _attestation(world, 4))
    problem = refused(world["rater"], path, seen)
    assert (problem["status"], problem["field"]) == (409, "issuedAt")
    assert problem["type"] == "urn:cession:problem:attestation-changed"
    assert _tier(world) == 4
    without_zone = seen | {"issuedAt": seen["issuedAt"].removesuffix("Z")}
    for body in ({"reason": seen["reason"]}, without_zone):
        problem = refused(world["rater"], path, body)
        assert (problem["status"], problem["field"]) == (422, "issuedAt")
    moment = datetime.datetime.fromisoformat(revocation(world, "supplier", "")["issuedAt"])
    abroad = moment.astimezone(datetime.timezone(datetime.timedelta(hours=8)))
    world["rater"].command(path, {"issuedAt": abroad.isoformat(), "reason": "accounts"})
    assert world["bank"].get(f"/v1/credit/{world.parties['supplier']}").body["tier"] is None
    problem = refused(world["rater"], path, seen)
    assert "TierMissing" in str(problem), "the ledger says that none is in force"


def test_an_attestation_on_its_way_to_the_chain_is_not_revoked_unseen(own_world: World) -> None:
    world, path = own_world, f"/v1/credit/{own_world.parties['supplier']}/revocation"
    world["rater"].command("/v1/credit", _attestation(world, 2))
    seen = revocation(world, "supplier", "accounts were not true")
    world["rater"].post("/v1/credit", _attestation(world, 3))  # and no wait
    problem = refused(world["rater"], path, seen)
    assert problem["type"].endswith("attestation-changed"), problem


def test_attestation_right_after_a_revocation_says_that_a_newer_block_is_needed(
    own_world: World,
) -> None:
    world, path = own_world, f"/v1/credit/{own_world.parties['supplier']}/revocation"
    world["rater"].command("/v1/credit", _attestation(world, 2))
    world["rater"].command(path, revocation(world, "supplier", "accounts were not true"))
    problem = refused(world["rater"], "/v1/credit", _attestation(world, 4))
    assert problem["type"].endswith("attestation-too-soon"), problem
    world.later(1)
    world["rater"].command("/v1/credit", _attestation(world, 4))
    assert _tier(world) == 4
