"""The log of who saw what: complete, chained, and readable by owner and officials only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import httpx
import pytest

from app.gateway.access_log import READINGS, Reading
from app.main import ROUTERS
from app.storage import run
from tests.support.bodies import Json
from tests.support.lending import attested, lent
from tests.support.world import World, invoice


def _seen(world: World, name: str, subject: object) -> list[tuple[str, str, str | None]]:
    body = world[name].get("/v1/access-log", subjectId=str(subject)).body
    assert body["intact"]
    return [(item["kind"], item["person"], item["ownerPartyId"]) for item in body["items"]]


def test_each_reading_that_is_logged_is_an_endpoint_with_its_parameter() -> None:
    paths = {
        getattr(route, "name", ""): getattr(route, "path", "")
        for router in ROUTERS
        for route in router.routes
    }
    for name, reading in READINGS.items():
        assert f"{{{reading.parameter}" in paths[name], name


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_owner_of_what_is_read_is_asked_of_tables_that_exist(
    world: World, reading: Reading
) -> None:
    storage = world.server.gateway.storage
    assert storage.read_now(lambda c: run(c, reading.owner, ("0",)).scalar()) is None


def _raw(world: World, name: str, path: str) -> int:
    return world.http.get(path, headers=world[name].headers).status_code


def test_each_reading_of_a_document_by_others_is_in_the_log(world: World) -> None:
    document = world.upload(invoice())
    world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    path = f"/v1/documents/{document['id']}"
    assert _raw(world, "supplier", path) == _raw(world, "supplier", f"{path}/content") == 200
    assert _seen(world, "supplier", document["id"]) == [], "its owner reads its own"
    assert _raw(world, "buyer", f"{path}/content") == 200
    assert _raw(world, "auditor", path) == 200
    disclosed = world.http.post(
        f"{path}/disclosure", json={"fields": ["number"]}, headers=world["buyer"].headers
    )
    assert disclosed.status_code == 200, disclosed.text
    assert _raw(world, "pollux", path) == 404
    seen = _seen(world, "supplier", document["id"])
    assert [kind for kind, _, _ in seen] == ["disclosure", "document", "document-content"]
    assert {owner for _, _, owner in seen} == {world.parties["supplier"]}
    assert seen[1][1] == "auditor"
    assert _seen(world, "auditor", document["id"]) == seen
    assert _seen(world, "operator", document["id"]) == seen
    assert _seen(world, "buyer", document["id"]) == [], "it is not the owner"
    assert _seen(world, "registrar", document["id"]) == []


def test_statements_and_files_are_in_the_log(world: World) -> None:
    attested(world, "supplier")
    facility, loan, _ = lent(world)
    for path in (f"/v1/loans/{loan}/statement", f"/v1/facilities/{facility}/statement"):
        assert _raw(world, "bank", path) == 200
    items = world["supplier"].get("/v1/access-log", limit=2).body["items"]
    assert [(item["kind"], item["subjectKind"], item["subjectId"]) for item in items] == [
        ("statement", "facility", str(facility)),
        ("statement", "loan", str(loan)),
    ]
    before = world["auditor"].get("/v1/access-log", limit=1).body["items"][0]
    for other in (f"0_{loan}", f"+{loan}", f"0{loan}", f"{loan}.0", f"%20{loan}"):
        assert _raw(world, "auditor", f"/v1/loans/{other}/statement") == 422
        assert _raw(world, "auditor", f"/v1/facilities/{other}/statement") == 422
    assert world["auditor"].get("/v1/access-log", limit=1).body["items"] == [before]
    assert _raw(world, "auditor", f"/v1/loans/{loan}/statement") == 200
    newest = world["supplier"].get("/v1/access-log", limit=1).body["items"][0]
    assert (newest["subjectId"], newest["ownerPartyId"], newest["person"]) == (
        *(str(loan), world.parties["supplier"], "auditor"),
    )
    path = f"/v1/history?loan={loan}&format=csv"
    assert _raw(world, "bank", path) == 200
    newest = world["auditor"].get("/v1/access-log", limit=1).body["items"][0]
    assert (newest["kind"], newest["subjectId"]) == ("export", "/v1/history")
    assert newest["partyId"] == world.parties["bank"]


def test_rows_are_numbered_without_gaps_and_each_names_the_one_before(world: World) -> None:
    document = world.upload(invoice())
    for _ in range(5):
        assert _raw(world, "auditor", f"/v1/documents/{document['id']}/content") == 200
    rows: list[Json] = []
    cursor: Json = {}
    while True:
        page = world["auditor"].get("/v1/access-log", limit=2, **cursor).body
        assert page["intact"]
        rows += page["items"]
        if page["nextCursor"] is None:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert [row["number"] for row in rows] == list(range(len(rows), 0, -1))
    for later, earlier in pairwise(rows):
        assert later["previousHash"] == earlier["hash"]


@contextmanager
def _altered(world: World, number: int, column: str, value: str) -> Iterator[None]:
    storage = world.server.gateway.storage
    select = f"SELECT {column} FROM access_log WHERE number = ?"
    change = f"UPDATE access_log SET {column} = ? WHERE number = ?"
    before = storage.read_now(lambda c: run(c, select, (number,)).scalar())
    storage.write_now(lambda c: run(c, change, (value, number)))
    try:
        yield
    finally:
        storage.write_now(lambda c: run(c, change, (before, number)))


def test_a_changed_row_breaks_the_chain(world: World) -> None:
    document = world.upload(invoice())
    for _ in range(3):
        assert _raw(world, "auditor", f"/v1/documents/{document['id']}") == 200
    newest = world["auditor"].get("/v1/access-log", limit=3).body["items"]
    number = newest[1]["number"]
    for column, value in (("person", "nobody"), ("owner", "x"), ("hash", newest[0]["hash"])):
        with _altered(world, number, column, value):
            assert not world["auditor"].get("/v1/access-log", limit=3).body["intact"], column
    assert world["auditor"].get("/v1/access-log", limit=3).body["intact"]


def test_an_answer_without_its_row_is_not_given(world: World) -> None:
    document = world.upload(invoice())
    path = f"/v1/documents/{document['id']}/content"
    storage = world.server.gateway.storage
    storage.write_now(lambda c: run(c, "ALTER TABLE access_log RENAME TO access_log_away"))
    try:
        headers = world["auditor"].headers
        answer = httpx.get(world.server.url + path, headers=headers, timeout=60, trust_env=False)
    finally:
        storage.write_now(lambda c: run(c, "ALTER TABLE access_log_away RENAME TO access_log"))
    assert answer.status_code in (500, 503)
    assert b"castings" not in answer.content
    assert _raw(world, "auditor", path) == 200
