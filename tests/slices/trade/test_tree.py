"""The tree of a receivable: every claim ever issued on it, and who assigned it to whom."""

from __future__ import annotations

import pytest

from app.trade.claims import tree
from tests.support.world import World, cny


def test_the_tree_has_each_claim_and_each_assignment(world: World) -> None:
    receivable, claim = world.confirmed(amount="100.00")
    part = world.assigned(claim, "castor", "40.00")
    smaller = world.assigned(part, "vega", "15.00", by="castor")
    whole = {"parts": [{"toPartyId": world.parties["castor"], "amount": cny("15.00")}]}
    world["vega"].command(f"/v1/claims/{smaller}/assignments", whole)
    body = world["auditor"].get(f"/v1/receivables/{receivable}/tree").body
    nodes = {node["claimId"]: node for node in body["nodes"]}
    assert {number: node["parentId"] for number, node in nodes.items()} == {
        claim: None,
        part: claim,
        smaller: part,
    }
    assert [nodes[number]["value"] for number in (claim, part, smaller)] == [
        *(cny("60.00"), cny("25.00"), cny("15.00")),
    ]
    assert [nodes[number]["depth"] for number in (claim, part, smaller)] == [0, 1, 2]
    assert nodes[smaller]["owner"]["partyId"] == world.parties["castor"]
    edges = [
        (edge["fromClaimId"], edge["toClaimId"], edge["value"]["amount"]) for edge in body["edges"]
    ]
    assert edges == [
        *((claim, part, "40.00"), (part, smaller, "15.00"), (smaller, smaller, "15.00")),
    ]
    assert body["complete"]
    assert body["edges"][0]["blockNumber"] <= body["asOf"]["blockNumber"]


def test_the_state_of_a_claim_is_in_its_node(world: World) -> None:
    receivable, claim = world.confirmed(amount="100.00")
    lien = {"lienholderPartyId": world.parties["bank"]}
    part = world.assigned(claim, "castor", "40.00")
    world["castor"].command(f"/v1/claims/{part}/lien", lien)
    body = world["buyer"].get(f"/v1/receivables/{receivable}/tree").body
    states = {node["claimId"]: node["status"] for node in body["nodes"]}
    assert states == {claim: "in-force", part: "encumbered"}


def test_a_tree_past_the_bound_says_that_it_is_not_complete(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    receivable, claim = world.confirmed(amount="100.00")
    world.assigned(claim, "castor", "40.00")
    monkeypatch.setattr(tree, "MAX_NODES", 1)
    body = world["supplier"].get(f"/v1/receivables/{receivable}/tree").body
    assert [node["claimId"] for node in body["nodes"]] == [claim]
    assert body["edges"] == []
    assert not body["complete"]


def test_a_stranger_sees_no_tree(world: World) -> None:
    receivable, _ = world.confirmed()
    for number in (receivable, 999_999):
        path = f"/v1/receivables/{number}/tree"
        assert world.http.get(path, headers=world["pollux"].headers).status_code == 404
