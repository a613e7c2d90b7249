"""The disk: the gateway's own Storage on a real SQLite file, without its threads.

The pragma that the shipped engine sets decides what a power loss takes away. With `synchronous` at
FULL it takes nothing that was committed; with a lower value it takes any number of the newest
commits.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import Connection

from app.storage import StorageUnavailable, engine
from app.storage.backups import restore_backup
from app.storage.backups.restoring import Mark
from app.storage.engine import GROUP_LIMIT, Result, Storage

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World

FULL = 2
_HEADER, _FRAME = 32, 24


class _NoThread:
    """Stands in for the writer's thread: the loop does its work."""

    def __init__(self, **_arguments: object) -> None:
        pass

    def start(self) -> None:
        pass

    def join(self, timeout: float | None = None) -> None:
        pass

    def is_alive(self) -> bool:
        return True


class SimulatedStorage(Storage):
    """The shipped store; its writer is a callback of the loop, its readers too."""

    def __init__(self, url: str, *, process: Process, world: World, **arguments: Any) -> None:
        self.process, self.world = process, world
        self._waiting: list[engine._Change] = []
        self._scheduled = False
        lone = SimpleNamespace(**{**vars(threading), "Thread": _NoThread})
        with patch.object(engine, "threading", lone):
            super().__init__(url, **arguments)
        self.writer_connection(lambda c: c.exec_driver_sql("PRAGMA wal_autocheckpoint=0"))
        process.storages.append(self)

    def writer_connection(self, function: Callable[[Connection], Result]) -> Result:
        """Runs a function on the writer's connection outside a transaction."""
        with self.writer.connect() as connection:
            return function(connection)

    def migrate(self) -> None:
        """The file is a copy of one that was migrated."""

    def close(self) -> None:
        """Finishes what waits and closes."""
        if self._closed:
            return
        self._flush()
        self._closed = True
        self.writer.dispose()
        self.reader.dispose()

    def kill(self) -> None:
        """Closes without finishing anything."""
        self._closed = True
        self._waiting.clear()
        self.writer.dispose()
        self.reader.dispose()

    def _submit(self, change: engine._Change) -> None:
        self.process.require_alive()
        if self._closed:
            raise StorageUnavailable("the store is closed")
        self._waiting.append(change)
        if not self._scheduled:
            self._scheduled = True
            delay = self.world.stream("disk").uniform(0.0005, 0.01)
            self.world.loop.call_later(delay, self._flush)

    def write_now(self, function: Callable[[Connection], Result]) -> Result:
        """Writes at once."""
        waiting, self._waiting = self._waiting, []
        future: asyncio.Future[Result] = self.world.loop.create_future()
        self._submit(engine._Change(function, future, None))
        self._flush()
        self._waiting = waiting + self._waiting
        return future.result()

    def _flush(self) -> None:
        self._scheduled = False
        if self.process.dead or self._closed:
            return
        while self._waiting:
            group, self._waiting = self._waiting[:GROUP_LIMIT], self._waiting[GROUP_LIMIT:]
            self._commit(group)

    def read_now(self, function: Callable[[Connection], Result]) -> Result:
        self.process.require_alive()
        self.world.disk.require_there()
        return super().read_now(function)

    def _attempt(self, group: list[engine._Change]) -> None:
        world, process = self.world, self.process
        process.require_alive()
        world.disk.require_there()
        crash = world.crash_due(process, "commit")
        if crash == "before":
            process.die("before a commit")
        super()._attempt(group)
        world.disk.committed(self)
        world.trace("commit", process.name, len(group))
        if crash == "after":
            process.die("after a commit")
        if world.disk.lost_answer():
            raise StorageUnavailable("the connection was lost while it committed")


class Disk:
    """The file of the store, its copies, and what may happen to it."""

    def __init__(
        self, folder: Path, template: Path, source: random.Random, *, now: Callable[[], float]
    ) -> None:
        self.folder = folder
        self.now = now
        self.generation = 0
        self.path = folder / "gateway-0.sqlite"
        shutil.copyfile(template, self.path)
        self.source = source
        self.away_until = -1.0
        self.lost_answers = 0.0
        self.full = False
        self.synchronous: int | None = None

    @property
    def url(self) -> str:
        """Where gateways find it."""
        return f"sqlite:///{self.path}"

    def require_there(self) -> None:
        """Checks that the database answers.

        Raises:
            StorageUnavailable: it is being restarted.
        """
        if self.now() < self.away_until:
            raise StorageUnavailable("the database is being restarted")

    def lost_answer(self) -> bool:
        """Whether the answer to a commit that was done is lost, as a network may lose it."""
        return self.lost_answers > 0 and self.source.random() < self.lost_answers

    def committed(self, storage: SimulatedStorage) -> None:
        """Notes what the engine promises of a commit."""
        if self.synchronous is None:
            self.synchronous = storage.writer_connection(
                lambda c: c.exec_driver_sql("PRAGMA synchronous").scalar()
            )

    def set_full(self, storages: list[SimulatedStorage], full: bool) -> None:
        """From now on the disk has no room, or has room again."""
        self.full = full
        for storage in storages:
            limit_pages(storage, full)

    # -- files

    def _copy(self, to: Path, *, wal: bytes | None = None) -> None:
        shutil.copyfile(self.path, to)
        log = Path(f"{self.path}-wal")
        bytes_ = log.read_bytes() if wal is None and log.exists() else wal
        if bytes_:
            Path(f"{to}-wal").write_bytes(bytes_)

    def _move_to(self, make: Callable[[Path], None]) -> None:
        self.generation += 1
        path = self.folder / f"gateway-{self.generation}.sqlite"
        make(path)
        self.path = path

    @property
    def commits(self) -> int:
        """How many commits the write-ahead log holds."""
        log = Path(f"{self.path}-wal")
        return len(commit_ends(log.read_bytes())) if log.exists() else 0

    def power_loss(self, *, keep: int | None = None) -> int:
        """Power loss: commits that were not on the disk are lost; returns how many.

        Call it before the connections are closed.

        Args:
            keep: how many commits stay; None: a random number of them.
        """
        log = Path(f"{self.path}-wal")
        whole = log.read_bytes() if log.exists() else b""
        ends = commit_ends(whole)
        choices = (len(ends) * 3 // 4, len(ends) - 1, 0, len(ends))
        commits_left = max(0, self.source.choice(choices)) if keep is None else min(keep, len(ends))
        if self.synchronous is None or self.synchronous >= FULL:
            commits_left = len(ends)
        cut = whole[: ends[commits_left - 1]] if commits_left else b""
        self._move_to(lambda path: self._copy(path, wal=cut))
        return len(ends) - commits_left

    def keep(self) -> None:
        """All processes end without a power loss: written data stays."""
        self._move_to(self._copy)

    def restore(self, backup: Path, mark: Mark) -> None:
        """Restores a backup in place of the store. No gateway may run."""
        self._move_to(self._copy)
        restore_backup(self.url, backup, replace=True, mark=mark)


def select(path: Path, query: str) -> list[dict[str, Any]]:
    """Rows of a store's file."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
    finally:
        connection.close()


def limit_pages(storage: SimulatedStorage, full: bool) -> None:
    """Stops the file from growing, or lets it grow again."""

    def limit(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        maximum = pages if full else 1_000_000_000
        connection.exec_driver_sql(f"PRAGMA max_page_count={maximum}")

    storage.writer_connection(limit)


def commit_ends(log: bytes) -> list[int]:
    """Where each commit ends in a write-ahead log: offsets behind its last frame."""
    if len(log) < _HEADER:
        return []
    _, _, page, _, salt, pepper, _, _ = struct.unpack(">8I", log[:_HEADER])
    ends, at = [], _HEADER
    while at + _FRAME + page <= len(log):
        _, size, frame_salt, frame_pepper, _, _ = struct.unpack(">6I", log[at : at + _FRAME])
        if (frame_salt, frame_pepper) != (salt, pepper):
            break
        at += _FRAME + page
        if size:
            ends.append(at)
    return ends
