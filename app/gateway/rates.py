"""How many requests a caller may make: a bucket of tokens for each.

Gateways that share a PostgreSQL database share the buckets: each leases some tokens at a time, so
that most requests ask the database nothing. The table is unlogged and no part of the schema: a
crash of the database may empty it, and every bucket is full again then. On SQLite there is one
gateway, whose memory holds the buckets.
"""

from __future__ import annotations

import asyncio
import time

import msgspec
from sqlalchemy import Connection

from app.errors import TooManyRequests
from app.gateway.gateway import Gateway
from app.storage import run

LEASE_SECONDS = 1.0
_PARTS = 20  # a lease is this part of a full bucket
_KEEP_SECONDS = 3600.0
_MOST_CALLERS = 100_000
_TABLE = (
    "CREATE UNLOGGED TABLE IF NOT EXISTS rate_buckets "
    "(owner text PRIMARY KEY, tokens double precision NOT NULL, at double precision NOT NULL)"
)
_TABLE_LOCK = 20250924  # any number that nothing else locks
_NOW = "extract(epoch FROM clock_timestamp())"  # the database's clock is everybody's


class _Lease(msgspec.Struct):
    """Tokens that this gateway took out of a caller's bucket."""

    left: int = 0
    until: float = 0.0
    lock: asyncio.Lock = msgspec.field(default_factory=asyncio.Lock)


async def within_limit(gateway: Gateway, owner: str) -> None:
    """Takes a token for one request of this caller.

    Raises:
        TooManyRequests: the bucket is empty; it says when to come again.
        StorageError.
    """
    rate, burst = gateway.settings.rate_limit, gateway.settings.rate_burst
    if rate <= 0:
        return
    if gateway.storage.dialect == "sqlite":
        _from_memory(gateway, owner, rate=rate, burst=burst)
        return
    leases: dict[str, _Lease] = gateway.cache.setdefault("leases", {})
    if len(leases) > _MOST_CALLERS:
        leases.clear()
    lease = leases.setdefault(owner, _Lease())
    async with lease.lock:
        if lease.left < 1 or lease.until < time.monotonic():
            await _renew(gateway, owner, lease, rate=rate, burst=burst)
        lease.left -= 1


async def _renew(gateway: Gateway, owner: str, lease: _Lease, *, rate: float, burst: int) -> None:
    wanted = max(1, burst // _PARTS)

    def take(connection: Connection) -> float:
        return _take(connection, owner, wanted=wanted, rate=rate, burst=burst)

    if gateway.cache.get("rate-table", float("-inf")) < time.monotonic() - _KEEP_SECONDS:
        await _make_table(gateway)
    held = await gateway.storage.write(take)
    if held < 1:
        raise _refusal(rate, held)
    lease.left, lease.until = min(wanted, int(held)), time.monotonic() + LEASE_SECONDS


async def _make_table(gateway: Gateway) -> None:
    """Makes the table, and forgets callers that were not there for long: their buckets are full."""

    def make(connection: Connection) -> None:
        # Two that make one table at once fail, IF NOT EXISTS or not.
        run(connection, "SELECT pg_advisory_xact_lock(?)", (_TABLE_LOCK,))
        run(connection, _TABLE)
        run(connection, f"DELETE FROM rate_buckets WHERE at < {_NOW} - ?", (_KEEP_SECONDS,))

    await gateway.storage.write(make)
    gateway.cache["rate-table"] = time.monotonic()


def _take(connection: Connection, owner: str, *, wanted: int, rate: float, burst: int) -> float:
    """Takes up to `wanted` tokens; returns what the bucket held before."""
    now = float(run(connection, f"SELECT {_NOW}").scalar())
    run(
        connection,
        "INSERT INTO rate_buckets VALUES (?, ?, ?) ON CONFLICT (owner) DO NOTHING",
        (owner, float(burst), now),
    )
    query = "SELECT tokens, at FROM rate_buckets WHERE owner = ? FOR UPDATE"
    tokens, at = run(connection, query, (owner,)).one()
    held = min(float(burst), tokens + max(now - at, 0.0) * rate)
    taken = min(wanted, int(held))
    run(
        connection,
        "UPDATE rate_buckets SET tokens = ?, at = ? WHERE owner = ?",
        (held - taken, now, owner),
    )
    return float(held)


def _from_memory(gateway: Gateway, owner: str, *, rate: float, burst: int) -> None:
    buckets: dict[str, tuple[float, float]] = gateway.cache.setdefault("buckets", {})
    if len(buckets) > _MOST_CALLERS:
        buckets.clear()
    now = time.monotonic()
    left, at = buckets.get(owner, (float(burst), now))
    left = min(float(burst), left + (now - at) * rate)
    if left < 1:
        raise _refusal(rate, left)
    buckets[owner] = (left - 1, now)


def _refusal(rate: float, left: float) -> TooManyRequests:
    seconds = (1 - left) / rate
    return TooManyRequests(
        f"at most {rate:g} requests a second",
        fix=f"try again in {seconds:.1f} seconds",
        retryAfter=max(1, round(seconds)),
    )
