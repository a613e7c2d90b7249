"""Forms: a CSRF token, one idempotency key for each form shown, and values that are not lost.

The key is made when the form is shown, so a double click or a second post sends the same one. When
the command is done, the store notes which page shows it: who goes back to the form sees that page.
"""

from __future__ import annotations

import re
import secrets
import time
import uuid
from collections.abc import Sequence
from typing import Literal
from urllib.parse import parse_qsl, urlencode

import msgspec
from sqlalchemy import Connection

from app.gateway.gateway import Gateway
from app.pages.api import Problem
from app.pages.languages import t
from app.pages.sessions import digest
from app.storage import run
from app.storage.sealing import SealBroken

CSRF, KEY, PLACE = "_csrf", "_key", "_place"
MAX_DRAFT_BYTES = 64_000
MAX_DRAFTS = 50
_KEEP_SECONDS = 24 * 3600.0
_LOCAL = re.compile(r"/app(/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*(\?[^\s#\\]*)?")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")
_OF_OPERATION = "operation-"
_KEY_REUSED = "idempotency-key-reused"
Pairs = Sequence[tuple[str, str]]
#: Why a form was stored: its session ended; a page of another session sent it; a part came first;
#: the ledger may refuse its operation; the person changed the look of the page that shows it.
Why = Literal["ended", "changed", "part", "rejected", "look"]


class Form:
    """The values of a form, and what is wrong with them.

    Args:
        pairs: names and values, as sent or as they were when the session ended.
        key: the idempotency key of the command.
        place: the page that shows the form.
        why: of a draft, why it was kept.
    """

    def __init__(
        self,
        pairs: Pairs = (),
        *,
        key: str | None = None,
        place: str | None = None,
        why: Why | None = None,
    ) -> None:
        self.pairs = [(name, value) for name, value in pairs if not name.startswith("_")]
        self.key = key if key and _KEY.fullmatch(key) else uuid.uuid4().hex
        self.place = local(place)
        self.why = why
        self.problem: Problem | None = None
        self._errors: dict[str, str] = {}

    def value(self, name: str, default: str = "") -> str:
        """What was typed into a field, without blanks around it."""
        return next((value.strip() for key, value in self.pairs if key == name), default)

    def checked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return any(key == name for key, _ in self.pairs)

    def all(self, name: str) -> list[str]:
        """All values of a name, such as those of several boxes."""
        return [value for key, value in self.pairs if key == name]

    def rows(self, prefix: str, *, minimum: int = 0) -> list[dict[str, str]]:
        """Rows such as `parts.0.amount`, `parts.1.amount`; empty ones fill up to `minimum`."""
        rows: dict[int, dict[str, str]] = {}
        for name, value in self.pairs:
            match = re.fullmatch(rf"{re.escape(prefix)}\.(\d{{1,4}})\.(\w+)", name)
            if match:
                rows.setdefault(int(match[1]), {})[match[2]] = value.strip()
        listed = [rows[place] for place in sorted(rows)]
        return listed + [{} for _ in range(minimum - len(listed))]

    def refuse(self, problem: Problem) -> None:
        """Notes the API's refusal; if the form was sent before, it gets a key of its own."""
        if problem.name == _KEY_REUSED:
            self.problem, self.key = sent_before(problem, self.key), uuid.uuid4().hex
        else:
            self.problem = problem

    def fault(self, field: str, words: str) -> None:
        """Notes what is wrong with a field before anything is sent."""
        self._errors[field] = words

    @property
    def faulty(self) -> bool:
        """Whether anything is wrong."""
        return bool(self._errors) or self.problem is not None

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, by field."""
        of_api = {} if self.problem is None else self.problem.errors
        return {**of_api, **self._errors}

    def error(self, name: str) -> str | None:
        """What is wrong with a field, or with a part of what it stands for."""
        for field, words in self.errors.items():
            if field == name or field.startswith(f"{name}."):
                return words
        return None


def sent_before(problem: Problem, key: str) -> Problem:
    """What a person reads of a key that was used for other values; any other problem as it is."""
    if problem.name != _KEY_REUSED:
        return problem
    return Problem(
        {
            "status": problem.status,
            "title": t("This form was sent before, with other values"),
            "detail": t("What stands in it now was not sent."),
            "fix": t("look at what it did; if you want this too, send the form again"),
            "sentKey": key,
        }
    )


def local(path: str | None, default: str = "/app") -> str:
    """The path if it is one of the pages', so that nothing leads to another host."""
    return path if path and _LOCAL.fullmatch(path) and "//" not in path else default


def with_query(path: str, **more: str | None) -> str:
    """The path with these parameters; None takes one away."""
    base, _, query = path.partition("?")
    pairs = [(name, value) for name, value in parse_qsl(query) if name not in more]
    pairs += [(name, value) for name, value in more.items() if value is not None]
    return f"{base}?{urlencode(pairs)}" if pairs else base


class _Draft(msgspec.Struct):
    pairs: list[tuple[str, str]]
    why: Why = "ended"
    place: str = ""


def of_operation(operation_id: str) -> str:
    """The name of the draft of what became this operation."""
    return f"{_OF_OPERATION}{operation_id}"


def operation_of(name: str) -> str | None:
    """The operation to which a draft of this name belongs; None: to none."""
    return name.removeprefix(_OF_OPERATION) if name.startswith(_OF_OPERATION) else None


def _shelf(owner: str, name: str) -> str:
    """Under whom a draft is stored: those of operations do not count among what people typed."""
    return f"{owner} operations" if operation_of(name) is not None else owner


async def keep_draft(
    gateway: Gateway,
    owner: str,
    pairs: Pairs,
    *,
    why: Why,
    name: str | None = None,
    place: str = "",
) -> str | None:
    """Stores the values of a form that is to be sent again; returns the draft's name.

    None: the form is too large. Of an owner's drafts the newest stay.

    Args:
        name: of the draft, if it is found by what it belongs to; the first of a name stays.
        place: the page that shows the form.
    """
    name, now = name or secrets.token_urlsafe(24), time.time()
    owner = _shelf(owner, name)
    identifier = digest(name)
    pairs_of_fields = [pair for pair in pairs if pair[0] not in (CSRF, PLACE)]
    if all(field != KEY for field, _ in pairs_of_fields):
        pairs_of_fields.append((KEY, uuid.uuid4().hex))  # each look at the draft has the same
    plain = msgspec.msgpack.encode(_Draft(pairs_of_fields, why, place))
    if len(plain) > MAX_DRAFT_BYTES:
        return None
    sealed = gateway.sealer.seal(plain, about=f"page draft {identifier}")

    def write(connection: Connection) -> None:
        run(connection, "DELETE FROM page_drafts WHERE created_at < ?", (now - _KEEP_SECONDS,))
        run(
            connection,
            "DELETE FROM page_drafts WHERE owner = ? AND id NOT IN (SELECT id FROM page_drafts "
            "WHERE owner = ? ORDER BY created_at DESC, id LIMIT ?)",
            (owner, owner, MAX_DRAFTS - 1),
        )
        run(
            connection,
            "INSERT INTO page_drafts (id, owner, sealed, created_at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO NOTHING",
            (identifier, owner, sealed, now),
        )

    await gateway.storage.write(write)
    return name


async def draft(gateway: Gateway, owner: str, name: str) -> Form | None:
    """A stored form, for its owner alone."""
    stored = await _stored(gateway, owner, name)
    if stored is None:
        return None
    return Form(stored.pairs, key=dict(stored.pairs).get(KEY), why=stored.why)


async def draft_place(gateway: Gateway, owner: str, name: str) -> str | None:
    """The page that shows a stored form, for its owner alone; None: there is no such form."""
    stored = await _stored(gateway, owner, name)
    return None if stored is None or not stored.place else local(stored.place)


async def _stored(gateway: Gateway, owner: str, name: str) -> _Draft | None:
    identifier = digest(name)
    row = await gateway.storage.read(
        lambda c: run(
            c,
            "SELECT sealed FROM page_drafts WHERE id = ? AND owner = ? AND created_at > ?",
            (identifier, _shelf(owner, name), time.time() - _KEEP_SECONDS),
        ).first()
    )
    if row is None:
        return None
    try:
        plain = gateway.sealer.open(bytes(row.sealed), about=f"page draft {identifier}")
    except SealBroken:
        return None
    return msgspec.msgpack.decode(plain, type=_Draft)


async def note_done(gateway: Gateway, owner: str, key: str, location: str) -> None:
    """Notes which page shows what a form did."""
    now = time.time()

    def write(connection: Connection) -> None:
        run(connection, "DELETE FROM page_forms WHERE created_at < ?", (now - _KEEP_SECONDS,))
        run(
            connection,
            "INSERT INTO page_forms (id, location, created_at) VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO NOTHING",
            (digest(f"{owner} {key}"), location, now),
        )

    await gateway.storage.write(write)


async def done_at(gateway: Gateway, owner: str, key: str) -> str | None:
    """The page that shows what the form with this key did; None if it was not sent."""
    row = await gateway.storage.read(
        lambda c: run(
            c, "SELECT location FROM page_forms WHERE id = ?", (digest(f"{owner} {key}"),)
        ).first()
    )
    return None if row is None else str(row.location)
