"""How many requests a caller may make: each caller has a bucket of tokens.

Gateways that share a PostgreSQL database share the buckets. Each leases some tokens at a time, so
most requests need no database query. The table is unlogged and not part of the schema: a crash of
the database may empty it, and then every bucket is full again. On SQLite there is one gateway, and
its memory holds the buckets.
"""

from __future__ import annotations

import asyncio
import time

import msgspec
from sqlalchemy import Connection

from app.domain.texts import say
from app.errors import TooManyRequests
from app.gateway.cache import CacheKey
from app.gateway.gateway import Gateway
from app.storage import run

LEASE_SECONDS = 1.0
_PARTS = 20  # a lease is this part of a full bucket
_KEEP_SECONDS = 3600.0
_MAX_CALLERS = 100_000
_TABLE = (
    "CREATE UNLOGGED TABLE IF NOT EXISTS rate_buckets "
    "(owner text PRIMARY KEY, tokens double precision NOT NULL, at double precision NOT NULL)"
)
_TABLE_LOCK = 20250924  # any number that no other lock uses
_NOW = "extract(epoch FROM clock_timestamp())"  # all gateways share the database's clock


class _Lease(msgspec.Struct):
    """Tokens that this gateway took from a caller's bucket."""

    left: int = 0
    until: float = 0.0
    lock: asyncio.Lock = msgspec.field(default_factory=asyncio.Lock)


_LEASES: CacheKey[dict[str, _Lease]] = CacheKey(dict)
# Monotonic seconds.
_TABLE_CREATED_AT = CacheKey(lambda: float("-inf"))
# The tokens of each caller, and the monotonic seconds at which it had them.
BUCKETS: CacheKey[dict[str, tuple[float, float]]] = CacheKey(dict)


async def within_limit(gateway: Gateway, owner: str) -> None:
    """Takes a token for one request of this caller.

    Raises:
        TooManyRequests: the bucket is empty; the error says when to try again.
        StorageError.
    """
    rate, burst = gateway.settings.rate_limit, gateway.settings.rate_burst
    if rate <= 0:
        return
    if gateway.storage.dialect == "sqlite":
        _from_memory(gateway, owner, rate=rate, burst=burst)
        return
    leases = gateway.cache.get(_LEASES)
    if len(leases) > _MAX_CALLERS:
        leases.clear()
    lease = leases.setdefault(owner, _Lease())
    async with lease.lock:
        if lease.left < 1 or lease.until < time.monotonic():
            await _renew(gateway, owner, lease, rate=rate, burst=burst)
        lease.left -= 1


async def _renew(gateway: Gateway, owner: str, lease: _Lease, *, rate: float, burst: int) -> None:
    count = max(1, burst // _PARTS)

    def take(connection: Connection) -> float:
        return _take(connection, owner, count=count, rate=rate, burst=burst)

    if gateway.cache.get(_TABLE_CREATED_AT) < time.monotonic() - _KEEP_SECONDS:
        await _make_table(gateway)
    held = await gateway.storage.write(take)
    if held < 1:
        raise _refusal(rate, held)
    lease.left, lease.until = min(count, int(held)), time.monotonic() + LEASE_SECONDS


async def _make_table(gateway: Gateway) -> None:
    """Creates the table, and drops callers that made no request for long: their bucket is full."""

    def make(connection: Connection) -> None:
        # Creating one table twice at the same time fails, even with IF NOT EXISTS.
        run(connection, "SELECT pg_advisory_xact_lock(?)", (_TABLE_LOCK,))
        run(connection, _TABLE)
        run(connection, f"DELETE FROM rate_buckets WHERE at < {_NOW} - ?", (_KEEP_SECONDS,))

    await gateway.storage.write(make)
    gateway.cache.set(_TABLE_CREATED_AT, time.monotonic())


def _take(connection: Connection, owner: str, *, count: int, rate: float, burst: int) -> float:
    """Takes up to `count` tokens; returns how many the bucket held before."""
    now = float(run(connection, f"SELECT {_NOW}").scalar())
    run(
        connection,
        "INSERT INTO rate_buckets VALUES (?, ?, ?) ON CONFLICT (owner) DO NOTHING",
        (owner, float(burst), now),
    )
    query = "SELECT tokens, at FROM rate_buckets WHERE owner = ? FOR UPDATE"
    tokens, at = run(connection, query, (owner,)).one()
    held = min(float(burst), tokens + max(now - at, 0.0) * rate)
    taken = min(count, int(held))
    run(
        connection,
        "UPDATE rate_buckets SET tokens = ?, at = ? WHERE owner = ?",
        (held - taken, now, owner),
    )
    return float(held)


def _from_memory(gateway: Gateway, owner: str, *, rate: float, burst: int) -> None:
    buckets = gateway.cache.get(BUCKETS)
    if len(buckets) > _MAX_CALLERS:
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
        say("the limit is {rate} requests a second", rate=f"{rate:g}"),
        fix=say("try again in {seconds} seconds", seconds=f"{seconds:.1f}"),
        retryAfter=max(1, round(seconds)),
    )
