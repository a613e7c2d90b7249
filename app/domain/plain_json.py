"""JSON with whole numbers only and each key once, and its canonical bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

MAX_BYTES = 4 << 20
MAX_DEPTH = 12
_MAX_SHOWN = 80


class JsonInvalid(ValueError):
    """Not such JSON; the message says why, and what to do."""


def read_json(data: bytes) -> Any:
    """The value of a JSON text.

    Raises:
        JsonInvalid: too large or too deep, not JSON in UTF-8, a repeated key, or a number that is
            not whole.
    """
    if len(data) > MAX_BYTES:
        raise JsonInvalid(f"it has more than {MAX_BYTES} bytes; give a smaller file")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            name = repeated_in(pairs)[:_MAX_SHOWN]
            raise JsonInvalid(f"the key {name!r} occurs twice in one object; give it once")
        return members

    def not_whole(text: str) -> NoReturn:
        raise JsonInvalid(
            f"{text[:_MAX_SHOWN]} is not a whole number; write shares and amounts as text"
        )

    try:
        value = json.loads(
            data.decode(), object_pairs_hook=once, parse_float=not_whole, parse_constant=not_whole
        )
    except JsonInvalid:
        raise
    except (ValueError, RecursionError) as error:
        raise JsonInvalid(f"it is not JSON in UTF-8: {str(error)[:200]}") from error
    _check_depth(value)
    return value


def repeated_in(pairs: Iterable[tuple[str, Any]]) -> str:
    """The first name that occurs again in the members of an object, of which one does."""
    names: set[str] = set()
    for name, _value in pairs:
        if name in names:
            return name
        names.add(name)
    raise AssertionError("no name occurs twice")


def canonical_json(value: Any) -> bytes:
    """The bytes that are hashed: keys sorted, no blanks, UTF-8.

    The value has texts, whole numbers, booleans, nulls, lists and objects.

    Raises:
        JsonInvalid: something else is in it.
    """
    _check_plain(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise JsonInvalid("it holds half of a surrogate pair, which is no character") from error


def _check_plain(value: Any) -> None:
    if isinstance(value, dict):
        for member in value.values():
            _check_plain(member)
    elif isinstance(value, list):
        for member in value:
            _check_plain(member)
    elif value is not None and not isinstance(value, (str, int)):
        raise JsonInvalid(f"{value!r} is not text, a whole number, a list or an object")


def _check_depth(value: Any) -> None:
    level = [value]
    for _depth in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise JsonInvalid(f"it is nested deeper than {MAX_DEPTH} values")
