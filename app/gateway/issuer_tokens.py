"""Tokens that the OpenID Connect issuer signed: access tokens of callers, identities of persons."""

from __future__ import annotations

from http.client import HTTPException
from typing import Any

import jwt
import structlog

from app.errors import Unavailable
from app.gateway.cache import CacheKey
from app.gateway.gateway import Gateway

OIDC_KEYS: CacheKey[jwt.PyJWKClient | None] = CacheKey(lambda: None)
_SECONDS = 5  # for the issuer's answer
# Of the issuer: it cannot be reached, breaks off, or answers what is no set of keys.
_UNREADABLE = (
    jwt.PyJWKClientConnectionError,
    jwt.PyJWKSetError,
    HTTPException,
    OSError,
    ValueError,
)
log = structlog.get_logger(__name__)


def claims_of(gateway: Gateway, token: str, *, audience: str | None) -> dict[str, Any]:
    """What a token says, once its signature, issuer, audience and time are checked.

    Raises:
        jwt.PyJWTError: the token is not valid.
        Unavailable: the issuer's keys cannot be read; the log has the reason, because whoever sends
            a token is not known yet.
    """
    settings = gateway.settings
    keys = gateway.cache.get(OIDC_KEYS)
    if keys is None:
        keys = jwt.PyJWKClient(str(settings.oidc_keys_url), timeout=_SECONDS)
        gateway.cache.set(OIDC_KEYS, keys)
    jwt.get_unverified_header(token)  # the issuer is not asked about what is no token
    try:
        keys.get_signing_keys()
    except (*_UNREADABLE, jwt.PyJWKClientError) as error:
        raise _unavailable(error) from error
    try:
        key = keys.get_signing_key_from_jwt(token).key
    except _UNREADABLE as error:
        raise _unavailable(error) from error
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256", "ES256", "EdDSA", "PS256"],
            audience=audience,
            issuer=settings.oidc_issuer,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except TypeError as error:  # as the library answers a key of another algorithm
        raise jwt.InvalidTokenError("its algorithm is not that of the key") from error
    return claims


def _unavailable(error: Exception) -> Unavailable:
    log.warning("oidc.keys_failed", error=f"{type(error).__name__}: {error}")
    return Unavailable("the keys of the OIDC issuer could not be read")
