"""API keys that last as long as a session: those of people who signed in with their wallet.

A key ends with its session, and by itself after twelve hours. Nobody asks about a session that a
browser left, so the gateway itself ends such sessions.
"""

from __future__ import annotations

import time

import structlog
from sqlalchemy import Connection

from app.domain.party_roles import role_names
from app.domain.persons import WALLET_LABEL
from app.gateway import own_tasks
from app.gateway.callers import add_key
from app.gateway.gateway import Gateway
from app.pages.api import Credential
from app.pages.sessions import IDLE_SECONDS, KEEP_SECONDS, MAX_SECONDS, end_those
from app.storage import Storage, run

log = structlog.get_logger(__name__)
EVERY_SECONDS = 60.0
_BEGIN_SECONDS = 60.0  # a session begins within this time after its key


async def is_of_a_party(gateway: Gateway, account: str) -> bool:
    """Whether a party has this account, and the ledger did not take it away."""
    row = await gateway.storage.read(
        lambda c: run(
            c,
            "SELECT 1 FROM parties_directory p WHERE p.account = ? AND NOT EXISTS "
            "(SELECT 1 FROM accounts a WHERE a.account = p.account AND a.removed = 1)",
            (account,),
        ).first()
    )
    return row is not None


async def new_key(gateway: Gateway, account: str) -> Credential | None:
    """A key of the account's party, with the roles that both the ledger and its other keys give it.

    So a wallet never opens more than the ledger grants to the party, whatever a key of somebody
    else in the party may do. It ends with the first of those keys. None: no party has this account,
    or it was taken away on the ledger, or no other valid key has a role of the party.
    """
    now = time.time()

    def write(connection: Connection) -> tuple[str, float] | None:
        rows = run(
            connection,
            "SELECT p.id, k.roles, k.expires_at, coalesce(l.roles, p.roles) AS ledger_roles "
            "FROM parties_directory p LEFT JOIN parties l ON l.identity_hash = p.identity_hash "
            "JOIN api_keys k ON k.party_id = p.id "
            "WHERE p.account = ? AND k.account IS NULL AND k.revoked_at IS NULL "
            "AND k.waiting = 0 AND k.label <> ? AND (k.expires_at IS NULL OR k.expires_at > ?) "
            "AND NOT EXISTS "
            "(SELECT 1 FROM accounts a WHERE a.account = p.account AND a.removed = 1)",
            (account, WALLET_LABEL, now),
        ).all()
        if not rows:
            return None
        granted = _key_roles(rows[0].ledger_roles)
        roles = sorted({role for row in rows for role in row.roles.split(",")} & granted)
        if not roles:
            return None
        ends = [float(row.expires_at) for row in rows if row.expires_at is not None]
        expires_at = min([now + MAX_SECONDS, *ends])
        key = add_key(
            connection, roles=roles, label=WALLET_LABEL, party_id=rows[0].id, expires_at=expires_at
        )
        return key, expires_at

    new_key = await gateway.storage.write(write)
    return None if new_key is None else Credential("key", *new_key)


def _key_roles(bits: int) -> set[str]:
    """The roles of keys that fit a party's roles on the ledger; a platform's lends."""
    return {"financier" if role == "platform" else role for role in role_names(bits)}


async def keep_sessions(storage: Storage) -> None:
    """Runs until it is cancelled."""

    async def step() -> None:
        await storage.write(drop_ended)

    await own_tasks.repeated(step, every=EVERY_SECONDS, log=log, name="sessions")


def drop_ended(connection: Connection) -> None:
    """Ends sessions that are over, and deletes old ones and the short keys that no session has."""
    now = time.time()
    limits = (now - IDLE_SECONDS, now - MAX_SECONDS)
    end_those(connection, "used_at < ? OR created_at < ?", limits, now)
    run(
        connection,
        "DELETE FROM page_sessions WHERE used_at < ?",
        (now - MAX_SECONDS - KEEP_SECONDS,),
    )
    run(
        connection,
        "DELETE FROM api_keys WHERE label = ? AND created_at < ? AND NOT EXISTS (SELECT 1 FROM "
        "page_sessions s WHERE s.key_hash = api_keys.key_hash AND s.ended_at IS NULL)",
        (WALLET_LABEL, now - _BEGIN_SECONDS),
    )
