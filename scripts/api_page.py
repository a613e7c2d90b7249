"""Writes the page of the API's endpoints and request bodies from its OpenAPI description."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

from app.config import Settings
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.gateway.gateway import Gateway
from app.main import build_app

_HEAD = (
    "# API: endpoints and bodies\n\n"
    "`make reference` writes this page from the API's own description (`/openapi.json`).\n"
    "What all endpoints share stands in [API: what all endpoints share](conventions.md).\n"
)
_METHODS = ("get", "post", "put", "delete")


def _never_opened() -> AbstractAsyncContextManager[Gateway]:
    raise AssertionError("describing the API opens no gateway")


def description() -> dict[str, Any]:
    """The OpenAPI description of the gateway; no chain and no store is opened."""
    settings = Settings(
        ledger_key=DEVELOPMENT_LEDGER_KEY, master_key="m" * 32, keystore_password="k"
    )
    return dict(build_app(_never_opened, settings=settings).openapi())


def page(openapi: dict[str, Any]) -> str:
    """The page as Markdown: a table of endpoints for each tag, then the fields of each body."""
    operations: dict[str, list[str]] = {}
    bodies: dict[str, None] = {}
    for path, methods in openapi["paths"].items():
        for method in _METHODS:
            if method not in methods:
                continue
            operation = methods[method]
            names = list(_bodies_of(operation))
            bodies |= dict.fromkeys(names)
            links = " or ".join(f"[`{name}`](#{name.lower()})" for name in names)
            sentence = operation["description"].partition("\n\n")[0].replace("\n", " ")
            row = f"| `{method.upper()} {path}` | {_roles_of(operation)} | {links} | {sentence} |"
            operations.setdefault(operation["tags"][0], []).append(row)
    lines = [_HEAD]
    for tag, rows in operations.items():
        lines += [f"## {tag.capitalize()}", "| endpoint | roles | body | what it does |"]
        lines += ["| --- | --- | --- | --- |", *rows, ""]
    lines.append("## Bodies\n")
    schemas = openapi["components"]["schemas"]
    for name in sorted(bodies):
        lines += list(_body(name, schemas[name]))
    return "\n".join(lines).rstrip() + "\n"


def _roles_of(operation: dict[str, Any]) -> str:
    if operation["x-roles"]:
        return ", ".join(operation["x-roles"])
    return "any" if operation.get("security") else "no key"


def _bodies_of(operation: dict[str, Any]) -> Iterator[str]:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        for part in schema.get("anyOf", schema.get("oneOf", [schema])):
            if "$ref" in part:
                yield part["$ref"].rpartition("/")[2]


def _body(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"### {name}"
    words = schema.get("description", "").replace("\n", " ").strip()
    if words:
        yield f"{words}\n"
    required = set(schema.get("required", ()))
    if schema.get("properties"):
        yield "| field | type | required | meaning |"
        yield "| --- | --- | --- | --- |"
        for field, value in schema["properties"].items():
            meaning = value.get("description", "").replace("\n", " ").replace("|", "\\|")
            need = "yes" if field in required else "no"
            yield f"| `{field}` | {_type(value)} | {need} | {meaning} |"
    yield ""


def _type(value: dict[str, Any]) -> str:
    if "$ref" in value:
        return str(value["$ref"].rpartition("/")[2])
    for key in ("anyOf", "oneOf"):
        if key in value:
            parts = [_type(part) for part in value[key] if part.get("type") != "null"]
            return " or ".join(dict.fromkeys(parts))
    if "allOf" in value:
        return _type(value["allOf"][0])
    if "enum" in value or "const" in value:
        members = value.get("enum", [value.get("const")])
        return ", ".join(f"`{member}`" for member in members)
    if value.get("type") == "array":
        return f"list of {_type(value.get('items', {}))}"
    return str(value.get("format") or value.get("type", "any"))
