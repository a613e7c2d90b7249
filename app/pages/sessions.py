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

from app.domain.persons import WALLET_LABEL
from app.gateway.callers import KNOWN_CALLERS, key_hash
from app.gateway.gateway import Gateway
from app.pages.api import Credential
from app.storage import run, run_many
from app.storage.sealing import SealBroken

IDLE_SECONDS = 30 * 60.0
MAX_SECONDS = 12 * 3600.0
KEEP_SECONDS = 24 * 3600.0  # an ended session says to whom a half-filled form belongs
_USE_NOTED_EVERY = 60.0
MAX_BY_WALLET = 20  # sessions of a party's wallet
_MAX_EARLIER = 8  # tokens of one browser
_NAME = "cession-session"


class Person(msgspec.Struct, frozen=True):
    """Who is signed in, as `GET /v1/caller` answered.

    Attributes:
        custody: the gateway signs for it; otherwise its own wallet does.
        key_id: the hash of its API key; "": it came in otherwise, or before version 0025.
    """

    label: str
    roles: tuple[str, ...]
    party_id: str | None
    party_name: str | None
    account: str | None
    custody: bool
    key_id: str = ""

    @property
    def owner(self) -> str:
        """To whom drafts and saved views belong: to a party, or to one key without a party."""
        return self.party_id or (f"key:{self.key_id}" if self.key_id else self.label)


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
    """A new session; returns its secret. The browser's earlier session ends, with its short key.

    Of the sessions that a party's wallet began, `MAX_BY_WALLET` go on, those used last.
    """
    secret = new_secret()
    identifier, now = digest(secret), time.time()
    key = key_hash(credential.value) if credential.kind == "key" else None
    plain = msgspec.msgpack.encode(_Sealed(credential, person))
    sealed = gateway.sealer.seal(plain, about=f"page session {identifier}")

    def write(connection: Connection) -> list[str]:
        earlier = _earlier_tokens(connection, before)
        run(
            connection,
            "INSERT INTO page_sessions (id, owner, sealed, created_at, used_at, key_hash, "
            "earlier_tokens) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (identifier, person.owner, sealed, now, now, key, " ".join(earlier)),
        )
        ended = [] if before is None else end_those(connection, "id = ?", (digest(before),), now)
        return ended + end_surplus(connection, person.owner, now)

    _forget(gateway, await gateway.storage.write(write))
    return secret


async def end(gateway: Gateway, secret: str) -> None:
    """Ends a session, and the key that a wallet's session has."""
    now, values = time.time(), (digest(secret),)
    _forget(
        gateway,
        await gateway.storage.write(lambda c: end_those(c, "id = ?", values, now)),
    )


def end_those(
    connection: Connection, where: str, values: tuple[str | float, ...], now: float
) -> list[str]:
    """Ends the sessions of a condition, forgets their credentials, and ends their short keys.

    Returns:
        The hashes of the keys that ended; any other key of a session stays.
    """
    rows = run(
        connection,
        f"SELECT id, key_hash FROM page_sessions WHERE ended_at IS NULL AND ({where})",
        values,
    ).all()
    run_many(
        connection,
        "UPDATE page_sessions SET ended_at = ?, sealed = NULL WHERE id = ?",
        [(now, row.id) for row in rows],
    )
    keys = [row.key_hash for row in rows if row.key_hash is not None]
    run_many(
        connection,
        "UPDATE api_keys SET revoked_at = ? WHERE key_hash = ? AND label = ? "
        "AND revoked_at IS NULL",
        [(now, key, WALLET_LABEL) for key in keys],
    )
    return keys


def end_surplus(connection: Connection, owner: str, now: float) -> list[str]:
    """Ends a party's sessions by wallet above `MAX_BY_WALLET`: the earliest last uses first.

    Returns:
        The hashes of the keys that ended.
    """
    by_wallet = (
        "owner = ? AND ended_at IS NULL AND key_hash IN "
        "(SELECT key_hash FROM api_keys WHERE party_id = ? AND label = ?)"
    )
    values = (owner, owner, WALLET_LABEL)
    newest = (
        f"SELECT id FROM page_sessions WHERE {by_wallet} "
        "ORDER BY used_at DESC, created_at DESC, id LIMIT ?"
    )
    where = f"{by_wallet} AND id NOT IN ({newest})"
    return end_those(connection, where, (*values, *values, MAX_BY_WALLET), now)


def _forget(gateway: Gateway, keys: list[str]) -> None:
    known = gateway.cache.get(KNOWN_CALLERS)
    for key in keys:
        known.pop(key, None)


def _earlier_tokens(connection: Connection, before: str | None) -> list[str]:
    """Hashes of the tokens of this browser's forms so far; `before` is its secret."""
    if before is None:
        return []
    query = "SELECT earlier_tokens FROM page_sessions WHERE id = ?"
    tokens = str(run(connection, query, (digest(before),)).scalar() or "").split()
    return [digest(csrf_token(before)), *tokens][:_MAX_EARLIER]


async def was_token(gateway: Gateway, secret: str, token: str) -> bool:
    """Whether a form of this browser had this token before its present session began."""
    query = "SELECT earlier_tokens FROM page_sessions WHERE id = ?"
    tokens = await gateway.storage.read(lambda c: run(c, query, (digest(secret),)).scalar())
    return digest(token) in str(tokens or "").split()


async def owner_before(gateway: Gateway, secret: str) -> str | None:
    """Whose session it was, ended or not."""
    row = await gateway.storage.read(
        lambda c: run(c, "SELECT owner FROM page_sessions WHERE id = ?", (digest(secret),)).first()
    )
    return None if row is None else str(row.owner)
