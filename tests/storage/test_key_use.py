"""The last use of API keys in the store: later minutes alone, and nothing lost when it fails."""

from __future__ import annotations

import asyncio
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.gateway.cache import Cache
from app.gateway.callers import add_key, key_hash
from app.gateway.gateway import Gateway
from app.gateway.key_use import KEYS_USED, note_use, write_notes, write_uses
from app.storage import Storage, StorageUnavailable, run

MINUTE = 1_800_000_000


def last_used(storage: Storage, key: str) -> float | None:
    """The stored minute of a key."""
    query = "SELECT last_used_at FROM api_keys WHERE key_hash = ?"
    value: float | None = storage.read_now(lambda c: run(c, query, (key_hash(key),)).scalar())
    return value


def test_only_a_later_minute_replaces_the_stored_minute(storage: Storage) -> None:
    first, second = (
        storage.write_now(partial(add_key, roles=["auditor"], label=name))
        for name in ("first", "second")
    )
    for minute, expected in ((MINUTE, MINUTE), (MINUTE - 60, MINUTE), (MINUTE + 60, MINUTE + 60)):
        uses = {key_hash(first): minute, key_hash("ck_unknown"): minute}
        storage.write_now(partial(write_uses, uses=uses))
        assert last_used(storage, first) == expected
    assert last_used(storage, second) is None


def test_notes_are_written_once_and_kept_while_the_store_fails(storage: Storage) -> None:
    key = storage.write_now(lambda c: add_key(c, roles=["auditor"], label="one"))
    writes = []

    class Failing:
        async def write(self, _: Any) -> None:
            writes.append("failed")
            raise StorageUnavailable("the store is away")

    class Working:
        async def write(self, function: Any) -> Any:
            writes.append("written")
            return storage.write_now(function)

    parts = SimpleNamespace(cache=Cache(), storage=Failing())
    gateway = cast(Gateway, parts)
    for _ in range(100):
        note_use(gateway, key_hash(key))
    with pytest.raises(StorageUnavailable):
        asyncio.run(write_notes(gateway))
    notes = gateway.cache.get(KEYS_USED)
    assert list(notes) == [key_hash(key)]
    parts.storage = Working()
    for _ in range(2):
        asyncio.run(write_notes(gateway))
    assert writes == ["failed", "written"]
    stored = last_used(storage, key)
    assert stored is not None and stored % 60 == 0
