"""What changed between two blocks: figures as of both, and the events between them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.bodies import Json
from tests.support.lending import agreed_facility, attested, drawn
from tests.support.world import World, cny


def _block(answer: Any) -> int:
    return int(answer.body["block"]["blockNumber"])


def _changed(body: Json) -> dict[str, tuple[str | None, str | None]]:
    return {
        item["name"]: (item["before"], item["after"]) for item in body["figures"] if item["changed"]
    }


def test_a_receivable_shows_who_held_what_before_and_after(world: World) -> None:
    receivable, claim = world.confirmed(amount="100.00")
    before = world["auditor"].get(f"/v1/claims/{claim}").body["asOf"]["blockNumber"]
    part = world.assigned(claim, "castor", "30.00")
    world.cash("buyer", "40.00")
    paid = world["buyer"].command(
        f"/v1/receivables/{receivable}/payments", {"amount": cny("40.00")}
    )
    query: Json = {"receivable": receivable, "from": before, "to": _block(paid)}
    body = world["auditor"].get("/v1/history/changes", **query).body
    changed = _changed(body)
    assert changed[f"claims.{claim}.value"] == ("100.00 CNY", "70.00 CNY")
    assert changed[f"claims.{part}.value"] == (None, "30.00 CNY")
    assert changed["principalPaid"] == ("0.00 CNY", "40.00 CNY")
    assert "status" not in changed
    names = [item["event"] for item in body["items"]]
    assert "Assigned" in names
    assert "PaymentReceived" in names
    assert "ReceivableConfirmed" not in names, "that was before"
    assert (body["kind"], body["id"]) == ("receivable", str(receivable))
    assert (body["from"]["blockNumber"], body["to"]["blockNumber"]) == (before, _block(paid))
    same = world["auditor"].get("/v1/history/changes", **query | {"to": before}).body
    assert (_changed(same), same["items"]) == ({}, [])
    birth = world["auditor"].get("/v1/history/changes", **query | {"from": 0 + before - 5}).body
    assert birth["nextCursor"] is None


def test_a_claim_shows_its_holder_and_value_as_of_both_blocks(world: World) -> None:
    _, claim = world.confirmed(amount="50.00")
    before = world["auditor"].get(f"/v1/claims/{claim}").body["asOf"]["blockNumber"]
    body = {"parts": [{"toPartyId": world.parties["castor"], "amount": cny("50.00")}]}
    moved = world["supplier"].command(f"/v1/claims/{claim}/assignments", body)
    answer = (
        world["auditor"]
        .get("/v1/history/changes", **{"claim": claim, "from": before, "to": _block(moved)})
        .body
    )
    owner = _changed(answer)["owner"]
    assert owner[0] != owner[1]
    assert "value" not in _changed(answer)


def test_a_loan_and_its_facility_show_what_is_owed(world: World) -> None:
    attested(world, "supplier")
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="2000.00", days=200)
    start = world["auditor"].get(f"/v1/claims/{claim}").body["asOf"]["blockNumber"]
    loan = drawn(world, facility, claim, "700.00")
    end = world["auditor"].get("/v1/claims").body["asOf"]["blockNumber"]
    query: Json = {"from": start, "to": end}
    of_loan = world["bank"].get("/v1/history/changes", loan=loan, **query).body
    assert _changed(of_loan)["outstanding"] == (None, "700.00 CNY")
    assert "LoanDrawn" in [item["event"] for item in of_loan["items"]]
    of_facility = world["bank"].get("/v1/history/changes", facility=facility, **query).body
    assert _changed(of_facility)["outstanding"] == ("0.00 CNY", "700.00 CNY")
    party = world.parties["supplier"]
    of_party = world["supplier"].get("/v1/history/changes", party=party, **query).body
    assert of_party["figures"] == []
    assert "Transfer" in [item["event"] for item in of_party["items"]]
    for thing in ({"loan": loan}, {"facility": facility}):
        answer = world.http.get(
            "/v1/history/changes", params=query | thing, headers=world["pollux"].headers
        )
        assert answer.status_code == 404


def test_events_come_in_pages(world: World) -> None:
    receivable, claim = world.confirmed()
    last = world["auditor"].get(f"/v1/claims/{claim}").body["asOf"]["blockNumber"]
    query: Json = {"receivable": receivable, "from": 1, "to": last}
    whole = world["supplier"].get("/v1/history/changes", **query).body["items"]
    first = world["supplier"].get("/v1/history/changes", limit=2, **query).body
    rest = world["supplier"].get("/v1/history/changes", cursor=first["nextCursor"], **query).body
    assert first["items"] + rest["items"] == whole


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("from=1&to=2", 422, "receivable"),
        ("receivable=1&claim=1&from=1&to=2", 422, "claim"),
        ("receivable=1&from=2&to=1", 422, "from"),
        ("receivable=1&from=1", 422, "to"),
        ("receivable=1&from=soon&to=2", 422, "from"),
        ("receivable=1&from=1&to=2026-13-40", 422, "to"),
        ("receivable=1&from=1&to=99999999", 404, "to"),
        ("receivable=999999&from=1&to=2", 404, "receivable"),
        ("party=nobody&from=1&to=2", 404, "party"),
    ],
)
def test_a_wrong_question_is_refused_by_name(
    world: World, query: str, status: int, field: str
) -> None:
    world.confirmed()
    path = f"/v1/history/changes?{query}"
    answer = world.http.get(path, headers=world["auditor"].headers)
    assert (answer.status_code, answer.json()["field"]) == (status, field), answer.text


def test_nobody_reads_the_changes_of_a_debt_that_is_not_theirs(world: World) -> None:
    receivable, claim = world.confirmed()
    for thing in (f"receivable={receivable}", f"claim={claim}"):
        path = f"/v1/history/changes?{thing}&from=1&to=2"
        assert world.http.get(path, headers=world["pollux"].headers).status_code == 404
    path = f"/v1/history/changes?party={world.parties['buyer']}&from=1&to=2"
    assert world.http.get(path, headers=world["pollux"].headers).status_code == 403
