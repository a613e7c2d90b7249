"""What FastAPI cannot know of the API: answers that come from around the endpoints, and from
commands that are waited for; who may call what; short names; words for each property."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi.routing import APIRoute

from app.gateway.callers import ROLES, authenticate
from app.gateway.naming import camel, camel_path
from app.gateway.problems import Problem, problem_answer
from app.gateway.properties import PROPERTIES

_EVERYWHERE = (
    (408, "The request was not whole in time; the connection is closed."),
    (411, "A body without its length."),
    (413, "Too many bytes."),
    (431, "Too many bytes of headers; the connection is closed."),
    (503, "Chain or store are away, or the gateway is full; nothing was done."),
)
_WITH_BODY = (
    (400, "The body cannot be read as what it says it is."),
    (415, "The body is of a content type that is not read here."),
)
_WAITED = "It has ended (look at `state`), or it waits for the party's own wallet."
_UNDER_WAY = "It is kept, and on its way to the ledger."
_KEPT = "It is kept; nothing goes to the ledger."
_KEPT_TAGS = ("stock", "prices")
_METHODS = ("get", "put", "post", "delete", "patch")


def operation_id(route: APIRoute) -> str:
    """The operation's short name, which generators make functions of: `listParties`."""
    return camel(route.name)


def completed(schema: dict[str, Any], endpoints: Iterable[Any]) -> dict[str, Any]:
    """The description with the problem document, every status that can come, roles and words.

    Args:
        endpoints: the routes that it is of; what a caller must be is read off them.
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
    schema["paths"] = {camel_path(path): found for path, found in schema["paths"].items()}
    for name, found in schemas.items():
        _say_properties(name, found)
    return _renamed(schema, {name: _form_name(name) for name in schemas if "Body_" in name})


# ------------------------------------------------------------------ names


def _form_name(name: str) -> str:
    """`Body_valueGoods` is what a form is called by default; `ValueGoodsForm` says it."""
    plain = name.removeprefix("Body_")
    return plain[0].upper() + plain[1:] + "Form"


def _renamed(schema: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    schemas = schema["components"]["schemas"]
    schema["components"]["schemas"] = {
        names.get(name, name): found | ({"title": names[name]} if name in names else {})
        for name, found in schemas.items()
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
    """Roles of which a caller needs one; none of them: any caller; None: no key at all."""
    found: list[str] | None = None
    for inner in (dependant, *dependant.dependencies):
        if inner.call is authenticate and found is None:
            found = []
        if inner is not dependant:
            below = _roles(inner)
            found = below if below or found is None else found
        allowed = getattr(inner.call, "roles", None)
        if allowed:
            found = [role for role in ROLES if role in allowed]
    return found


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
    for field, found in schema.get("properties", {}).items():
        words = PROPERTIES.get(f"{name}.{field}") or PROPERTIES.get(field)
        if "description" not in found and words is not None:
            found["description"] = words


# ------------------------------------------------------------------ statuses


def _complete(operation: dict[str, Any], *, public: bool) -> None:
    answers = operation["responses"]
    more = list(_EVERYWHERE)
    if "requestBody" in operation:
        more.extend(_WITH_BODY)
    if public:
        more.append((422, "A field or a query parameter does not hold."))
    for status, words in more:
        answers.setdefault(str(status), problem_answer(words))
    command = any(
        one["name"].lower() == "idempotency-key" for one in operation.get("parameters", ())
    )
    if command and not {"201", "202", "204"} & set(answers):
        answers["202"] = answers["200"] | {"description": _UNDER_WAY}
    if "202" in answers and any(name in operation.get("tags", ()) for name in _KEPT_TAGS):
        answers.setdefault("201", answers["202"] | {"description": _KEPT})
    if "202" in answers or "201" in answers:
        answered = answers.get("202") or answers["201"]
        answers.setdefault("200", answered | {"description": _WAITED})
    operation["responses"] = {status: answers[status] for status in sorted(answers)}
