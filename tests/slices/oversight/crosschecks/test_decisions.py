"""Decisions about findings: a record that only grows, by those who may decide."""

from __future__ import annotations

import uuid

import pytest

from tests.support.crosschecks import (
    PATH,
    copied,
    decided,
    filed,
    findings,
    grouped,
    lines,
    one_of,
)
from tests.support.world import World, caught_up, refused

SECRET = "the goods received notes 118 and 119 name two trucks"


def test_later_decision_is_the_status_and_the_earlier_one_stays(own_world: World) -> None:
    world = own_world
    (first, _), (_, claim) = copied(world)
    world.assigned(claim, "bank", "50.00")
    copy = one_of(findings(world), "duplicate-invoice", first)
    assert (copy["status"], copy["decisions"]) == ("open", [])

    once = decided(world, copy, "needs-documents", by="bank", reason="asked for both notes")
    assert (once["status"], once["changed"]) == ("needs-documents", False)
    twice = decided(world, copy, "dismissed", by="auditor", reason=SECRET)
    assert twice["status"] == "dismissed"
    early, late = twice["decisions"]
    assert early == once["decisions"][0]
    assert (early["decision"], early["reason"], early["partyId"]) == (
        *("needs-documents", "asked for both notes", world.parties["bank"]),
    )
    assert (late["decision"], late["reason"], late["partyId"]) == ("dismissed", SECRET, None)
    assert early["decidedAt"] <= late["decidedAt"]
    assert late["person"] != early["person"] != ""

    body = world["bank"].get(PATH, status="dismissed").body
    assert [item["id"] for item in body["items"]] == [copy["id"]]
    counts = {entry["status"]: entry["count"] for entry in body["statuses"]}
    assert counts == {"open": 0, "confirmed": 0, "dismissed": 1, "needs-documents": 0}
    assert world["bank"].get(PATH, status="open").body["items"] == []
    assert world["regulator"].get(f"{PATH}/{copy['id']}").body["finding"] == twice
    folder = world.server.ledger.folder
    stored = b"".join(path.read_bytes() for path in folder.rglob("*.sqlite*"))
    assert b"finding_decisions" in stored
    assert SECRET.encode() not in stored, "reasons are encrypted"


def test_one_idempotency_key_decides_once(own_world: World) -> None:
    world = own_world
    (first, _), _ = copied(world)
    copy = one_of(findings(world), "duplicate-invoice", first)
    headers = world["auditor"].headers | {"Idempotency-Key": uuid.uuid4().hex}
    body = {"decision": "confirmed", "reason": "one delivery, by the carrier's word"}
    answers = [
        world.http.post(f"{PATH}/{copy['id']}/decisions", json=body, headers=headers)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    other = world.http.post(
        f"{PATH}/{copy['id']}/decisions", json=body | {"decision": "dismissed"}, headers=headers
    )
    assert other.status_code in (409, 422), other.text
    (stored,) = world["auditor"].get(f"{PATH}/{copy['id']}").body["finding"]["decisions"]
    assert stored["decision"] == "confirmed"


def test_finding_that_is_gone_keeps_its_decisions(own_world: World) -> None:
    world = own_world
    first, claim = filed(world, "DH-2001", "5432.19")
    second, _ = filed(world, "DH-20O1", "5432.19", confirm=False)
    world.assigned(claim, "bank", "50.00")
    copy = one_of(findings(world), "duplicate-invoice", first)
    decided(world, copy, "confirmed", by="bank", reason="we refuse both")
    world["supplier"].command(f"/v1/receivables/{second}/withdrawal")
    caught_up(world)

    assert findings(world) == []
    for name in ("bank", "auditor"):
        (gone,) = findings(world, name, lasts=False)
        assert (gone["id"], gone["lasts"], gone["status"]) == (copy["id"], False, "confirmed")
        assert gone["reason"] == copy["reason"]
    assert findings(world, "second-bank", lasts=False) == []
    body = {"decision": "dismissed", "reason": "no"}
    assert refused(world["second-bank"], f"{PATH}/{copy['id']}/decisions", body)["status"] == 404
    later = decided(world, copy, "dismissed", by="auditor", reason="it was withdrawn in time")
    assert ([each["decision"] for each in later["decisions"]], later["lasts"]) == (
        ["confirmed", "dismissed"],
        False,
    )

    third, _ = filed(world, "DH-2OO1", "5432.19", confirm=False)
    again = one_of(findings(world), "duplicate-invoice", third)
    assert again["id"] != copy["id"], "another invoice is another finding"
    assert again["decisions"] == []


def test_decision_on_other_records_than_those_that_are_known_now_says_so(
    own_world: World,
) -> None:
    world = own_world
    filed(world, "C-1", "3210.98", by="castor", lines=lines("moulds", "3210.98"))
    for name in ("castor", "buyer"):
        grouped(world, name, 9)
    (control,) = findings(world, kind="common-control")
    assert decided(world, control, "dismissed", by="auditor")["changed"] is False
    filed(world, "C-2", "6543.21", by="castor", lines=lines("dies", "6543.21"))
    (grown,) = findings(world, kind="common-control")
    assert (grown["id"], grown["changed"], grown["status"]) == (control["id"], True, "dismissed")


def test_party_decides_on_no_finding_about_itself_or_its_group(own_world: World) -> None:
    world = own_world
    (first, claim), _ = copied(world)
    for name in ("bank", "second-bank"):
        world.assigned(claim, name, "50.00")
    for name in ("bank", "supplier"):
        grouped(world, name, 4)
    copy = one_of(findings(world, "bank"), "duplicate-invoice", first)
    body = {"decision": "dismissed", "reason": "all is well"}
    problem = refused(world["bank"], f"{PATH}/{copy['id']}/decisions", body)
    assert (problem["status"], problem["type"]) == (
        403,
        "urn:cession:problem:finding-about-itself",
    )
    assert problem["fix"]
    assert one_of(findings(world), "duplicate-invoice", first)["decisions"] == []
    assert decided(world, copy, "dismissed", by="second-bank")["status"] == "dismissed"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"decision": "dismissed", "reason": ""}, "reason"),
        ({"decision": "dismissed", "reason": " \n - "}, "reason"),
        ({"decision": "dismissed", "reason": "x" * 2_001}, "reason"),
        ({"decision": "dismissed"}, "reason"),
        ({"decision": "ignored", "reason": "so"}, "decision"),
        ({"reason": "so"}, "decision"),
        ({"decision": "dismissed", "reason": "so", "person": "somebody else"}, "person"),
    ],
)
def test_decision_without_sense_is_refused_by_field(
    world: World, body: dict[str, str], field: str
) -> None:
    problem = refused(world["auditor"], f"{PATH}/{'0' * 32}/decisions", body)
    assert problem["status"] == 422
    assert problem["field"] == field
    assert problem["fix"]
