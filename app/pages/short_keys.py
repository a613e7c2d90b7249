"""API keys that last as long as a session: those of people who signed in with their wallet."""

from __future__ import annotations

import time

from sqlalchemy import Connection

from app.gateway.callers import KNOWN_CALLERS, add_key, key_hash
from app.gateway.gateway import Gateway
from app.pages.api import Credential
from app.pages.sessions import MAX_SECONDS
from app.storage import run

LABEL = "signed in with its wallet"


async def new_key(gateway: Gateway, account: str) -> Credential | None:
    """A key of the account's party, with the roles that its other keys have.

    None: no party has this account, or the party has no other key that is valid.
    """
    now = time.time()
    expires_at = now + MAX_SECONDS

    def write(connection: Connection) -> str | None:
        rows = run(
            connection,
            "SELECT p.id, k.roles FROM parties_directory p JOIN api_keys k ON k.party_id = p.id "
            "WHERE p.account = ? AND k.account IS NULL AND k.revoked_at IS NULL "
            "AND k.waiting = 0 AND k.label <> ? AND (k.expires_at IS NULL OR k.expires_at > ?)",
            (account, LABEL, now),
        ).all()
        if not rows:
            return None
        roles = sorted({role for row in rows for role in row.roles.split(",")})
        return add_key(
            connection, roles=roles, label=LABEL, party_id=rows[0].id, expires_at=expires_at
        )

    key = await gateway.storage.write(write)
    return None if key is None else Credential("key", key, expires_at)


async def end_key(gateway: Gateway, credential: Credential) -> None:
    """Revokes the key that a wallet's session held; any other key stays."""
    digest, now = key_hash(credential.value), time.time()
    await gateway.storage.write(
        lambda c: run(
            c,
            "UPDATE api_keys SET revoked_at = ? WHERE key_hash = ? AND label = ?",
            (now, digest, LABEL),
        )
    )
    gateway.cache.get(KNOWN_CALLERS).pop(digest, None)
