"""Every status that an operation can answer with is in the API's description.

What tests really get is held to it too, answer by answer (`tests/support/described.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant

from app.gateway.callers import authenticate
from app.gateway.idempotency import begin
from app.gateway.naming import camel_path, state_name, stored_state
from app.market.offers.schemas import Offer, OfferPage
from tests.support.bodies import Json
from tests.support.described import Description, mismatch, model_of, routes
from tests.support.world import World

SERVER_STATUSES = {
    "408",
    "411",
    "413",
    "431",
    "503",
}  # the server and the edge, whatever the endpoint
METHODS = {"get", "post", "put", "delete", "patch"}


def dependencies(dependant: Dependant) -> set[Callable[..., Any] | None]:
    """All functions that a route depends on, at any depth."""
    calls = {dependant.call}
    for inner in dependant.dependencies:
        calls |= dependencies(inner)
    return calls


def test_every_status_that_a_route_can_give_is_described(world: World) -> None:
    paths = world.http.get("/openapi.json").json()["paths"]
    lacking = []
    for method, route_path, route in routes():
        path = camel_path(re.sub(r":\w+}", "}", route_path))
        answers = set(paths[path][method]["responses"])
        uses = dependencies(route.dependant)
        needed = set(SERVER_STATUSES)
        if authenticate in uses:
            needed |= {"401", "403", "429", "422"}
        if any(hasattr(use, "roles") for use in uses):
            needed |= {"403"}
        if begin in uses:
            needed |= {"409", "422"} | ({"200"} if route.status_code == 202 else set())
        if "{" in path and path.startswith("/v1/"):
            needed |= {"404"}
        if route.dependant.body_params:
            needed |= {"400", "415", "422"}
        needed.add(str(route.status_code or 200))
        lacking += [f"{method} {path}: {sorted(needed - answers)}"] if needed - answers else []
    assert lacking == []


def test_no_operation_describes_a_failure_of_the_gateway(world: World) -> None:
    for path, operations in world.http.get("/openapi.json").json()["paths"].items():
        for method in METHODS & set(operations):
            assert "500" not in operations[method]["responses"], path


def test_unknown_method_is_refused_with_the_allowed_ones(world: World) -> None:
    paths = world.http.get("/openapi.json").json()["paths"]
    for path, operations in paths.items():
        has = {method.upper() for method in METHODS & set(operations)}
        for method in ("PATCH", "PUT", "DELETE", "TRACE", "OPTIONS"):
            if method in has:
                continue
            answer = world.http.request(
                method, re.sub(r"{[^}]+}", "1", path), headers=world["auditor"].headers
            )
            assert answer.status_code == 405, f"{method} {path}"
            allowed = {item.strip() for item in answer.headers["Allow"].split(",")}
            assert has <= allowed, f"{method} {path}: {allowed}"
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status", "kind", "fine"),
    [
        ("GET", "/v1/parties", 200, "application/json", True),
        ("GET", "/v1/parties", 418, "application/json", False),
        ("GET", "/v1/parties", 200, "text/plain", False),
        ("GET", "/v1/parties/x", 404, "application/problem+json", True),
        ("GET", "/v1/nowhere", 404, "application/problem+json", True),
    ],
)
def test_the_check_of_answers_can_fail(
    world: World, method: str, path: str, status: int, kind: str, fine: bool
) -> None:
    described = Description(world.http.get("/openapi.json").json())
    assert (described.complaint(method, path, status, kind) is None) == fine


def test_model_of_finds_the_model_of_a_path_with_and_without_parameters() -> None:
    assert model_of("GET", "/v1/offers") is OfferPage
    assert model_of("GET", "/v1/offers/7f") is Offer
    assert model_of("GET", "/v1/nowhere") is None
    assert model_of("PUT", "/v1/offers") is None


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        (b'{"items": [], "nextCursor": null}', True),
        (b'{"items": []}', False),
        (b'{"items": [{"id": "7f"}], "nextCursor": null}', False),
        (b'{"items": [], "nextCursor": 7}', False),
        (b"not JSON", False),
    ],
)
def test_mismatch_names_what_differs_from_the_model(body: bytes, fits: bool) -> None:
    assert (mismatch(OfferPage, body) is None) == fits


def operations(world: World) -> list[tuple[str, str, Json]]:
    paths = world.http.get("/openapi.json").json()["paths"]
    return [
        (method, path, methods[method])
        for path, methods in paths.items()
        for method in METHODS & set(methods)
    ]


def test_each_operation_has_a_short_name_of_its_own(world: World) -> None:
    names = [operation["operationId"] for _, _, operation in operations(world)]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z][A-Za-z]{2,30}", name)] == []


def test_each_schema_and_parameter_has_a_name_in_one_style(world: World) -> None:
    schemas = world.http.get("/openapi.json").json()["components"]["schemas"]
    assert [name for name in schemas if not re.fullmatch(r"[A-Z][A-Za-z]+", name)] == []
    style = re.compile(r"[a-z][A-Za-z0-9]*")
    fields = [
        (name, field) for name, schema in schemas.items() for field in schema.get("properties", {})
    ]
    assert [item for item in fields if not style.fullmatch(item[1])] == []
    named = [
        (path, parameter["name"])
        for _, path, operation in operations(world)
        for parameter in operation.get("parameters", ())
        if parameter["in"] != "header"
    ]
    assert [item for item in named if not style.fullmatch(item[1])] == []
    assert all("{" + item[1] + "}" in item[0] for item in named if item[1].endswith("Id}"))


def test_every_property_and_parameter_is_described(world: World) -> None:
    schemas = world.http.get("/openapi.json").json()["components"]["schemas"]
    lacking = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, described in schema.get("properties", {}).items()
        if not described.get("description")
    ]
    lacking += [
        f"{method} {path}: {parameter['name']}"
        for method, path, operation in operations(world)
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]
    assert lacking == [], "say what it means, in its schema or in app/gateway/properties.py"


def test_described_roles_are_those_that_the_route_requires(world: World) -> None:
    said = {(method, path): item for method, path, item in operations(world)}
    for method, path, route in routes():
        operation = said[method, camel_path(re.sub(r":\w+}", "}", path))]
        uses = dependencies(route.dependant)
        needed = {role for use in uses for role in getattr(use, "roles", ())}
        assert set(operation["x-roles"]) == needed, f"{method} {path}"
        if needed:
            assert f"Roles: {', '.join(operation['x-roles'])}." in operation["description"]
        elif authenticate in uses:
            assert "Any caller with a key." in operation["description"]
        else:
            assert "No key is needed." in operation["description"]


def test_the_docs_name_the_roles_of_each_operation(world: World) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "api.md").read_text(
        encoding="utf-8"
    )
    rows = re.findall(r"^\| `([A-Z]+) (/[^`]*)` \| ([^|]*) \|", text, re.MULTILINE)
    documented = {(method.lower(), path): roles for method, path, roles in rows}
    for method, path, operation in operations(world):
        roles = operation["x-roles"]
        said = documented[method, path]
        if roles:
            assert sorted(said.split(", ")) == sorted(roles), f"{method} {path}"
        else:
            assert said in ("any", "no key"), f"{method} {path}: {said}"


def enumerations(value: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(value, list):
        return [values for item in value for values in enumerations(item, name)]
    if not isinstance(value, dict):
        return []
    values = [(name, str(item)) for item in value.get("enum", ())]
    for key, inner in value.items():
        inner_name = key if isinstance(inner, dict) and key != "schema" else name
        values += enumerations(inner, str(value.get("name", inner_name)))
    return values


def test_states_and_kinds_are_written_in_one_style(world: World) -> None:
    described = world.http.get("/openapi.json").json()
    values = enumerations(described["components"]) + enumerations(described["paths"])
    assert ("status", "written-off") in values
    # A contract is called as the ledger calls it.
    wrong = [value for value in values if not re.fullmatch(r"[a-z]+(-[a-z]+)*", value[1])]
    assert {item[1] for item in wrong} <= set(world.server.gateway.contracts.names())


def test_state_survives_the_way_from_ledger_to_api_and_back() -> None:
    for name in ("Requested", "WrittenOff", "Repaid"):
        assert stored_state(state_name(name)) == name
    assert state_name("WrittenOff") == "written-off"
