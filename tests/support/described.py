"""Checks every answer of a test against the API's own description."""

from __future__ import annotations

import re
from functools import cache
from http import HTTPStatus
from typing import Any, ClassVar

import httpx
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError

from app.main import ROUTERS
from tests.support.bodies import Json

_PARAMETER = re.compile(r"\{[^}]+\}")


class Description:
    """The statuses and content types that the API says each operation may answer with."""

    _asked: ClassVar[Description | None] = None

    @classmethod
    def of(cls, http: httpx.Client) -> Description:
        """What the gateways of this process say: asked once, for all say alike."""
        if cls._asked is None:
            cls._asked = cls(http.get("/openapi.json").json())
        return cls._asked

    def __init__(self, schema: Json) -> None:
        self.schema = schema
        self._plain = {path: item for path, item in schema["paths"].items() if "{" not in path}
        self._patterns = [
            (re.compile("^" + _PARAMETER.sub("[^/]+", path) + "$"), operations)
            for path, operations in schema["paths"].items()
            if "{" in path
        ]

    def complaint(self, method: str, path: str, status: int, content_type: str) -> str | None:
        """What differs from the description; None if nothing differs or nothing is described."""
        path = path.rstrip("/")
        operations: Json = self._plain.get(path) or next(
            (item for pattern, item in self._patterns if pattern.match(path)), {}
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
        content_type = response.headers.get("content-type", "")
        wrong = self.complaint(request.method, request.url.path, response.status_code, content_type)
        assert wrong is None, wrong
        model = model_of(request.method, request.url.path)
        is_json = content_type.partition(";")[0] == "application/json"
        if response.status_code < HTTPStatus.BAD_REQUEST and model is not None and is_json:
            wrong = mismatch(model, response.read())
            assert wrong is None, f"{request.method} {request.url.path}: {wrong}"


def routes() -> list[tuple[str, str, APIRoute]]:
    """Each method and path of the API."""
    return [
        (method.lower(), route.path, route)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


@cache
def _models() -> list[tuple[str, re.Pattern[str], Any]]:
    models = [
        (method, re.compile(route.path_regex.pattern), route.response_model)
        for method, _, route in routes()
        if route.response_model is not None
    ]
    return sorted(models, key=lambda entry: "(?P" in entry[1].pattern)


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def model_of(method: str, path: str) -> Any | None:
    """The model of an operation's answer; None if it answers no JSON object or is not described.

    As in the router, a path without parameters comes before one with them.
    """
    path = path.rstrip("/")
    return next(
        (
            model
            for of_method, pattern, model in _models()
            if of_method == method.lower() and pattern.match(path)
        ),
        None,
    )


def mismatch(model: Any, body: bytes) -> str | None:
    """Where an answer's body is not as its model says; None if it is."""
    try:
        _adapter(model).validate_json(body)
    except ValidationError as error:
        return str(error)
    return None
