"""Names that callers give: nothing hidden in them, and those that look alike are flagged."""

from __future__ import annotations

import uuid

import pytest

from tests.support.names import body
from tests.support.registry import set_roles
from tests.support.world import World, refused


@pytest.mark.parametrize("character", ["\u202e", "\u200b", "\x07", "\n", "\u3164", "\ufeff"])
def test_name_with_a_hidden_character_is_refused_by_its_field(world: World, character: str) -> None:
    problem = refused(world["registrar"], "/v1/parties", body(f"Rigel{character} Bank"))
    assert (problem["status"], problem["field"]) == (422, "name")
    assert problem["type"] == "urn:cession:problem:hidden-character"
    assert f"U+{ord(character):04X}" in problem["detail"]


@pytest.mark.parametrize("name", [" ", "...", "—"])
def test_name_without_a_letter_is_refused(world: World, name: str) -> None:
    problem = refused(world["registrar"], "/v1/parties", body(name))
    assert (problem["status"], problem["field"]) == (422, "name")


def test_hidden_character_is_refused_in_every_text_of_a_command(world: World) -> None:
    problem = refused(
        world["bank"], "/v1/offers", {"claimId": 1, "no\u200bte": "x", "note": "\x1b"}
    )
    assert problem["status"] == 422
    path = f"/v1/parties/{world.parties['buyer']}/api-keys"
    body = {"roles": ["buyer"], "label": "erp\u200b"}
    assert refused(world["registrar"], path, body)["field"] == "label"
    stop = {"reason": "one \u202etwo"}
    problem = refused(world["operator"], "/v1/new-risk/stops", stop)
    assert problem["field"] == "reason"


def test_a_name_that_looks_like_another_is_flagged_for_everybody(world: World) -> None:
    plain, alike = f"Deneb {uuid.uuid4().hex[:6]} Bank", ""
    alike = plain.replace("a", "\u0430").replace("e", "\u0435")
    first = world["registrar"].command("/v1/parties", body(plain)).body["party"]
    assert first["confusableWith"] == []
    second = world["registrar"].command("/v1/parties", body(alike)).body["party"]
    assert second["confusableWith"] == [{"partyId": first["id"], "name": plain}]
    party_view = world["registrar"].get(f"/v1/parties/{first['id']}").body
    assert party_view["confusableWith"] == [{"partyId": second["id"], "name": alike}]
    assert world["bank"].get(f"/v1/parties/{first['id']}").body == party_view | {"legalId": None}
    listed = world["bank"].get("/v1/parties", limit=200).body["items"]
    flagged = {item["id"] for item in listed if item["confusableWith"]}
    assert {first["id"], second["id"]} <= flagged
    assert world.parties["bank"] not in flagged


def test_directory_is_listed_by_the_beginning_of_names_and_by_role(world: World) -> None:
    name = f"Menkar {uuid.uuid4().hex[:6]}"
    added = [
        world["registrar"].command("/v1/parties", body(f"{name} {end}")).body["party"]["id"]
        for end in ("Ash", "Birch")
    ]
    bank = world["bank"]

    def ids(**query: str) -> list[str]:
        return [item["id"] for item in bank.get("/v1/parties", limit=200, **query).body["items"]]

    assert ids(name=name.upper()) == added
    assert ids(name=f"{name} a") == added[:1]
    assert ids(name=name, role="supplier") == added
    assert ids(name=name, role="warehouse") == []
    assert ids(name="%") == []
    first = bank.get("/v1/parties", limit=1, name=name).body
    assert ids(name=name, cursor=first["nextCursor"]) == added[1:]
    set_roles(world, added[0], ["warehouse"])
    assert ids(name=name, role="warehouse") == added[:1], "the roles that the ledger has"
    answer = world.http.get("/v1/parties?role=regulator", headers=bank.headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "role")
