"""Makes a backup while a gateway runs on the store."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from sqlalchemy import create_engine, make_url

from app.storage.backups import postgres
from app.storage.backups.errors import BackupError, BackupExists
from app.storage.backups.files import FORMAT, Facts, Manifest, checksum, facts_of, write_file
from app.storage.durable import make_folder
from app.storage.errors import translate


def make_backup(url: str, path: Path) -> Manifest:
    """Writes a backup of the store at `url` to the new file `path`.

    The gateway keeps running: SQLite copies one state of the store through a separate connection;
    PostgreSQL dumps one snapshot.

    Raises:
        BackupExists: `path` exists.
        BackupError: there is no store at `url`, or its schema is not ours.
        ToolMissing: PostgreSQL's `pg_dump` is not installed.
        StorageError, OSError.
    """
    if path.exists():
        raise BackupExists(f"{path} exists already; give another name")
    make_folder(path.parent)
    payload = path.with_name(f".{path.name}.{os.getpid()}.payload")
    payload.unlink(missing_ok=True)
    os.close(os.open(payload, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    made_at = time.time()
    try:
        database = make_url(url).get_backend_name()
        facts = _copy_sqlite(url, payload) if database == "sqlite" else _dump(url, payload)
        manifest = Manifest(
            format=FORMAT,
            database=database,
            made_at=made_at,
            payload_bytes=payload.stat().st_size,
            payload_sha256=checksum(payload),
            **msgspec.structs.asdict(facts),
        )
        write_file(path, payload=payload, manifest=manifest)
    finally:
        payload.unlink(missing_ok=True)
    return manifest


def _copy_sqlite(url: str, payload: Path) -> Facts:
    source = Path(str(make_url(url).database))
    if not source.is_file():
        raise BackupError(f"there is no store at {source}")
    with _sqlite(source) as running, _sqlite(payload) as copy:
        # One step with a read lock, which in WAL mode blocks no writer.
        running.backup(copy, pages=-1)
        # The copy is a single file, without a log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
    return _facts(f"sqlite:///{payload}")


@contextlib.contextmanager
def _sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise BackupError(f"{path}: {error}") from error


def _facts(url: str) -> Facts:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return facts_of(connection)
    except Exception as error:
        raise BackupError(f"there is no store of this program: {translate(error)}") from error
    finally:
        engine.dispose()


def _dump(url: str, payload: Path) -> Facts:
    engine = create_engine(url, isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection, connection.begin():
            snapshot = str(connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar())
            try:
                facts = facts_of(connection)
            except Exception as error:
                message = translate(error)
                raise BackupError(f"there is no store of this program: {message}") from error
            version = int(connection.exec_driver_sql("SHOW server_version_num").scalar() or 0)
            postgres.dump(url, payload, snapshot=snapshot, server=version // 10_000)
            return facts
    finally:
        engine.dispose()
