"""Query parameters that an endpoint does not know are refused, everywhere and by name."""

from __future__ import annotations

import re

import pytest

from tests.support.described import routes
from tests.support.world import World


def test_every_endpoint_refuses_a_query_parameter_that_it_does_not_know(world: World) -> None:
    taken = []
    for method, path, _ in routes():
        if method != "get":
            continue
        url = re.sub(r"{[^}]+}", "1", path) + "?nosuchparameter=1"
        answer = world.http.get(url, headers=world["auditor"].headers)
        if (answer.status_code, answer.json().get("field")) != (422, "nosuchparameter"):
            taken.append(f"{path}: {answer.status_code} {answer.text[:80]}")
    assert taken == []


@pytest.mark.parametrize(
    ("path", "field", "fix"),
    [
        ("/v1/history?recievable=2", "recievable", "did you mean receivable?"),
        ("/v1/claims?Receivableid=2", "Receivableid", "did you mean receivableId?"),
        ("/v1/claims?limit=2&limit=3", "limit", "give limit once"),
        (
            "/v1/products?limit=2",
            "limit",
            "leave it out; this endpoint takes no query parameters",
        ),
    ],
)
def test_the_refusal_names_the_parameter_and_what_to_do(
    world: World, path: str, field: str, fix: str
) -> None:
    answer = world.http.get(path, headers=world["auditor"].headers)
    assert answer.status_code == 422
    assert (answer.json()["field"], answer.json()["fix"]) == (field, fix)


def test_a_command_with_an_unknown_query_parameter_does_nothing(world: World) -> None:
    _, claim = world.confirmed()
    body = {"lienholderPartyId": world.parties["bank"]}
    headers = world["supplier"].headers | {"Idempotency-Key": f"query-{claim}-1"}
    path = f"/v1/claims/{claim}/lien"
    answer = world.http.post(path + "?dryRun=true", json=body, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "dryRun")
    assert world["supplier"].get(f"/v1/claims/{claim}").body["lienholder"] is None


def test_caller_without_a_key_learns_no_parameter_names(world: World) -> None:
    assert world.http.get("/v1/history?recievable=2").status_code == 401
