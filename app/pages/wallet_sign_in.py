"""Signing in with a wallet: a message of EIP-4361 with a nonce of ours, signed by EIP-191.

The message names this host, this chain and a nonce that signs in once. The session then holds an
API key of the account's party that expires with it. A contract wallet answers by ERC-1271.
"""

from __future__ import annotations

import datetime
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from eth_account.messages import defunct_hash_message
from eth_utils.address import to_checksum_address
from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from app.gateway.gateway import Gateway
from app.gateway.rate_limits import within_limit
from app.gateway.signing import is_signed_digest
from app.pages import sessions, short_keys
from app.pages.api import Problem
from app.pages.forms import local
from app.pages.languages import t
from app.pages.page import Page, VisitorOf, VisitorsFormOf, address_of, own_origin
from app.pages.sign_in import show, signed_in
from app.storage import run

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False, prefix="/app/sign-in/wallet")
NONCE_SECONDS = 600
_MAX_SIGNATURE = 8_192  # bytes
_STATEMENT = "Sign in to Cession. This costs nothing and moves nothing."
_ACCOUNT = re.compile(r"0x[0-9a-fA-F]{40}")
_MESSAGE = re.compile(
    r"(?P<domain>[^ \n]+) wants you to sign in with your Ethereum account:\n"
    r"(?P<account>0x[0-9a-fA-F]{40})\n\n"
    r"(?P<statement>[^\n]*)\n\n"
    r"URI: (?P<uri>[^\n]+)\nVersion: 1\nChain ID: (?P<chain>[0-9]+)\nNonce: (?P<nonce>[0-9a-f]+)\n"
    r"Issued At: (?P<issued>[^\n]+)\nExpiration Time: (?P<expires>[^\n]+)"
)


class NotSigned(Exception):
    """The message or its signature does not sign anybody in; the words say why."""


@dataclass(frozen=True)
class _SignedMessage:
    account: str
    nonce: str
    text: str


@router.post("/message")
async def message(page: VisitorOf, sent: VisitorsFormOf) -> Response:
    """The message that this account signs, with a new nonce."""
    account = sent.form.value("account")
    if not _ACCOUNT.fullmatch(account):
        return JSONResponse({"detail": "account: give 0x and 40 digits"}, 422)
    await _limit(page, account.lower())
    nonce = secrets.token_hex(16)
    await page.gateway.storage.write(lambda c: _store_nonce(c, page.secret, nonce))
    return JSONResponse({"message": _text(page, checksum(account), nonce)})


@router.post("")
async def sign_in(page: VisitorOf, sent: VisitorsFormOf) -> Response:
    """Signs in the party whose account signed the message."""
    form = sent.form
    following = local(form.value("next"))
    try:
        signed_message = _read(page, _sent_text(sent))
        await _limit(page, signed_message.account)
        if not await _use_nonce(page.gateway, page.secret, signed_message.nonce):
            raise NotSigned(t("The message was used already, or is older than ten minutes."))
        if not await is_signed(
            page.gateway, signed_message.account, signed_message.text, form.value("signature")
        ):
            raise NotSigned(t("The signature is not one of this account."))
        credential = await short_keys.new_key(page.gateway, signed_message.account)
        if credential is None:
            raise NotSigned(t("No party with an API key has this account."))
        return await signed_in(page, credential, following=following)
    except NotSigned as error:
        document = {
            "status": 401,
            "title": t("The wallet did not sign you in"),
            "detail": str(error),
            "fix": t("sign in again with the account that the registrar registered"),
        }
        return await show(page, status=401, problem=Problem(document), following=following)


async def _limit(page: Page, account: str) -> None:
    """Limits attempts with an account from an address; those with no party's account together.

    So whoever tries one account leaves the sign-in of others alone, behind one address too.

    Raises:
        TooManyRequests.
    """
    address = address_of(page.request)
    known = await short_keys.is_of_a_party(page.gateway, account)
    owner = f"wallet:{address}:{account}" if known else f"unknown:{address}"
    await within_limit(page.gateway, owner)


def _sent_text(sent: Any) -> str:
    """The message as it was signed: forms send line ends as CR LF."""
    return str(next((v for k, v in sent.form.pairs if k == "message"), "")).replace("\r\n", "\n")


def _text(page: Page, account: str, nonce: str) -> str:
    origin = own_origin(page)
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    until = now + datetime.timedelta(seconds=NONCE_SECONDS)
    return (
        f"{urlsplit(origin).netloc} wants you to sign in with your Ethereum account:\n"
        f"{account}\n\n{_STATEMENT}\n\n"
        f"URI: {origin}/app/sign-in\nVersion: 1\nChain ID: {page.gateway.chain_id}\n"
        f"Nonce: {nonce}\nIssued At: {_instant(now)}\nExpiration Time: {_instant(until)}"
    )


def _instant(at: datetime.datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _read(page: Page, text: str) -> _SignedMessage:
    """The parts of a message that is meant for this host and chain, and still valid.

    Raises:
        NotSigned.
    """
    match = _MESSAGE.fullmatch(text)
    if match is None or match["statement"] != _STATEMENT:
        raise NotSigned(t("The message is not one of this page."))
    origin = own_origin(page)
    if match["domain"] != urlsplit(origin).netloc or match["uri"] != f"{origin}/app/sign-in":
        raise NotSigned(t("The message is meant for another site."))
    if int(match["chain"]) != page.gateway.chain_id:
        raise NotSigned(t("The message is meant for another chain."))
    try:
        expires = datetime.datetime.fromisoformat(match["expires"].replace("Z", "+00:00"))
        late = expires <= datetime.datetime.now(datetime.UTC)
    except (TypeError, ValueError):
        late = True
    if late:
        raise NotSigned(t("The message was used already, or is older than ten minutes."))
    return _SignedMessage(match["account"].lower(), match["nonce"], text)


def _store_nonce(connection: Connection, secret: str, nonce: str) -> None:
    now = time.time()
    run(connection, "DELETE FROM page_nonces WHERE expires_at < ?", (now,))
    run(
        connection,
        "INSERT INTO page_nonces (id, expires_at) VALUES (?, ?)",
        (_nonce_id(secret, nonce), now + NONCE_SECONDS),
    )


def _nonce_id(secret: str, nonce: str) -> str:
    """A nonce signs in the browser that got it, and no other."""
    return sessions.digest(f"{secret} {nonce}")


async def _use_nonce(gateway: Gateway, secret: str, nonce: str) -> bool:
    deleted = await gateway.storage.write(
        lambda c: (
            run(
                c,
                "DELETE FROM page_nonces WHERE id = ? AND expires_at > ?",
                (_nonce_id(secret, nonce), time.time()),
            ).rowcount
        )
    )
    return bool(deleted)


async def is_signed(gateway: Gateway, account: str, text: str, signature: str) -> bool:
    """Whether the account signed the text (EIP-191), as the ledger would take its signature.

    If the account has code, the code answers by ERC-1271, and the key alone counts for nothing.

    Raises:
        Unavailable, ChainError: the chain did not answer.
    """
    try:
        raw = bytes.fromhex(signature.removeprefix("0x"))
    except ValueError:
        return False
    if not 0 < len(raw) <= _MAX_SIGNATURE:
        return False
    digest = bytes(defunct_hash_message(text=text))
    # Whoever signs in does not choose which contracts the node runs.
    asks_code = await short_keys.is_of_a_party(gateway, account)
    return await is_signed_digest(gateway, digest, raw, signer=account, asks_code=asks_code)


def checksum(account: str) -> str:
    """The account with the capitals of EIP-55, as EIP-4361 asks."""
    return str(to_checksum_address(account))
