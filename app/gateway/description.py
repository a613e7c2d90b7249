"""Adds to the API's description what FastAPI cannot know.

That is: statuses from outside the endpoints and of commands that callers wait for, roles, short
names, and a description for each property.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi.routing import APIRoute

from app.gateway.callers import ROLES, authenticate
from app.gateway.naming import camel, camel_path
from app.gateway.problems import Problem, problem_answer
from app.gateway.properties import PROPERTIES

_EVERYWHERE = (
    (408, "The request was not complete in time; the connection is closed."),
    (411, "A body without its length."),
    (413, "Too many bytes."),
    (431, "Too many bytes of headers; the connection is closed."),
    (503, "The chain or the store cannot be reached, or the gateway is full; nothing was done."),
)
_WITH_BODY = (
    (400, "The body cannot be read as its content type."),
    (415, "The body has a content type that this endpoint does not read."),
)
_WAITED = "The operation has ended (see `state`), or it waits for the party's own wallet."
_UNDER_WAY = "The command is stored, and on its way to the ledger."
_STORED = "The command is stored; nothing goes to the ledger."
_STORED_TAGS = ("stock", "prices")
_METHODS = ("get", "put", "post", "delete", "patch")


def operation_id(route: APIRoute) -> str:
    """The operation's short name, from which generators name functions: `listParties`."""
    return camel(route.name)


def completed(schema: dict[str, Any], endpoints: Iterable[Any]) -> dict[str, Any]:
    """The description with the problem document, every possible status, roles and descriptions.

    Args:
        endpoints: the routes of the API; the roles come from their dependencies.
    """
    known = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = known.pop("$defs", {})
    schemas = schema["components"]["schemas"]
    schemas |= {"Problem": known, **inner}
    roles = {operation_id(route): _roles(route.dependant) for route in endpoints}
    for path, operations in schema["paths"].items():
        for method in _METHODS:
            if method in operations:
                _complete(operations[method], public=not path.startswith("/v1/"))
                _say_roles(operations[method], roles)
    schema["paths"] = {camel_path(path): item for path, item in schema["paths"].items()}
    for name, model in schemas.items():
        _say_properties(name, model)
    return _renamed(schema, {name: _form_name(name) for name in schemas if "Body_" in name})


# ------------------------------------------------------------------ names


def _form_name(name: str) -> str:
    """`Body_valueGoods`, FastAPI's name for a form, becomes `ValueGoodsForm`."""
    plain = name.removeprefix("Body_")
    return plain[0].upper() + plain[1:] + "Form"


def _renamed(schema: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    schemas = schema["components"]["schemas"]
    schema["components"]["schemas"] = {
        names.get(name, name): model | ({"title": names[name]} if name in names else {})
        for name, model in schemas.items()
    }
    references = {
        f"#/components/schemas/{old}": f"#/components/schemas/{new}" for old, new in names.items()
    }
    _refer(schema["paths"], references)
    return schema


def _refer(value: Any, references: dict[str, str]) -> None:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if reference in references:
            value["$ref"] = references[reference]
        for inner in value.values():
            _refer(inner, references)
    elif isinstance(value, list):
        for inner in value:
            _refer(inner, references)


# ------------------------------------------------------------------ roles and words


def _roles(dependant: Any) -> list[str] | None:
    """Roles of which a caller needs one; empty: any caller; None: no key is needed."""
    roles: list[str] | None = None
    for inner in (dependant, *dependant.dependencies):
        if inner.call is authenticate and roles is None:
            roles = []
        if inner is not dependant:
            below = _roles(inner)
            roles = below if below or roles is None else roles
        allowed = getattr(inner.call, "roles", None)
        if allowed:
            roles = [role for role in ROLES if role in allowed]
    return roles


def _say_roles(operation: dict[str, Any], roles: dict[str, list[str] | None]) -> None:
    needed = roles.get(operation["operationId"])
    if needed is None:
        words = "No key is needed."
    elif needed:
        words = f"Roles: {', '.join(needed)}."
    else:
        words = "Any caller with a key."
    operation["x-roles"] = needed or []
    operation["description"] = f"{operation.get('description', '')}\n\n{words}".strip()
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            parameter["name"] = camel(parameter["name"])
        if "description" not in parameter and parameter["name"] in PROPERTIES:
            parameter["description"] = PROPERTIES[parameter["name"]]


def _say_properties(name: str, schema: dict[str, Any]) -> None:
    for field, property_schema in schema.get("properties", {}).items():
        words = PROPERTIES.get(f"{name}.{field}") or PROPERTIES.get(field)
        if "description" not in property_schema and words is not None:
            property_schema["description"] = words


# ------------------------------------------------------------------ statuses


def _complete(operation: dict[str, Any], *, public: bool) -> None:
    answers = operation["responses"]
    more = list(_EVERYWHERE)
    if "requestBody" in operation:
        more.extend(_WITH_BODY)
    if public:
        more.append((422, "A field or a query parameter is not valid."))
    for status, words in more:
        answers.setdefault(str(status), problem_answer(words))
    command = any(
        parameter["name"].lower() == "idempotency-key"
        for parameter in operation.get("parameters", ())
    )
    if command and not {"201", "202", "204"} & set(answers):
        answers["202"] = answers["200"] | {"description": _UNDER_WAY}
    if "202" in answers and any(name in operation.get("tags", ()) for name in _STORED_TAGS):
        answers.setdefault("201", answers["202"] | {"description": _STORED})
    if "202" in answers or "201" in answers:
        answered = answers.get("202") or answers["201"]
        answers.setdefault("200", answered | {"description": _WAITED})
    operation["responses"] = {status: answers[status] for status in sorted(answers)}
