"""Every status that an operation can answer with is in the API's description.

What tests really get is held to it too, answer by answer (`tests/app/described.py`).
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.http.callers import authenticate
from app.http.commands import begin
from app.main import ROUTERS
from tests.app.described import Description
from tests.app.world import World

AROUND = {"408", "411", "413", "431", "503"}  # the server and the edge, whatever the endpoint
METHODS = {"get", "post", "put", "delete", "patch"}


def dependencies(dependant: Any) -> set[Any]:
    found = {dependant.call}
    for inner in dependant.dependencies:
        found |= dependencies(inner)
    return found


def routes() -> list[tuple[str, str, Any]]:
    return [
        (method.lower(), route.path, route)
        for router in ROUTERS
        for route in router.routes
        for method in route.methods
    ]


def test_every_status_that_a_route_can_give_is_described(world: World) -> None:
    paths = world.http.get("/openapi.json").json()["paths"]
    lacking = []
    for method, path, route in routes():
        path = re.sub(r":\w+}", "}", path)
        answers = set(paths[path][method]["responses"])
        uses = dependencies(route.dependant)
        needed = set(AROUND)
        if authenticate in uses:
            needed |= {"401", "403", "429", "422"}
        if any(hasattr(one, "roles") for one in uses):
            needed |= {"403"}
        if begin in uses:
            needed |= {"409", "422"} | ({"200"} if route.status_code == 202 else set())
        if "{" in path and path.startswith("/v1/"):
            needed |= {"404"}
        if route.dependant.body_params:
            needed |= {"400", "422"}
        needed.add(str(route.status_code or 200))
        lacking += [f"{method} {path}: {sorted(needed - answers)}"] if needed - answers else []
    assert lacking == []


def test_no_operation_describes_a_failure_of_the_gateway(world: World) -> None:
    for path, operations in world.http.get("/openapi.json").json()["paths"].items():
        for method in METHODS & set(operations):
            assert "500" not in operations[method]["responses"], path


def test_a_method_that_a_path_has_not_is_refused_with_those_it_has(world: World) -> None:
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
            allowed = {one.strip() for one in answer.headers["Allow"].split(",")}
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
