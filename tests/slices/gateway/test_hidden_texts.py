"""No text that a caller sends may hide a character; the API's description lists all texts.

A new field is in the description, and so in these tests.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.gateway.texts import TEXTS
from tests.support.bodies import Json
from tests.support.world import World, refused

HIDDEN = "a\u202eb"
FIRST = "0"  # of a list
BODIES = ("application/json", "multipart/form-data")


def resolved(schema: Json, known: Json) -> list[Json]:
    """A schema and its alternatives, with references resolved."""
    if "$ref" in schema:
        return resolved(known[schema["$ref"].rpartition("/")[2]], known)
    choices = [item for name in ("anyOf", "oneOf", "allOf") for item in schema.get(name, ())]
    return [schema, *(each for choice in choices for each in resolved(choice, known))]


def texts_in(schema: Json, known: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all texts of a body, `0` for the items of a list."""
    for item in resolved(schema, known):
        file = item.get("format") == "binary" or "contentMediaType" in item
        if item.get("type") == "string" and not file:
            yield path
        for name, inner in item.get("properties", {}).items():
            yield from texts_in(inner, known, (*path, name))
        if "items" in item:
            yield from texts_in(item["items"], known, (*path, FIRST))
        if isinstance(item.get("additionalProperties"), dict):
            yield from texts_in(item["additionalProperties"], known, (*path, "any"))


def nested(path: tuple[str, ...], text: str) -> Any:
    """A body that has only this text."""
    value: Any = text
    for name in reversed(path):
        value = [value] if name == FIRST else {name: value}
    return value


def operations(schema: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/v1/"):
                yield method, path, operation


def sent(world: World, method: str, path: str, **more: Any) -> httpx.Response:
    headers = world["auditor"].headers | {"Idempotency-Key": uuid.uuid4().hex}
    return world.http.request(method, path, headers=headers | more.pop("headers", {}), **more)


def plain(path: str, parameters: list[Json]) -> str:
    for parameter in parameters:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", "1")
    return path


def hides(answer: httpx.Response, field: str) -> bool:
    if answer.status_code != 422:
        return False
    problem = answer.json()
    return bool(
        problem["type"] == "urn:cession:problem:hidden-character"
        and problem["field"] == field
        and "U+202E" in problem["detail"]
        and problem["fix"]
        and "\u202e" not in answer.text
    )


def test_no_text_of_any_body_hides_a_character(world: World) -> None:
    schema = world.http.get("/openapi.json").json()
    known, tried, missed = schema["components"]["schemas"], 0, []
    for method, path, operation in operations(schema):
        if "requestBody" not in operation:
            continue
        where = plain(path, operation.get("parameters", []))
        kinds = operation["requestBody"]["content"]
        assert set(kinds) <= set(BODIES), f"{path}: this test knows no {set(kinds)}"
        for kind, body in kinds.items():
            for item in dict.fromkeys(texts_in(body["schema"], known)):
                field, tried = ".".join(item), tried + 1
                if kind == "application/json":
                    answer = sent(world, method, where, json=nested(item, HIDDEN))
                else:
                    answer = sent(world, method, where, files={field: (None, HIDDEN)})
                if not hides(answer, field):
                    missed.append(f"{method} {path} {field}: {answer.text[:200]}")
                if item and item[-1] in TEXTS:
                    answer = sent(world, method, where, json=nested(item, "one\n\ttwo\r\n"))
                    if "hidden-character" in answer.text:
                        missed.append(f"{method} {path} {field}: takes no lines")
    assert missed == []
    assert tried > 100


def test_no_text_outside_a_body_hides_a_character(world: World) -> None:
    schema, tried, missed = world.http.get("/openapi.json").json(), 0, []
    for method, path, operation in operations(schema):
        parameters = operation.get("parameters", [])
        for parameter in parameters:
            others = [each for each in parameters if each is not parameter]
            where, more = plain(path, others), {}
            if parameter["in"] == "path":
                if not any(
                    each.get("type") == "string" for each in resolved(parameter["schema"], {})
                ):
                    continue
                where = where.replace(f"{{{parameter['name']}}}", "a%E2%80%AEb")
            elif parameter["in"] == "query":
                more = {"params": {parameter["name"]: HIDDEN}}
            else:
                continue  # headers are Latin-1; below
            tried += 1
            answer = sent(world, method, where, **more)
            if not hides(answer, parameter["name"]):
                missed.append(f"{method} {path} {parameter['name']}: {answer.text[:200]}")
    assert missed == []
    assert tried > 50


@pytest.mark.parametrize("key", ["12345678\xad", "1234\x855678"])
def test_an_idempotency_key_hides_nothing(world: World, key: str) -> None:
    headers = httpx.Headers(world["bank"].headers, encoding="latin-1")
    headers["Idempotency-Key"] = key
    answer = world.http.post("/v1/offers", headers=headers, json={})
    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize(
    "body",
    [
        b'{"claimId": NaN, "note": "a\\u202eb"}',
        b'{"claimId": "\\ud800", "note": "a\\u202eb"}',
        b'{"note": "a\\u202eb", "note": "a\\u202eb"}',
        b"\xef\xbb\xbf" + b'{"note": "a\\u202eb"}',
        b'{"deep": ' + b"[" * 300 + b'"a\\u202eb"' + b"]" * 300 + b"}",
        b'{"na\\u202eme": 1}',
    ],
    ids=["not a number", "half a character", "twice", "byte order mark", "deep", "name"],
)
def test_no_way_of_writing_json_hides_a_text(world: World, body: bytes) -> None:
    answer = sent(
        world, "post", "/v1/offers", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422), answer.text
    assert "\u202e" not in answer.text
    if answer.json()["type"].endswith("hidden-character"):
        assert answer.json()["field"]


def test_content_type_of_a_part_hides_no_character(world: World) -> None:
    part = {"file": ("invoice.json", b"{}", "application/json\xad")}
    body = httpx.Request("POST", "http://x", files=part)
    content = body.read().replace("\xad".encode(), b"\xad")
    headers = {"Content-Type": body.headers["Content-Type"]} | world["supplier"].headers
    answer = sent(world, "post", "/v1/documents", content=content, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "content type of file")


def test_file_name_is_ignored_and_not_stored(world: World) -> None:
    part = {"file": ("rechnung\u202e.json", json.dumps({}).encode(), "application/json")}
    answer = sent(world, "post", "/v1/documents", files=part, headers=world["supplier"].headers)
    assert "hidden-character" not in answer.text


def test_refusal_names_the_field_without_quoting_its_text(world: World) -> None:
    problem = refused(world["registrar"], "/v1/parties", {"na\u200bme": "x"})
    assert problem["field"] == "na\\u200bme"
    assert "name of a member" in problem["detail"]
