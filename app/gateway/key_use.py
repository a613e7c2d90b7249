"""When each API key was used last, to the minute.

A request notes the use in memory. A task writes what was noted once a minute, so no request waits
for it; `kill -9` loses the notes of the last minute.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping

import structlog
from sqlalchemy import Connection

from app.gateway import own_tasks
from app.gateway.cache import CacheKey
from app.gateway.gateway import Gateway
from app.storage import StorageError, run_many

log = structlog.get_logger(__name__)
MINUTE = 60
# Minutes in which keys were used, in UTC seconds, by the hash of the key.
KEYS_USED: CacheKey[dict[str, int]] = CacheKey(dict)


def note_use(gateway: Gateway, key_hash: str) -> None:
    """Notes that a valid key is used now."""
    gateway.cache.get(KEYS_USED)[key_hash] = int(time.time()) // MINUTE * MINUTE


def write_uses(connection: Connection, uses: Mapping[str, int]) -> None:
    """Writes the minutes in which keys were used, unless the store has them or later ones."""
    run_many(
        connection,
        "UPDATE api_keys SET last_used_at = ? WHERE key_hash = ? "
        "AND (last_used_at IS NULL OR last_used_at < ?)",
        # In one order: gateways on one store would otherwise wait for each other in a circle.
        [(minute, key_hash, minute) for key_hash, minute in sorted(uses.items())],
    )


async def write_notes(gateway: Gateway) -> None:
    """Writes what was noted since the last time.

    Raises:
        StorageError: the notes are still there.
    """
    uses = gateway.cache.get(KEYS_USED)
    if not uses:
        return
    gateway.cache.set(KEYS_USED, {})
    try:
        await gateway.storage.write(lambda connection: write_uses(connection, uses))
    except StorageError:
        gateway.cache.set(KEYS_USED, uses | gateway.cache.get(KEYS_USED))
        raise


async def follow_keys(gateway: Gateway) -> None:
    """Writes the notes once a minute, and at the end; runs until it is cancelled."""

    async def step() -> None:
        await write_notes(gateway)

    try:
        await own_tasks.repeated(step, every=float(MINUTE), log=log, name="key-use")
    finally:
        with contextlib.suppress(StorageError):
            await step()
