"""A registrar changes what it has seen of a party and of a key, and nothing that changed since."""

from __future__ import annotations

import secrets
import time
import uuid

import pytest

from app.demo.cast import assemble
from app.domain.persons import WALLET_LABEL
from app.gateway.callers import add_key
from tests.support.bodies import Json
from tests.support.names import body
from tests.support.registry import revoked, set_roles, set_validity
from tests.support.world import World, refused


@pytest.fixture
def party(world: World) -> str:
    """The id of a new party, a supplier."""
    answer = world["registrar"].command("/v1/parties", body(f"Porrima {uuid.uuid4().hex[:6]}"))
    return str(answer.body["party"]["id"])


def shown(world: World, party: str) -> Json:
    return world["registrar"].get(f"/v1/parties/{party}").body


def test_role_that_somebody_took_away_does_not_come_back(world: World, party: str) -> None:
    path = f"/v1/parties/{party}/roles"
    seen = shown(world, party)["roles"]
    set_roles(world, party, [])
    late = {"roles": [*seen, "buyer"], "rolesBefore": seen}
    problem = refused(world["registrar"], path, late)
    assert (problem["status"], problem["field"]) == (409, "rolesBefore")
    assert problem["type"] == "urn:cession:problem:party-changed"
    assert shown(world, party)["roles"] == []
    world["registrar"].command(path, late | {"rolesBefore": []})
    assert shown(world, party)["roles"] == ["supplier", "buyer"]
    twice = {"roles": ["buyer"], "rolesBefore": ["buyer", "supplier", "buyer"]}
    world["registrar"].command(path, twice)
    assert shown(world, party)["roles"] == ["buyer"], "order and repeats do not count"


def test_later_end_that_somebody_set_is_not_overwritten(world: World, party: str) -> None:
    path, year = f"/v1/parties/{party}/validity", 366 * 86_400
    seen = int(shown(world, party)["validUntil"])
    set_validity(world, party, seen + 2 * year)
    late = {"validUntil": seen + year, "validUntilBefore": seen}
    problem = refused(world["registrar"], path, late)
    assert (problem["status"], problem["field"]) == (409, "validUntilBefore")
    assert problem["type"] == "urn:cession:problem:party-changed"
    assert int(shown(world, party)["validUntil"]) == seen + 2 * year
    world["registrar"].command(path, late | {"validUntilBefore": seen + 2 * year})
    assert int(shown(world, party)["validUntil"]) == seen + year


def test_change_names_what_was_seen(world: World, party: str) -> None:
    for name, sent, field in (
        ("roles", {"roles": ["buyer"]}, "rolesBefore"),
        ("roles", {"roles": ["buyer"], "rolesBefore": ["regulator"]}, "rolesBefore.0"),
        ("roles", {"roles": ["buyer"], "rolesBefore": ["buyer"] * 51}, "rolesBefore"),
        ("validity", {"validUntil": 2**32}, "validUntilBefore"),
        ("validity", {"validUntil": 2**32, "validUntilBefore": 2**64}, "validUntilBefore"),
    ):
        problem = refused(world["registrar"], f"/v1/parties/{party}/{name}", sent)
        assert (problem["status"], problem["field"]) == (422, field)
    for stranger in ("operator", "regulator", "auditor", "supplier", "bank"):
        named = {"roles": ["buyer"], "rolesBefore": ["supplier"]}
        assert refused(world[stranger], f"/v1/parties/{party}/roles", named)["status"] == 403
    assert shown(world, party)["roles"] == ["supplier"]


def test_registrar_revokes_the_key_that_it_looked_at(world: World) -> None:
    party, label = world.parties["vega"], f"till-{secrets.token_hex(3)}"
    path, registrar = f"/v1/parties/{party}/api-keys", world["registrar"]
    new_keys = [registrar.post(path, {"roles": ["supplier"], "label": label}).body]
    assert revoked(world, party, label, key=new_keys[0]["id"]).status_code == 204
    new_keys.append(registrar.post(path, {"roles": ["buyer"], "label": label}).body)
    world["operator"].post(f"{path}/{label}/confirmation", {"keyId": new_keys[1]["id"]})

    late = revoked(world, party, label, key=new_keys[0]["id"])
    assert (late.status_code, late.json()["field"]) == (409, "keyId")
    assert late.json()["type"] == "urn:cession:problem:key-changed"
    unnamed = world.http.delete(f"{path}/{label}", headers=registrar.headers)
    assert (unnamed.status_code, unnamed.json()["field"]) == (422, "keyId")
    headers = {"X-API-Key": new_keys[1]["apiKey"]}
    assert world.http.get("/v1/claims", headers=headers).status_code == 200
    for stranger in ("vega", "operator", "regulator", "bank"):
        query = {"keyId": new_keys[1]["id"]}
        answer = world.http.delete(f"{path}/{label}", params=query, headers=world[stranger].headers)
        assert answer.status_code == 403
    elsewhere = revoked(world, world.parties["altair"], label, key=new_keys[1]["id"])
    assert elsewhere.status_code == 404, "the key of another party"
    assert revoked(world, party, label, key=new_keys[1]["id"]).status_code == 204
    assert world.http.get("/v1/claims", headers=headers).status_code == 401
    assert revoked(world, party, label, key=new_keys[1]["id"]).status_code == 404


def test_keys_are_listed_by_label_and_without_those_of_sessions(world: World) -> None:
    party, label = world.parties["altair"], f"shelf-{secrets.token_hex(3)}"
    made = world["registrar"].post(
        f"/v1/parties/{party}/api-keys", {"roles": ["supplier"], "label": label}
    )
    for _ in range(3):
        world.server.gateway.storage.write_now(
            lambda c: add_key(
                c,
                roles=["supplier"],
                label=WALLET_LABEL,
                party_id=party,
                expires_at=time.time() + 60,
            )
        )

    def labels(name: str, **query: object) -> list[str]:
        return [item["label"] for item in world[name].items("/v1/api-keys", limit=2, **query)]

    for name in ("registrar", "operator", "altair"):
        assert labels(name, partyId=party).count(WALLET_LABEL) == 3
        without = labels(name, partyId=party, sessions="false")
        assert label in without
        assert WALLET_LABEL not in without
        named = list(world[name].items("/v1/api-keys", partyId=party, label=label))
        assert [item["id"] for item in named] == [made.body["id"]]
    assert labels("castor", label=label) == [], "of one's own party alone"
    assert labels("auditor", label=label) == []
    assert labels("castor", partyId=party, sessions="false") == []
    headers = world["registrar"].headers
    answer = world.http.get("/v1/api-keys", params={"label": "x" * 101}, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "label")


def test_next_run_of_the_demo_ends_the_keys_of_the_run_before(own_world: World) -> None:
    first = own_world["vega"].headers
    callers, parties = assemble(own_world.http, own_world.server.keys)
    assert parties["vega"] == own_world.parties["vega"]
    assert own_world.http.get("/v1/caller", headers=first).status_code == 401
    headers = callers["vega"].headers
    assert own_world.http.get("/v1/caller", headers=headers).status_code == 200
