"""Work that a running gateway does by itself, in small steps.

It finishes exchanges of secrets, and drops answers to commands that are too old.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial

import structlog
from sqlalchemy import Connection

from app.chain.outbox.secrets import Secrets, exchange_state, exchange_step
from app.config import Settings
from app.domain.names import skeleton
from app.domain.prefixes import folded
from app.gateway import own_tasks
from app.storage import Storage, run, run_many

log = structlog.get_logger(__name__)
EVERY_SECONDS = 600.0
DAY_SECONDS = 86_400
_AT_ONCE = 500


async def keep_house(storage: Storage, settings: Settings, secrets: Secrets) -> None:
    """Runs until it is cancelled."""

    async def step() -> None:
        await _exchange(storage, secrets)
        while await storage.write(fill_names):
            await asyncio.sleep(0)
        before = time.time() - settings.idempotency_days * DAY_SECONDS
        while await storage.write(partial(drop_answers, before=before)):
            await asyncio.sleep(0)

    await own_tasks.repeated(step, every=EVERY_SECONDS, log=log, name="housekeeping")


async def _exchange(storage: Storage, secrets: Secrets) -> None:
    state = await asyncio.to_thread(exchange_state, storage)
    if not state:
        return
    log.info("secrets.exchange", done=state)
    while await asyncio.to_thread(exchange_step, storage, secrets):
        pass
    log.info("secrets.exchanged", secrets=sorted(state))


def drop_answers(connection: Connection, *, before: float) -> int:
    """Drops some answers to commands from before this time (UTC seconds); returns how many.

    The record that the command was carried out stays: a key that comes again after its answer is
    gone is refused (409 `answer-gone`), never carried out again.
    """
    dropped = run(
        connection,
        "UPDATE idempotency_keys SET body = NULL WHERE body IS NOT NULL AND (owner, key) IN "
        "(SELECT owner, key FROM idempotency_keys WHERE created_at < ? AND body IS NOT NULL "
        f"ORDER BY created_at LIMIT {_AT_ONCE})",
        (before,),
    )
    return int(dropped.rowcount)


def fill_names(connection: Connection) -> int:
    """Computes the missing forms of the names of some stored parties; returns how many."""
    rows = run(
        connection,
        "SELECT id, name FROM parties_directory WHERE name_skeleton IS NULL "
        f"OR name_folded IS NULL LIMIT {_AT_ONCE}",
    ).all()
    run_many(
        connection,
        "UPDATE parties_directory SET name_skeleton = ?, name_folded = ? WHERE id = ?",
        [(skeleton(name), folded(name), identifier) for identifier, name in rows],
    )
    return len(rows)
