"""GET /v1/caller says who the sender of a request is."""

from __future__ import annotations

import pytest

from app.demo.cast import CAST
from tests.support.world import World

MEMBERS = {member.name: member for member in CAST}


@pytest.mark.parametrize("name", ["supplier", "bank", "warehouse"])
def test_party_reads_its_roles_name_and_account(world: World, name: str) -> None:
    body = world[name].get("/v1/caller").body
    party = world[name].get("/v1/parties/me").body
    assert body["roles"] == sorted(MEMBERS[name].api_roles)
    assert body["party"] == {"id": world.parties[name], "name": MEMBERS[name].legal_name}
    assert body["account"] == party["account"]
    assert body["custody"] is True
    assert body["label"] == "demo"


def test_official_has_an_account_and_no_party(world: World) -> None:
    body = world["registrar"].get("/v1/caller").body
    assert (body["roles"], body["party"], body["custody"]) == (["registrar"], None, True)
    assert body["account"].startswith("0x")


def test_auditor_has_neither_account_nor_party(world: World) -> None:
    body = world["auditor"].get("/v1/caller").body
    assert (body["party"], body["account"], body["custody"]) == (None, None, False)


def test_unknown_caller_is_refused(world: World) -> None:
    assert world.http.get("/v1/caller").status_code == 401
    assert world.http.get("/v1/caller", headers={"X-API-Key": "ck_no"}).status_code == 401
