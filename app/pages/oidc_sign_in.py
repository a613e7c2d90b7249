"""Signing in at an identity provider: OpenID Connect, authorization code with PKCE.

What the browser must bring back (state, nonce, verifier) is in a sealed cookie of ten minutes. The
cookie is bound to the secret of the browser in which the sign-in began, so that nobody plants a
sign-in of its own in another browser. The session holds the access token and ends with it; the API
checks the token as any other caller's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
import msgspec
import structlog
from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from app.errors import Unavailable
from app.gateway.cache import CacheKey
from app.gateway.gateway import Gateway
from app.gateway.issuer_tokens import claims_of
from app.gateway.rate_limits import within_limit
from app.pages import sessions
from app.pages.api import Credential, Problem
from app.pages.forms import local
from app.pages.languages import t
from app.pages.page import SEE_OTHER, Page, VisitorOf, address_of, own_origin
from app.pages.sign_in import show, signed_in
from app.storage.sealing import SealBroken

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False, prefix="/app/sign-in/oidc")
START_SECONDS = 600
_ABOUT = "page sign-in by OIDC"
_COOKIE = "cession-oidc"
_DISCOVERY_SECONDS = 3_600.0
_SLOW_SECONDS = 10.0
_OK = 200


class Endpoints(msgspec.Struct, frozen=True):
    """Addresses that the issuer publishes."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str


class _Start(msgspec.Struct, frozen=True):
    state: str
    nonce: str
    verifier: str
    following: str
    at: float
    browser: str


class _Refused(Exception):
    """The identity provider signed nobody in; the words say why."""


_ENDPOINTS: CacheKey[tuple[float, Endpoints] | None] = CacheKey(lambda: None)


def offered(gateway: Gateway) -> bool:
    """Whether the operator has set up signing in by OIDC."""
    return gateway.settings.oidc and bool(gateway.settings.oidc_client_id)


@router.get("")
async def start(page: VisitorOf) -> Response:
    """Sends the browser to the identity provider."""
    if not offered(page.gateway):
        return await _problem(page, t("This gateway offers no sign-in by OIDC."), status=404)
    await within_limit(page.gateway, f"unknown:{address_of(page.request)}")
    try:
        endpoints = await _endpoints(page.gateway)
    except _Refused as error:
        return await _problem(page, str(error), status=503)
    begun = _Start(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        following=local(page.query("next")),
        at=time.time(),
        browser=sessions.digest(page.secret),
    )
    challenge = hashlib.sha256(begun.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": page.gateway.settings.oidc_client_id,
        "redirect_uri": _return_address(page),
        "scope": page.gateway.settings.oidc_scope,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in endpoints.authorization_endpoint else "?"
    address = f"{endpoints.authorization_endpoint}{joint}{urlencode(query)}"
    response = RedirectResponse(address, SEE_OTHER)
    sealed = page.gateway.sealer.seal(msgspec.msgpack.encode(begun), about=_ABOUT)
    _set_cookie(page, response, base64.urlsafe_b64encode(sealed).decode(), START_SECONDS)
    if page.fresh:
        sessions.set_cookie(response, page.secret, secure=page.secure)
    return response


@router.get("/return")
async def returned(page: VisitorOf) -> Response:
    """The browser comes back with a code; the code becomes a token, and the token a session."""
    await within_limit(page.gateway, f"unknown:{address_of(page.request)}")
    try:
        begun = _begun(page)
        if page.query("error"):
            raise _Refused(t("The identity provider refused: {error}", error=page.query("error")))
        endpoints = await _endpoints(page.gateway)
        answer = await _exchanged(page, endpoints, begun)
        await page.gateway.tokens.run(_check_identity, page.gateway, answer, begun.nonce)
        expires_at = time.time() + _lifetime(answer)
        credential = Credential("token", str(answer["access_token"]), expires_at)
        response = await signed_in(page, credential, following=begun.following)
    except _Refused as error:
        response = await _problem(page, str(error), status=401)
    except Problem as problem:
        response = await show(page, status=problem.status, problem=problem)
    _set_cookie(page, response, "", 0)
    return response


def _begun(page: Page) -> _Start:
    """What this browser brought back, if it belongs to this answer.

    Raises:
        _Refused.
    """
    words = t("The sign-in did not begin in this browser, or began too long ago.")
    try:
        sealed = base64.urlsafe_b64decode(page.request.cookies.get(_cookie_name(page), ""))
        plain = page.gateway.sealer.open(sealed, about=_ABOUT)
        begun = msgspec.msgpack.decode(plain, type=_Start)
    except (SealBroken, ValueError) as error:
        raise _Refused(words) from error
    if time.time() - begun.at > START_SECONDS:
        raise _Refused(words)
    if not hmac.compare_digest(begun.state.encode(), page.query("state").encode()):
        raise _Refused(words)
    if not hmac.compare_digest(begun.browser, sessions.digest(page.secret)):
        raise _Refused(words)
    return begun


def _lifetime(answer: dict[str, Any]) -> float:
    """Seconds for which the access token is valid, as the provider says.

    Raises:
        _Refused: it says something else.
    """
    said = answer.get("expires_in") or START_SECONDS
    try:
        seconds = float(said)
    except (TypeError, ValueError) as error:
        raise _Refused(t("The identity provider's answer is not valid.")) from error
    if isinstance(said, bool) or not 0 < seconds < math.inf:
        raise _Refused(t("The identity provider's answer is not valid."))
    return seconds


async def _exchanged(page: Page, endpoints: Endpoints, begun: _Start) -> dict[str, Any]:
    settings = page.gateway.settings
    fields = {
        "grant_type": "authorization_code",
        "code": page.query("code"),
        "redirect_uri": _return_address(page),
        "client_id": str(settings.oidc_client_id),
        "code_verifier": begun.verifier,
    }
    if settings.oidc_client_secret:
        fields["client_secret"] = settings.oidc_client_secret
    answer = await _fetched("POST", endpoints.token_endpoint, data=fields)
    if not answer.get("access_token") or not answer.get("id_token"):
        raise _Refused(t("The identity provider gave no token."))
    return answer


def _check_identity(gateway: Gateway, answer: dict[str, Any], nonce: str) -> None:
    """Checks the identity token: issuer, signature, audience and nonce.

    Raises:
        _Refused.
    """
    audience = gateway.settings.oidc_client_id
    try:
        claims = claims_of(gateway, str(answer["id_token"]), audience=audience)
    except Unavailable as error:
        raise _Refused(t("The identity provider cannot be reached.")) from error
    except jwt.PyJWTError as error:
        log.warning("pages.oidc_identity", error=str(error))
        raise _Refused(t("The identity provider's answer is not valid.")) from error
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise _Refused(t("The identity provider's answer is not valid."))


async def _endpoints(gateway: Gateway) -> Endpoints:
    """The issuer's addresses, read once an hour.

    Raises:
        _Refused.
    """
    known = gateway.cache.get(_ENDPOINTS)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    issuer = str(gateway.settings.oidc_issuer)
    answer = await _fetched("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    try:
        endpoints = msgspec.convert(answer, Endpoints)
    except msgspec.ValidationError as error:
        raise _Refused(t("The identity provider's answer is not valid.")) from error
    if endpoints.issuer != issuer:
        raise _Refused(t("The identity provider's answer is not valid."))
    gateway.cache.set(_ENDPOINTS, (time.monotonic() + _DISCOVERY_SECONDS, endpoints))
    return endpoints


async def _fetched(method: str, address: str, **fields: Any) -> dict[str, Any]:
    try:
        async with httpx.AsyncClient(timeout=_SLOW_SECONDS, follow_redirects=False) as client:
            answer = await client.request(method, address, **fields)
        body = answer.json() if answer.status_code == _OK else None
    except (httpx.HTTPError, ValueError) as error:
        log.warning("pages.oidc_failed", error=str(error))
        raise _Refused(t("The identity provider cannot be reached.")) from error
    if not isinstance(body, dict):
        log.warning("pages.oidc_failed", status=answer.status_code)
        raise _Refused(t("The identity provider refused: {error}", error=answer.status_code))
    return body


async def _problem(page: Page, words: str, *, status: int) -> Response:
    document = {
        "status": status,
        "title": t("The identity provider did not sign you in"),
        "detail": words,
        "fix": t("try again, or sign in another way"),
    }
    return await show(page, status=status, problem=Problem(document))


def _return_address(page: Page) -> str:
    return f"{own_origin(page)}/app/sign-in/oidc/return"


def _cookie_name(page: Page) -> str:
    return f"__Host-{_COOKIE}" if page.secure else _COOKIE


def _set_cookie(page: Page, response: Response, value: str, seconds: int) -> None:
    response.set_cookie(
        _cookie_name(page),
        value,
        max_age=seconds,
        path="/",
        secure=page.secure,
        httponly=True,
        samesite="lax",
    )
