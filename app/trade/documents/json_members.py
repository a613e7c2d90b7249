"""JSON of documents, read member by member: nothing is rounded, repeated or passed over."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from app.domain.plain_json import repeated_in
from app.domain.texts import say
from app.trade.documents import values
from app.trade.documents.errors import (
    DocumentHostile,
    DocumentMalformed,
    FieldInvalid,
    FieldMissing,
    FormatUnknown,
)

MAX_MARKS = 1_000_000
MAX_DEPTH = 8
_SURROGATE = re.compile(rb"\\u[dD][89abABcdefCDEF]")
_TYPES = {
    dict: say("an object"),
    list: say("a list"),
    str: say("text"),
    bool: say("true or false"),
}


class _Number(str):
    """A JSON number as written; no field accepts one."""


class _DuplicateKey(ValueError):
    """An object has a key twice."""


def parse(data: bytes) -> Any:
    """The value of a JSON text, with each number as it is written.

    Raises:
        DocumentHostile, DocumentMalformed.
    """
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > MAX_MARKS:
        raise DocumentHostile(
            "the JSON has more values than any invoice has",
            name="json-too-many-values",
            fix="send one invoice for each file",
        )

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise _DuplicateKey(repeated_in(pairs))
        return members

    def no_number(text: str) -> NoReturn:
        raise ValueError(f"{text} is not JSON")

    try:
        value = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=once,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=no_number,
        )
    except _DuplicateKey as error:
        raise DocumentMalformed(
            say("the key {error} is there twice in one object", error=repr(str(error)[:80])),
            name="duplicate-key",
            field=str(error)[:80].encode(errors="replace").decode(),
            fix="give it once",
        ) from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise DocumentMalformed(
            say("the document is not JSON: {error}", error=str(error)[:200]),
            name="json-malformed",
            fix="send JSON in UTF-8",
        ) from error
    _check_depth(value)
    _check_text(data, value)
    return value


def _check_text(data: bytes, value: Any) -> None:
    """Refuses half of a surrogate pair, which is no character (RFC 8259, 8.2)."""
    if _SURROGATE.search(data) is None:
        return
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise DocumentMalformed(
            "the JSON holds half of a surrogate pair, which is no character",
            name="json-malformed",
            fix="send the text in UTF-8, without \\u escapes",
        ) from error


def _too_deep() -> DocumentHostile:
    return DocumentHostile(
        say("the JSON is nested deeper than {max_depth} values", max_depth=MAX_DEPTH),
        name="json-too-deep",
        fix="send the invoice as the guide shows it",
    )


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
    raise _too_deep()


class Members:
    """A JSON object whose members are read one by one; `end` refuses members that nobody read."""

    def __init__(self, value: Any, *, path: str) -> None:
        self.path = path
        if type(value) is not dict:
            if not path:
                raise FormatUnknown(
                    "the JSON is not an object", fix="send one invoice as one object"
                )
            raise _wrong_type(path, value, dict)
        self.left: dict[str, Any] = dict(value)

    def at(self, name: str) -> str:
        """The path of a member."""
        return f"{self.path}.{name}" if self.path else name

    def maybe(self, name: str, kind: type) -> Any:
        """A member; None if it is absent or null."""
        value = self.left.pop(name, None)
        if value is not None and type(value) is not kind:
            raise _wrong_type(self.at(name), value, kind)
        return value

    def maybe_text(self, name: str) -> str | None:
        """Text, blanks folded; None if absent, null or empty."""
        value = self.maybe(name, str)
        return None if value is None else values.folded(value, field=self.at(name))

    def text(self, name: str) -> str:
        """Required text."""
        value = self.maybe_text(name)
        if value is None:
            field = self.at(name)
            raise FieldMissing(
                say("{field} is missing or empty", field=field),
                field=field,
                fix=say("give {field}", field=field),
            )
        return value

    def maybe_amount(self, name: str, currency: str) -> int | None:
        """An amount in minor units; None if absent, null or empty."""
        text, field = self.maybe_text(name), self.at(name)
        if text is None:
            return None
        return values.amount(text, field=field, currency=currency)

    def amount(self, name: str, currency: str) -> int:
        """A required amount in minor units."""
        value = self.maybe_amount(name, currency)
        if value is None:
            field = self.at(name)
            raise FieldMissing(
                say("{field} is missing", field=field),
                field=field,
                fix=say("give {field}", field=field),
            )
        return value

    def fine_amount(self, name: str, currency: str) -> tuple[int, Decimal | None]:
        """A part of a sum: minor units, and the exact number if it is finer."""
        return values.fine_amount(self.text(name), field=self.at(name), currency=currency)

    def maybe_decimal(self, name: str) -> Decimal | None:
        """An exact decimal; None if absent, null or empty."""
        text = self.maybe_text(name)
        return None if text is None else values.decimal(text, field=self.at(name))

    def maybe_object(self, name: str) -> Members | None:
        """An object; None if absent or null."""
        value = self.maybe(name, dict)
        return None if value is None else Members(value, path=self.at(name))

    def object(self, name: str) -> Members:
        """A required object."""
        value = self.maybe_object(name)
        if value is None:
            field = self.at(name)
            raise FieldMissing(
                say("{field} is missing", field=field),
                field=field,
                fix=say("give {field}", field=field),
            )
        return value

    def objects(self, name: str) -> list[Members]:
        """A list of objects; empty if absent or null."""
        value = self.maybe(name, list) or []
        return [
            Members(member, path=f"{self.at(name)}.{index}") for index, member in enumerate(value)
        ]

    def end(self) -> None:
        """Refuses a member that nobody read.

        Raises:
            FieldInvalid.
        """
        for name in self.left:
            field = self.at(name)[:120]
            raise FieldInvalid(
                say("there is no field {field}", field=repr(field)),
                name="field-unknown",
                field=field,
                fix="leave it out",
            )


def _wrong_type(field: str, value: Any, expected: type) -> FieldInvalid:
    actual = say("a number") if isinstance(value, _Number) else _TYPES.get(type(value), "null")
    fix = say("give {type}", type=_TYPES[expected])
    if isinstance(value, _Number) and expected is str:
        fix = say('give it as text: "{value}"', value=value[:40])
    return FieldInvalid(
        say(
            "{field} is {actual}, it must be {types}",
            field=field,
            actual=actual,
            types=_TYPES[expected],
        ),
        name="type-wrong",
        field=field,
        fix=fix,
    )
