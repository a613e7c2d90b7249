"""Queries of relay accounts and API keys."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.domain.persons import WALLET_LABEL
from app.storage import record_of, run

MICROSECONDS = 1_000_000


class RelayRow(msgspec.Struct, frozen=True):
    """A relay account; `pending` counts nonces whose transaction is in no block yet."""

    address: str
    next_nonce: int
    pending: int


class KeyRow(msgspec.Struct, frozen=True):
    """An API key; its hash never leaves the gateway. Times in UTC seconds."""

    key_hash: str
    label: str
    roles: str
    party_id: str | None
    name: str | None
    waiting: int
    created_at: float
    expires_at: float | None
    revoked_at: float | None
    last_used_at: float | None


class KeysOf(msgspec.Struct, frozen=True):
    """Which keys are listed.

    Attributes:
        party_id: None: everybody's.
        label: None: any.
        with_sessions: also those of sessions that wallets began.
    """

    party_id: str | None = None
    label: str | None = None
    with_sessions: bool = True

    def condition(self) -> tuple[str, tuple[str, ...]]:
        """The condition on `api_keys k`, and its values."""
        terms = [("k.party_id = ?", self.party_id), ("k.label = ?", self.label)]
        terms.append(("k.label <> ?", None if self.with_sessions else WALLET_LABEL))
        chosen = [(term, value) for term, value in terms if value is not None]
        where = " AND ".join(["1 = 1", *(term for term, _ in chosen)])
        return where, tuple(value for _, value in chosen)


def relay_accounts(connection: Connection) -> list[RelayRow]:
    """All relay accounts of the store."""
    rows = run(
        connection,
        "SELECT a.address, a.next_nonce, (SELECT count(DISTINCT t.nonce) FROM relay_transactions t "
        "WHERE t.state = 'stored' AND t.account = a.address) AS pending "
        "FROM relay_accounts a ORDER BY a.address",
    )
    return [record_of(RelayRow, row) for row in rows]


_KEYS = (
    "SELECT k.key_hash, k.label, k.roles, k.party_id, d.name, k.waiting, k.created_at, "
    "k.expires_at, k.revoked_at, k.last_used_at FROM api_keys k "
    "LEFT JOIN parties_directory d ON d.id = k.party_id WHERE "
)


def keys(
    connection: Connection, chosen: KeysOf, *, before: float | None, limit: int
) -> list[KeyRow]:
    """Keys, newest first; keys made at one time stay together."""
    where, values = chosen.condition()
    older, bound = ("", ()) if before is None else (" AND k.created_at < ?", (before,))
    order = " ORDER BY k.created_at DESC, k.label"
    query = f"{_KEYS}{where}{older}{order} LIMIT ?"
    rows = list(run(connection, query, (*values, *bound, limit)).all())
    if len(rows) == limit:
        last = rows[-1].created_at
        rows = [row for row in rows if row.created_at != last]
        rows += run(
            connection, f"{_KEYS}{where} AND k.created_at = ?{order}", (*values, last)
        ).all()
    return [record_of(KeyRow, row) for row in rows]
