"""Who is signed in: a session for each browser, with its credential sealed in the store.

The cookie is a random 256-bit id, of which the store has the hash. A browser that is not signed in
has such an id too, so that its forms have a CSRF token; signing in always makes a new id.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from app.gateway.gateway import Gateway
from app.pages.api import Credential
from app.storage import run
from app.storage.sealing import SealBroken

IDLE_SECONDS = 30 * 60.0
MAX_SECONDS = 12 * 3600.0
_KEEP_SECONDS = 24 * 3600.0  # an ended session says to whom a half-filled form belongs
_USE_NOTED_EVERY = 60.0
_NAME = "cession-session"


class Person(msgspec.Struct, frozen=True):
    """Who is signed in, as `GET /v1/caller` answered.

    Attributes:
        custody: the gateway signs for it; otherwise its own wallet does.
        subject: names it among those without a party, whose labels may be equal: its key by its
            hash, or the subject of its token; "": its session is older than this field.
    """

    label: str
    roles: tuple[str, ...]
    party_id: str | None
    party_name: str | None
    account: str | None
    custody: bool
    subject: str = ""

    @property
    def owner(self) -> str:
        """To whom drafts and saved views belong."""
        return self.party_id or self.subject or self.label


class _Sealed(msgspec.Struct):
    credential: Credential
    person: Person


class Session(msgspec.Struct, frozen=True):
    """A session that has not ended."""

    secret: str
    credential: Credential
    person: Person


def digest(secret: str) -> str:
    """The hash under which the store knows a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_token(secret: str) -> str:
    """The token that a form of this browser must carry; it does not reveal the cookie."""
    return hmac.new(secret.encode(), b"cession form", hashlib.sha256).hexdigest()


def cookie_name(*, secure: bool) -> str:
    """With the prefix that binds the cookie to this host, where the connection is secure."""
    return f"__Host-{_NAME}" if secure else _NAME


def is_secure(request: Request, gateway: Gateway) -> bool:
    """Whether the browser reaches the pages over TLS."""
    address = gateway.settings.pages_url
    return address.startswith("https://") if address else request.url.scheme == "https"


def browser_secret(request: Request, gateway: Gateway) -> str | None:
    """The secret in the browser's cookie."""
    value = request.cookies.get(cookie_name(secure=is_secure(request, gateway)))
    return value if value and len(value) <= 100 else None  # noqa: PLR2004 (more is not ours)


def set_cookie(response: Response, secret: str, *, secure: bool) -> None:
    """Gives the browser a secret. `Lax`: the return from the identity provider needs the cookie."""
    response.set_cookie(
        cookie_name(secure=secure), secret, path="/", secure=secure, httponly=True, samesite="lax"
    )


def new_secret() -> str:
    """A random secret for a browser."""
    return secrets.token_urlsafe(32)


async def session_of(gateway: Gateway, secret: str, *, active: bool = True) -> Session | None:
    """The session of a browser's secret; None if there is none, or it has ended.

    Args:
        active: the person did something; what a page asks by itself keeps no session alive.
    """
    identifier, now = digest(secret), time.time()
    row = await gateway.storage.read(
        lambda c: run(
            c,
            "SELECT sealed, created_at, used_at FROM page_sessions "
            "WHERE id = ? AND ended_at IS NULL",
            (identifier,),
        ).first()
    )
    if row is None:
        return None
    if now - row.used_at > IDLE_SECONDS or now - row.created_at > MAX_SECONDS:
        await end(gateway, secret)
        return None
    try:
        plain = gateway.sealer.open(bytes(row.sealed), about=f"page session {identifier}")
    except SealBroken:
        return None
    sealed = msgspec.msgpack.decode(plain, type=_Sealed)
    expires_at = sealed.credential.expires_at
    if expires_at is not None and expires_at <= now:
        await end(gateway, secret)
        return None
    if active and now - row.used_at > _USE_NOTED_EVERY:
        await gateway.storage.write(
            lambda c: run(c, "UPDATE page_sessions SET used_at = ? WHERE id = ?", (now, identifier))
        )
    return Session(secret, sealed.credential, sealed.person)


async def begin(
    gateway: Gateway, credential: Credential, person: Person, *, before: str | None
) -> str:
    """A new session; returns its secret. The browser's earlier session ends."""
    secret = new_secret()
    identifier, now = digest(secret), time.time()
    plain = msgspec.msgpack.encode(_Sealed(credential, person))
    sealed = gateway.sealer.seal(plain, about=f"page session {identifier}")

    def write(connection: Connection) -> None:
        run(
            connection,
            "DELETE FROM page_sessions WHERE used_at < ?",
            (now - MAX_SECONDS - _KEEP_SECONDS,),
        )
        run(
            connection,
            "INSERT INTO page_sessions (id, owner, sealed, created_at, used_at) "
            "VALUES (?, ?, ?, ?, ?)",
            (identifier, person.owner, sealed, now, now),
        )
        if before is not None:
            _end(connection, before, now)

    await gateway.storage.write(write)
    return secret


async def end(gateway: Gateway, secret: str) -> None:
    """Ends a session."""
    now = time.time()
    await gateway.storage.write(lambda connection: _end(connection, secret, now))


def _end(connection: Connection, secret: str, now: float) -> None:
    run(
        connection,
        "UPDATE page_sessions SET ended_at = ? WHERE id = ? AND ended_at IS NULL",
        (now, digest(secret)),
    )


async def owner_before(gateway: Gateway, secret: str) -> str | None:
    """Whose session it was, ended or not."""
    row = await gateway.storage.read(
        lambda c: run(c, "SELECT owner FROM page_sessions WHERE id = ?", (digest(secret),)).first()
    )
    return None if row is None else str(row.owner)
