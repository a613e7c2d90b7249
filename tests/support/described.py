"""Holds every answer that a test gets to the API's own description."""

from __future__ import annotations

import re

import httpx
from fastapi.routing import APIRoute

from app.main import ROUTERS
from tests.support.bodies import Json

_PARAMETER = re.compile(r"\{[^}]+\}")


class Description:
    """The statuses and content types that the API says each operation may answer with."""

    def __init__(self, schema: Json) -> None:
        self._plain = {path: one for path, one in schema["paths"].items() if "{" not in path}
        self._patterns = [
            (re.compile("^" + _PARAMETER.sub("[^/]+", path) + "$"), operations)
            for path, operations in schema["paths"].items()
            if "{" in path
        ]

    def complaint(self, method: str, path: str, status: int, content_type: str) -> str | None:
        """What is not as described; None where all is, or nothing is described there."""
        path = path.rstrip("/")
        operations: Json = self._plain.get(path) or next(
            (found for pattern, found in self._patterns if pattern.match(path)), {}
        )
        operation = operations.get(method.lower())
        if operation is None:
            return None
        answer = operation["responses"].get(str(status))
        if answer is None:
            return f"{method} {path}: status {status} is not described"
        described = set(answer.get("content", {}))
        kind = content_type.partition(";")[0]
        if kind and kind not in described:
            return f"{method} {path}: {status} as {kind} is not described, only {described}"
        return None

    def hold(self, response: httpx.Response) -> None:
        """Fails the test whose answer is not as described."""
        request = response.request
        wrong = self.complaint(
            request.method,
            request.url.path,
            response.status_code,
            response.headers.get("content-type", ""),
        )
        assert wrong is None, wrong


def routes() -> list[tuple[str, str, APIRoute]]:
    """Each method and path of the API."""
    return [
        (method.lower(), route.path, route)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]
