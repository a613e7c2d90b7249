"""One store, two databases: SQLite in WAL mode needs no set-up, PostgreSQL scales further.

One thread does all writes. It commits all changes that wait at that moment together (group commit);
each change runs in its own savepoint, so that a failure undoes only itself. Reads run in a few
threads, each in one read-only transaction, so that a read sees one state of the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.pool import QueuePool

from app.outage import Outage
from app.storage.durable import create_empty
from app.storage.errors import StorageFull, StorageUnavailable, WritesCollided, translate
from app.storage.migrations import upgrade
from app.storage.turns import Turns

Result = TypeVar("Result")
READERS = 4
# Timeouts of libpq: to connect, and on a connection whose server does not answer (seconds;
# `tcp_user_timeout` in milliseconds).
_BOUNDED = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
READS_EACH = 2
GROUP_LIMIT = 256
MAX_COLLISIONS = 6
# An outage is over when something works that began this long after the last failure: while a server
# ends or starts, some of its connections still work and others no longer do.
CALM_SECONDS = 1.0
ANNOUNCEMENTS = "announcements"
# Our commits wait until they are on the server's disk, even if its default is not to wait.
_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'"
)


def announce(connection: Connection, topic: str, subject: Any) -> None:
    """Passes `subject` to the subscribers of `topic` once this change is committed."""
    connection.info.setdefault(ANNOUNCEMENTS, []).append((topic, subject))


class _Change:
    """A function that waits for the writer thread, and the future of its result."""

    __slots__ = ("announced", "error", "function", "future", "loop", "result")

    def __init__(
        self,
        function: Callable[[Connection], Any],
        future: Future[Any] | asyncio.Future[Any],
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self.function = function
        self.future = future
        self.loop = loop
        self.result: Any = None
        self.error: BaseException | None = None
        self.announced: list[tuple[str, Any]] = []

    def settle(self) -> None:
        """Sets the future's result, in the waiter's own loop or thread."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


def _settle(changes: Sequence[_Change]) -> None:
    """Sets the results of many futures; wakes each event loop once."""
    loops: dict[asyncio.AbstractEventLoop, list[_Change]] = {}
    for change in changes:
        if change.loop is None:
            change.settle()
        else:
            loops.setdefault(change.loop, []).append(change)
    for loop, waiting in loops.items():
        with contextlib.suppress(RuntimeError):  # the loop has ended, so nobody waits
            loop.call_soon_threadsafe(_settle_here, waiting)


def _settle_here(changes: Sequence[_Change]) -> None:
    for change in changes:
        change.settle()


def _here(function: Callable[[Connection], Result]) -> Callable[[Connection], Result]:
    """The function as it runs in the caller's context, such as the language of its answer."""
    context = contextvars.copy_context()
    return lambda connection: context.run(function, connection)


class Storage:
    """The store of one gateway.

    A function passed to `write` may run a second time if the database undoes the whole group, so it
    must change nothing except through its connection.
    """

    def __init__(self, url: str, *, readers: int = READERS, reads_each: int = READS_EACH) -> None:
        self.url = url
        parsed = make_url(url)
        self.dialect = parsed.get_backend_name()
        if self.dialect not in ("sqlite", "postgresql"):
            raise ValueError(f"storage: {self.dialect} is not supported (sqlite or postgresql)")
        if self.dialect == "sqlite":
            if parsed.database in (None, "", ":memory:"):
                raise ValueError("storage: SQLite needs a file")
            # Made here so that only its owner may read it; SQLite's other files get the same mode.
            create_empty(Path(str(parsed.database)))
        self.writer = _engine(url, readers=None)
        self.reader = _engine(url, readers=readers)
        self.outage = Outage(structlog.get_logger(__name__), "store")
        self._failing: dict[str, float] = {}
        self._works_since = 0.0
        self._noting = threading.Lock()
        self._pool = ThreadPoolExecutor(readers, thread_name_prefix="storage-read")
        self._turns = Turns(reads_each)
        self._queue: queue.SimpleQueue[_Change | None] = queue.SimpleQueue()
        self._subscribers: dict[str, list[Callable[[Any], None]]] = {}
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="storage-write", daemon=True)
        self._thread.start()

    # -- use

    async def write(self, function: Callable[[Connection], Result]) -> Result:
        """Runs `function` in a transaction; returns when it is committed.

        Raises:
            StorageFull, StorageUnavailable, RowConflict: see `app.storage.errors`.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._submit(_Change(_here(function), future, loop))
        return await future

    def write_now(self, function: Callable[[Connection], Result]) -> Result:
        """As `write`, but synchronous; for the command line and tests."""
        future: Future[Result] = Future()
        self._submit(_Change(function, future, None))
        return future.result()

    async def read(self, function: Callable[[Connection], Result]) -> Result:
        """Runs `function` in a read-only transaction on one consistent state of the store.

        A caller may have `reads_each` reads at once; its other reads wait for those.
        """
        loop = asyncio.get_running_loop()
        async with self._turns.turn():
            return await loop.run_in_executor(self._pool, self.read_now, _here(function))

    def read_now(self, function: Callable[[Connection], Result]) -> Result:
        """As `read`, but synchronous."""
        began = time.monotonic()
        try:
            with self.reader.connect() as connection, connection.begin():
                result = function(connection)
        except Exception as error:
            known = translate(error)
            self._note("read", began, known)
            raise known from error
        self._note("read", began, None)
        return result

    def _note(self, way: str, began: float, error: BaseException | None) -> None:
        """Logs one line for each outage; reads and writes share it.

        Args:
            began: when the read or write began, by `time.monotonic()`. One that began before the
                outage was over says nothing of what is now.
        """
        if error is None and way not in self._failing:
            return
        with self._noting:
            if isinstance(error, StorageFull | StorageUnavailable) and began >= self._works_since:
                if not self._failing:
                    self.outage.failed(error)
                self._failing[way] = time.monotonic()
            elif error is None and way in self._failing:
                if began < self._failing[way] + CALM_SECONDS:
                    return
                del self._failing[way]
                if not self._failing:
                    self.outage.over()
                    self._works_since = time.monotonic()

    def subscribe(self, topic: str, callback: Callable[[Any], None]) -> Callable[[], None]:
        """Calls `callback(subject)` after each commit that announced `topic`.

        Returns a function that ends the subscription. The callback runs in the writer's thread: it
        must be quick, raise nothing, and continue in its own loop with `call_soon_threadsafe`.
        """
        self._subscribers.setdefault(topic, []).append(callback)
        return lambda: self._subscribers[topic].remove(callback)

    def migrate(self) -> None:
        """Updates the schema to the newest version; does nothing if it has that version."""
        upgrade(self.writer)

    def close(self) -> None:
        """Finishes the waiting changes, then closes all connections."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        self._thread.join()
        self._pool.shutdown(wait=True)
        self.writer.dispose()
        self.reader.dispose()

    # -- the writer's thread

    def _submit(self, change: _Change) -> None:
        if self._closed:
            raise StorageUnavailable("the store is closed")
        self._queue.put(change)

    def _run(self) -> None:
        while True:
            change = self._queue.get()
            if change is None:
                return
            group = [change]
            last = False
            while len(group) < GROUP_LIMIT:
                try:
                    more = self._queue.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                    break
                group.append(more)
            self._commit(group)
            if last:
                return

    def _commit(self, group: list[_Change], *, collisions: int = 0) -> None:
        began = time.monotonic()
        try:
            self._attempt(group)
        except Exception as error:  # the whole transaction failed: disk, connection, commit
            if len(group) > 1:
                away: BaseException | None = None
                for change in group:
                    change.error = away
                    if away is not None:  # each attempt may take as long as a connection's timeout
                        _settle([change])
                        continue
                    self._commit([change])
                    if isinstance(change.error, StorageUnavailable):
                        away = change.error
                return
            known = translate(error)
            if isinstance(known, WritesCollided) and collisions < MAX_COLLISIONS:
                # This gateway and another one wait for each other's locks.
                time.sleep(random.uniform(0, 0.02) * 2**collisions)
                self._commit(group, collisions=collisions + 1)
                return
            self._note("write", began, known)
            group[0].error = known
        else:
            self._note("write", began, None)
            for change in group:
                if change.error is None:
                    self._publish(change)
        _settle(group)

    def _publish(self, change: _Change) -> None:
        for topic, subject in change.announced:
            for callback in list(self._subscribers.get(topic, ())):
                callback(subject)

    def _attempt(self, group: list[_Change]) -> None:
        """Runs and commits the group; a change that fails alone stores its error."""
        with self.writer.connect() as connection:
            try:
                with connection.begin():
                    for change in group:
                        connection.info[ANNOUNCEMENTS] = change.announced = []
                        if len(group) == 1:
                            change.result = change.function(connection)
                            continue
                        connection.exec_driver_sql("SAVEPOINT change")
                        try:
                            change.result = change.function(connection)
                        except Exception as error:
                            known = translate(error)
                            if isinstance(known, StorageFull | StorageUnavailable | WritesCollided):
                                raise
                            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT change")
                            change.error = known
                        connection.exec_driver_sql("RELEASE SAVEPOINT change")
            finally:
                connection.info.pop(ANNOUNCEMENTS, None)


def _engine(url: str, *, readers: int | None) -> Engine:
    """An engine for the writer (`readers` None: one connection), or for `readers` readers."""
    size = readers or 1
    if make_url(url).get_backend_name() == "postgresql":
        options = {} if readers is None else {"isolation_level": "REPEATABLE READ"}
        engine = create_engine(
            url,
            pool_size=size,
            max_overflow=2,
            pool_pre_ping=True,
            connect_args=_BOUNDED,
            **options,
        )
        if readers is None:

            @event.listens_for(engine, "connect")
            def _durable(connection: Any, _record: Any) -> None:
                connection.execute(_DURABLE)
                connection.commit()

            return engine

        @event.listens_for(engine, "begin")
        def _read_only(connection: Connection) -> None:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")

        return engine
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=4,
        connect_args={"check_same_thread": False, "timeout": 30, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        # A commit is on the disk before anybody learns of it, so a transaction that was stored and
        # sent survives a power loss. NORMAL may lose the end of the write-ahead log.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA fullfsync=ON")  # macOS: also flushes the drive's own cache
        connection.execute("PRAGMA checkpoint_fullfsync=ON")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute("PRAGMA temp_store=MEMORY")
        if readers is not None:
            connection.execute("PRAGMA query_only=ON")

    start = "BEGIN IMMEDIATE" if readers is None else "BEGIN"

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(start)

    return engine


def insert_many(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts many rows fast; each is a tuple in the order of the table's columns.

    SQLite: the driver's own `executemany`. PostgreSQL: COPY.
    """
    if not rows:
        return
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.columns))
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'
        connection.exec_driver_sql(statement, list(rows))
        return
    cursor = cast(Any, connection.connection.cursor())
    with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def run_many(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Runs one statement (with `?` marks) for many tuples; returns the number of changed rows."""
    if not rows:
        return 0
    if connection.dialect.name != "sqlite":
        statement = statement.replace("?", "%s")
    return connection.exec_driver_sql(statement, list(rows)).rowcount


def run(connection: Connection, statement: str, row: tuple[Any, ...] = ()) -> Any:
    """Runs one statement (with `?` marks) on either database; returns its cursor result."""
    if connection.dialect.name != "sqlite":
        statement = statement.replace("?", "%s")
    return connection.exec_driver_sql(statement, row)


def create_storage(url: str, *, readers: int = READERS, reads_each: int = READS_EACH) -> Storage:
    """Opens the store at `sqlite:///path` or `postgresql+psycopg://…`; call `migrate()` first."""
    return Storage(url, readers=readers, reads_each=reads_each)
