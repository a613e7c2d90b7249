"""Texts that callers send: no text hides characters from its later readers.

One check before any endpoint: path, query, idempotency key, the body's JSON or the fields of its
form. The code that reads a file checks its content.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from fastapi import Request
from fastapi.params import Form

from app.domain.hidden_text import hidden_anywhere, hidden_in, shown
from app.domain.texts import Sentence, say
from app.errors import BadInput, UnsupportedKind
from app.gateway.naming import camel

# Names of fields whose text may have several lines.
TEXTS = frozenset(
    ("card", "content", "description", "documents", "note", "reason", "report", "statement")
)
# Names of those that are files as the caller has them.
FILES = frozenset(("content",))


def is_form(request: Request) -> bool:
    """Whether the body is a form, by its content type."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type.startswith("multipart/") or media_type == "application/x-www-form-urlencoded"


async def known_kind(request: Request) -> None:
    """Checks that a JSON body's content type is JSON or missing; `curl -d` would call it a form.

    Raises:
        UnsupportedKind.
    """
    route = request.scope["route"]
    length = request.headers.get("content-length", "0")
    if route.body_field is None or _takes_form(route) or length == "0":
        return
    content_type = request.headers.get("content-type")
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if content_type is None or media_type == "application/json" or media_type.endswith("+json"):
        return
    raise UnsupportedKind(
        say(
            "the body's content type is {media_type}; this endpoint reads JSON",
            media_type=shown(media_type[:80]) or "empty",
        ),
        field="Content-Type",
        fix="send Content-Type: application/json",
    )


def _takes_form(route: Any) -> bool:
    return any(isinstance(field.field_info, Form) for field in route.dependant.body_params)


async def require_visible(request: Request) -> None:
    """Checks that no text of this request hides a character.

    Raises:
        BadInput: a control, invisible or direction-changing character; `field` names the text.
    """
    for field, text in _outside(request):
        _check(field, text)
    if not request.scope["route"].dependant.body_params:
        return
    if not is_form(request):
        hidden = hidden_anywhere(_parsed(await request.body()), texts=TEXTS, files=FILES)
        if hidden is not None:
            raise _hidden(*hidden)
        return
    for name, part in (await request.form()).multi_items():
        _check(shown(name[:80]), name)
        if not isinstance(part, str):
            # A file's name is not stored; its content type is.
            _check(f"content type of {name}", getattr(part, "content_type", None) or "")
        else:
            _check(name, part)


def _outside(request: Request) -> Iterator[tuple[str, str]]:
    """Texts outside the body."""
    for name, value in request.path_params.items():
        yield camel(name), str(value)
    for name, value in request.query_params.multi_items():
        yield shown(name[:80]), name
        yield name, value
    yield "Idempotency-Key", request.headers.get("idempotency-key", "")


def _parsed(body: bytes) -> Any:
    """The body's value; None where it is not JSON, which the endpoint refuses."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        pass
    try:  # what the endpoint would read: NaN, for example, or half a character
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _check(field: str, text: str) -> None:
    description = hidden_in(text, lines=field in TEXTS)
    if description is not None:
        raise _hidden(field, description)


def _hidden(field: str, description: Sentence) -> BadInput:
    several = field.rpartition(".")[2] in TEXTS
    return BadInput(
        say("{field}: {description}", field=field, description=description)
        if field
        else description,
        name="hidden-character",
        field=field or None,
        fix="send visible characters, plain spaces, line ends and tabs"
        if several
        else "send visible characters and plain spaces",
    )
