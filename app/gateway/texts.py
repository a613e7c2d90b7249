"""Texts that callers give: nothing in them hides from who reads them later.

One check at the border, before any endpoint: path, query, idempotency key, the body's JSON or the
fields of its form. What files hold is checked where they are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from fastapi import Request
from fastapi.params import Form

from app.domain.names import hidden_anywhere, hidden_in, shown
from app.errors import BadInput, UnsupportedKind
from app.gateway.naming import camel

# Names of fields whose text may have several lines.
TEXTS = frozenset(("description", "papers", "reason", "report", "statement"))


def is_form(request: Request) -> bool:
    """Whether the body is a form, by its content type."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type.startswith("multipart/") or media_type == "application/x-www-form-urlencoded"


async def known_kind(request: Request) -> None:
    """A JSON body says that it is JSON, or says nothing; `curl -d` would call it a form.

    Raises:
        UnsupportedKind.
    """
    route = request.scope["route"]
    length = request.headers.get("content-length", "0")
    if route.body_field is None or _takes_form(route) or length == "0":
        return
    given = request.headers.get("content-type")
    media_type = (given or "").partition(";")[0].strip().lower()
    if given is None or media_type == "application/json" or media_type.endswith("+json"):
        return
    raise UnsupportedKind(
        f"the body is said to be {shown(media_type[:80]) or 'nothing'}, JSON is read here",
        field="Content-Type",
        fix="send Content-Type: application/json",
    )


def _takes_form(route: Any) -> bool:
    return any(isinstance(one.field_info, Form) for one in route.dependant.body_params)


async def require_visible(request: Request) -> None:
    """No text of this request hides a character.

    Raises:
        BadInput: a control, invisible or direction-changing character; `field` names the text.
    """
    for field, text in _outside(request):
        _check(field, text)
    if not request.scope["route"].dependant.body_params:
        return
    if not is_form(request):
        found = hidden_anywhere(_parsed(await request.body()), texts=TEXTS)
        if found is not None:
            raise _hidden(*found)
        return
    for name, part in (await request.form()).multi_items():
        _check(shown(name[:80]), name)
        if not isinstance(part, str):
            # A file's name is kept nowhere; what it says it is, is.
            _check(f"content type of {name}", getattr(part, "content_type", None) or "")
        else:
            _check(name, part)


def _outside(request: Request) -> Iterator[tuple[str, str]]:
    """Texts that stand outside the body."""
    for name, value in request.path_params.items():
        yield camel(name), str(value)
    for name, value in request.query_params.multi_items():
        yield shown(name[:80]), name
        yield name, value
    yield "Idempotency-Key", request.headers.get("idempotency-key", "")


def _parsed(body: bytes) -> Any:
    """The body's value; None where it is no JSON, which is refused where it is read."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        pass
    try:  # what the endpoint would read: NaN, say, or half a character
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _check(field: str, text: str) -> None:
    found = hidden_in(text, lines=field in TEXTS)
    if found is not None:
        raise _hidden(field, found)


def _hidden(field: str, found: str) -> BadInput:
    several = field.rpartition(".")[2] in TEXTS
    return BadInput(
        f"{field}: {found}" if field else found,
        name="hidden-character",
        field=field or None,
        fix="send visible characters and plain blanks"
        + (", ends of lines and tabs" if several else ""),
    )
