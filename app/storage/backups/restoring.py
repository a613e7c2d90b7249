"""Restores a backup into an empty store, or in place of an existing one."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, make_url

from app.storage.backups import postgres
from app.storage.backups.errors import BackupError, BackupInvalid, StoreInUse, StoreNotEmpty
from app.storage.backups.files import Manifest, read_manifest, unpack
from app.storage.durable import create_empty, make_folder
from app.storage.engine import create_storage, run
from app.storage.migrations import known_revisions, upgrade_on

Mark = Callable[[Connection], Any]
_ENDING_SECONDS = 5.0  # for which a server still lists connections that have ended


def restore_backup(url: str, path: Path, *, replace: bool, mark: Mark) -> Manifest:
    """Restores the backup `path` into the store at `url`; no gateway may run on it.

    A gateway can never open the restored rows without the rows that `mark` writes: SQLite's copy is
    marked before it replaces the store, and PostgreSQL's has no schema version before.

    Args:
        replace: whether to replace an existing store.
        mark: marks the store as restored; runs once the schema is the newest.

    Raises:
        BackupInvalid, StoreNotEmpty, StoreInUse, ToolMissing, BackupError, StorageError, OSError.
    """
    manifest = read_manifest(path)
    database = make_url(url).get_backend_name()
    if database != manifest.database:
        raise BackupError(f"{path} is a backup of {manifest.database}; the store is {database}")
    if manifest.schema not in known_revisions():
        raise BackupInvalid(
            f"{path} has schema {manifest.schema}, which this version does not know: use the "
            "version that made it, or a later one"
        )
    if database == "sqlite":
        _restore_sqlite(url, path, replace=replace, mark=mark)
    else:
        _restore_postgres(url, path, replace=replace, mark=mark, schema=manifest.schema)
    return manifest


# -- SQLite


def _restore_sqlite(url: str, path: Path, *, replace: bool, mark: Mark) -> None:
    target = Path(str(make_url(url).database))
    make_folder(target.parent)
    if not replace and target.exists() and _holds_tables(target):
        raise StoreNotEmpty(f"{target} holds a store; give --replace to delete its content")
    payload = target.with_name(f".{target.name}.{os.getpid()}.restoring")
    _forget(payload)
    try:
        unpack(path, payload=payload)
        storage = create_storage(f"sqlite:///{payload}")
        try:
            storage.migrate()
            storage.write_now(mark)
        finally:
            storage.close()
        with _alone(target) as place, contextlib.closing(sqlite3.connect(payload)) as ready:
            # One transaction of the target: after a crash it has either the new or the old content.
            ready.backup(place, pages=-1)
    except sqlite3.Error as error:
        raise BackupError(f"{target}: {error}") from error
    finally:
        _forget(payload)


def _forget(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        path.with_name(name).unlink(missing_ok=True)


def _holds_tables(target: Path) -> bool:
    try:
        with contextlib.closing(sqlite3.connect(target, timeout=5)) as connection:
            return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
    except sqlite3.OperationalError as error:
        raise StoreInUse(f"{target}: {error}: stop the gateway first") from error
    except sqlite3.DatabaseError:
        return True  # damaged, or not a database


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[sqlite3.Connection]:
    """A connection that uses the store alone while the context lasts."""
    create_empty(target)
    connection = sqlite3.connect(target, timeout=1, isolation_level=None)
    try:
        try:
            connection.execute("PRAGMA synchronous=FULL")
            # The change from WAL mode succeeds only if nobody else has the file open.
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise StoreInUse(
                f"{target}: {error}: a gateway or another command has it open; stop it first"
            ) from error
        except sqlite3.DatabaseError as error:
            raise BackupError(
                f"{target}: {error}: it is damaged; move it away, with its -wal and -shm files"
            ) from error
        if mode != "delete":
            raise StoreInUse(f"{target}: a gateway or another command has it open; stop it first")
        yield connection
    finally:
        connection.close()


# -- PostgreSQL


def _restore_postgres(url: str, path: Path, *, replace: bool, mark: Mark, schema: str) -> None:
    engine = create_engine(url)
    payload = path.with_name(f".{path.name}.{os.getpid()}.restoring")
    payload.unlink(missing_ok=True)
    try:
        unpack(path, payload=payload)
        version = _make_room(engine, replace=replace)
        postgres.load(url, payload, server=version)
        storage = create_storage(url)
        try:

            def write(connection: Connection) -> None:
                run(connection, "INSERT INTO alembic_version VALUES (?)", (schema,))
                # Migrate in the transaction that writes the schema's version, so that a gateway
                # never sees the store unmarked.
                upgrade_on(connection)
                mark(connection)

            storage.write_now(write)
        finally:
            storage.close()
    finally:
        payload.unlink(missing_ok=True)
        engine.dispose()


def _others(engine: Engine) -> int:
    """How many others are connected to the database."""
    with engine.connect() as connection:
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(connection.exec_driver_sql(query).scalar() or 0)


def _make_room(engine: Engine, *, replace: bool) -> int:
    """Checks that nobody is connected, drops all tables, and returns the server's major version."""
    until = time.monotonic() + _ENDING_SECONDS
    while others := _others(engine):
        if time.monotonic() > until:
            raise StoreInUse(
                f"{others} other connections to the database are open: stop the gateways first"
            )
        time.sleep(0.1)
    with engine.connect() as connection, connection.begin():
        tables = connection.exec_driver_sql(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
        ).all()
        if tables and not replace:
            raise StoreNotEmpty("the database holds tables; give --replace to delete its content")
        for (name,) in tables:
            connection.exec_driver_sql(f"DROP TABLE public.{name} CASCADE")
        return int(connection.exec_driver_sql("SHOW server_version_num").scalar() or 0) // 10_000
