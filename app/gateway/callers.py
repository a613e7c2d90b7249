"""Who calls: an API key (stored as its SHA-256) or an OIDC token, and what the roles allow."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import Annotated, Any

import jwt
import msgspec
import structlog
from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Connection
from starlette.types import Scope

from app.domain.persons import OIDC_PREFIX, WALLET_LABEL, Person, Way
from app.domain.texts import say
from app.errors import Forbidden, Unauthenticated
from app.gateway.cache import CacheKey
from app.gateway.gateway import Gateway, GatewayOf
from app.gateway.issuer_tokens import claims_of
from app.gateway.key_use import note_use
from app.gateway.rate_limits import within_limit
from app.storage import run
from app.storage.turns import acting

log = structlog.get_logger(__name__)

ROLES = (
    "supplier",
    "buyer",
    "financier",
    "rater",
    "appraiser",
    "warehouse",
    "auditor",
    "operator",
    "regulator",
    "registrar",
    "cash-issuer",
)
SEES_ALL = frozenset(("auditor", "operator", "regulator"))
_CACHE_SECONDS = 5.0
_MAX_CACHED = 10_000
_key_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="An API key.")
_bearer = HTTPBearer(auto_error=False, description="An OIDC access token (JWT).")


class Caller(msgspec.Struct, frozen=True):
    """Who makes the request.

    Attributes:
        label: names the caller in logs and records.
        party_id: id in the directory of parties; None: the caller is not a party.
        account: the address that it acts with on the ledger, lower case.
        roles: some of `ROLES`.
        custody: the gateway signs for it: a party whose key the gateway made, or an official whose
            key the operator entered. A known address alone is not enough.
        way: how it came in.
        id: of its key (the SHA-256), or issuer and subject; stable, and nobody else's.
    """

    label: str
    party_id: str | None
    account: str | None
    roles: frozenset[str]
    custody: bool = False
    way: Way = Way.KEY
    id: str | None = None

    @property
    def owner(self) -> str:
        """Whose idempotency keys, turns and rate limit these are: a party's, or one key's."""
        return self.party_id or (f"{self.way}:{self.id}" if self.id else self.label)

    @property
    def person(self) -> Person:
        """Who it is, for steps that need two persons."""
        return Person(self.label, self.way, self.id, self.party_id)

    @property
    def sees_all(self) -> bool:
        """Whether it may read what belongs to others."""
        return not self.roles.isdisjoint(SEES_ALL)

    def acting(self) -> str:
        """Its account on the ledger.

        Raises:
            Forbidden: it has none.
        """
        if self.account is None:
            raise Forbidden(
                "this caller has no account on the ledger", fix="use a key of a registered party"
            )
        return self.account


# Callers by the hash of their key, with the monotonic seconds until which the gateway relies on
# them.
KNOWN_CALLERS: CacheKey[dict[str, tuple[float, Caller]]] = CacheKey(dict)


_KEY_ID_DIGITS = 32


def key_hash(key: str) -> str:
    """The hash under which a key is stored."""
    return hashlib.sha256(key.encode()).hexdigest()


def key_id(hashed: str, roles: str) -> str:
    """What names a key to people: it tells nothing of the key, and covers its roles.

    Args:
        hashed: the hash under which the key is stored.
        roles: as they are stored, joined by commas.
    """
    return hashlib.sha256(f"{hashed} {roles}".encode()).hexdigest()[:_KEY_ID_DIGITS]


def add_key(
    connection: Connection,
    *,
    roles: list[str],
    label: str,
    party_id: str | None = None,
    account: str | None = None,
    key: str | None = None,
    expires_at: float | None = None,
    maker: Person | None = None,
) -> str:
    """Makes a key and returns it; it cannot be read again.

    Args:
        expires_at: UTC seconds from which it opens nothing; None: it never expires.
        maker: whoever made it, if it waits for a second person and opens nothing until then.
    """
    key = key or "ck_" + secrets.token_urlsafe(32)
    run(
        connection,
        "INSERT INTO api_keys (key_hash, party_id, account, roles, label, created_at, waiting, "
        "expires_at, maker_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(key_hash(key), party_id, account, ",".join(roles), label, time.time()),
            *(int(maker is not None), expires_at),
            None if maker is None else msgspec.json.encode(maker).decode(),
        ),
    )
    return key


def is_reserved(label: str) -> bool:
    """Whether a label is one that no key but the gateway's own may have."""
    return label == WALLET_LABEL or label.startswith(OIDC_PREFIX)


def has_live_key(connection: Connection, *, party_id: str | None, label: str) -> bool:
    """Whether a party, or with None an official, has a key with this label that has not ended."""
    whose, values = ("party_id IS NULL", ()) if party_id is None else ("party_id = ?", (party_id,))
    row = run(
        connection,
        f"SELECT 1 FROM api_keys WHERE {whose} AND label = ? AND revoked_at IS NULL "
        "AND (expires_at IS NULL OR expires_at > ?)",
        (*values, label, time.time()),
    ).first()
    return row is not None


def end_official_keys(connection: Connection, *, label: str) -> None:
    """Revokes the keys with this label that belong to no party."""
    run(
        connection,
        "UPDATE api_keys SET revoked_at = ? "
        "WHERE party_id IS NULL AND label = ? AND revoked_at IS NULL",
        (time.time(), label),
    )


_SELECT = (
    "SELECT k.label, k.party_id, coalesce(k.account, p.account) AS account, k.roles, "
    "k.account IS NOT NULL OR p.custody = 1 AS custody, k.revoked_at, k.waiting, k.expires_at, "
    "(SELECT count(*) FROM accounts a WHERE a.account = p.account AND a.removed = 1) AS removed "
    "FROM api_keys k LEFT JOIN parties_directory p ON p.id = k.party_id WHERE k.key_hash = ?"
)


async def _by_key(gateway: Gateway, key: str) -> Caller:
    digest = key_hash(key)
    cache = gateway.cache.get(KNOWN_CALLERS)
    known = cache.get(digest)
    if known is not None and known[0] > time.monotonic():
        note_use(gateway, digest)
        return known[1]
    row = await gateway.storage.read(lambda connection: run(connection, _SELECT, (digest,)).first())
    ended = row is not None and row.label == WALLET_LABEL and row.removed  # a lost wallet's
    if row is None or row.revoked_at is not None or ended:
        cache.pop(digest, None)
        raise Unauthenticated(
            "the API key is unknown or was revoked",
            name="key-unknown",
            fix="check the key, or ask the registrar for a new one",
        )
    if row.waiting:
        raise Unauthenticated(
            "the API key waits for a second person",
            name="key-waiting",
            fix="the party confirms it with an older key, or the operator confirms it",
        )
    now, seconds = time.time(), _CACHE_SECONDS
    if row.expires_at is not None:
        if row.expires_at <= now:
            raise Unauthenticated(
                "the API key has expired", name="key-expired", fix="ask the operator for a new one"
            )
        seconds = min(seconds, row.expires_at - now)
    caller = Caller(
        *(row.label, row.party_id, row.account, frozenset(row.roles.split(","))),
        *(bool(row.custody), Way.WALLET if row.label == WALLET_LABEL else Way.KEY, digest),
    )
    if len(cache) > _MAX_CACHED:
        cache.clear()
    cache[digest] = (time.monotonic() + seconds, caller)
    note_use(gateway, digest)
    return caller


class _Claims(msgspec.Struct, frozen=True):
    """What a bearer token says of its sender: the subject, the party's id, and the roles."""

    subject: str
    party: str | None
    roles: frozenset[str]


def _verified(gateway: Gateway, token: str) -> _Claims:
    try:
        claims = claims_of(gateway, token, audience=gateway.settings.oidc_audience)
    except jwt.PyJWTError as error:
        raise Unauthenticated(
            say("the bearer token is not valid: {error}", error=error),
            name="token-invalid",
            fix="get a new token from the identity provider",
        ) from error
    # Not `scope`: many a provider grants whatever scope its client asks for.
    roles = claims.get("cession_roles")
    return _Claims(
        subject=claims["sub"],
        party=claims.get("cession_party"),
        roles=frozenset(map(str, roles)) if isinstance(roles, list) else frozenset(),
    )


async def _by_token(gateway: Gateway, token: str) -> Caller:
    if not gateway.settings.oidc:
        raise Unauthenticated(
            "this gateway accepts no bearer tokens", name="token-invalid", fix="use X-API-Key"
        )
    claims = await gateway.tokens.run(_verified, gateway, token)
    party = claims.party
    account, custody = None, False
    if party is not None:
        query = "SELECT account, custody FROM parties_directory WHERE id = ?"
        row = await gateway.storage.read(
            lambda connection: run(connection, query, (str(party),)).first()
        )
        if row is None:
            raise Unauthenticated(
                say("the bearer token names the party {party}, which is unknown", party=party),
                name="token-invalid",
                fix="let the identity provider put the id of a registered party in cession_party",
            )
        account, custody = row.account, bool(row.custody)
    held = claims.roles & frozenset(ROLES)
    identifier = f"{gateway.settings.oidc_issuer} {claims.subject}"
    label = f"{OIDC_PREFIX}{claims.subject}"
    return Caller(label, party, account, held, custody, Way.OIDC, identifier)


async def identify(gateway: Gateway, *, key: str | None, token: str | None, address: str) -> Caller:
    """The caller behind an API key or a bearer token, within its rate limit.

    Args:
        address: where the request comes from; attempts with unknown keys are limited by address.

    Raises:
        Unauthenticated, TooManyRequests, Unavailable.
    """
    try:
        if key:
            caller = await _by_key(gateway, key)
        elif token:
            caller = await _by_token(gateway, token)
        else:
            raise Unauthenticated(
                "the request has no API key and no bearer token", fix="send the header X-API-Key"
            )
    except Unauthenticated:
        await within_limit(gateway, f"unknown:{address}")
        raise
    await within_limit(gateway, caller.owner)
    return caller


def begin_acting(scope: Scope, caller: Caller) -> None:
    """Assigns the request to the caller: its work takes turns, and its log entries name it."""
    scope.setdefault("state", {})["caller"] = caller
    acting.set(caller.owner)
    structlog.contextvars.bind_contextvars(caller=caller.label, party=caller.party_id)


async def authenticate(
    request: Request,
    gateway: GatewayOf,
    key: Annotated[str | None, Security(_key_header)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Caller:
    """The caller behind the request's key or token, within its rate limit.

    The middleware has already authenticated a request with a body (`app.gateway.middleware`).

    Raises:
        Unauthenticated, TooManyRequests.
    """
    known = request.scope["state"].get("caller")
    if isinstance(known, Caller):
        return known
    caller = await identify(
        gateway,
        key=key,
        token=None if bearer is None else bearer.credentials,
        address=request.client.host if request.client else "",
    )
    begin_acting(request.scope, caller)
    return caller


CallerOf = Annotated[Caller, Depends(authenticate)]


def allow(*roles: str) -> Any:
    """A dependency that admits callers with one of these roles; tests read its `roles`."""
    allowed = frozenset(roles)
    assert allowed <= frozenset(ROLES), allowed

    async def allowed_caller(caller: CallerOf) -> Caller:
        if caller.roles.isdisjoint(allowed):
            raise Forbidden(
                say(
                    "this request needs one of the roles {allowed:words}",
                    allowed=", ".join(sorted(allowed)),
                ),
                name="role-missing",
            )
        return caller

    allowed_caller.roles = allowed  # type: ignore[attr-defined]
    return Depends(allowed_caller)
