"""A backup is one state of the store; restore checks it and never overwrites another store."""

from __future__ import annotations

import os
import stat
import threading
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection
from typer.testing import CliRunner

from app.cli import application
from app.storage import Storage, create_storage, run
from app.storage.backups import (
    BackupError,
    BackupExists,
    BackupInvalid,
    StoreInUse,
    StoreNotEmpty,
    ToolMissing,
    make_backup,
    postgres,
    read_manifest,
    restore_backup,
    restoring,
)
from tests.support.postgres import new_database


def no_mark(_connection: Connection) -> None:
    """For tests of the files alone."""


def signers(connection: Connection) -> list[tuple[str, int]]:
    query = "SELECT signer, next_nonce FROM signer_nonces ORDER BY signer"
    return [(str(row[0]), int(row[1])) for row in run(connection, query)]


def add(storage: Storage, signer: str, nonce: int) -> None:
    query = "INSERT INTO signer_nonces VALUES (?, ?)"
    storage.write_now(lambda c: run(c, query, (signer, nonce)) and None)


def other_url(url: str, tmp_path: Path) -> str:
    """An empty store of the same kind."""
    if url.startswith("sqlite"):
        return f"sqlite:///{tmp_path}/other/gateway.db"
    server, _, name = url.rpartition("/")
    return new_database(server, f"{name}_other")


def test_backup_taken_while_a_gateway_writes_restores_completely(
    storage: Storage, storage_url: str, tmp_path: Path
) -> None:
    """The backup has both rows of a transaction, or neither."""
    ended = threading.Event()
    written = []

    def pair(connection: Connection, number: int) -> None:
        for side in "ab":
            run(connection, "INSERT INTO signer_nonces VALUES (?, 0)", (f"{number:06d}{side}",))

    def writing() -> None:
        number = 0
        while not ended.is_set():
            storage.write_now(partial(pair, number=number))
            written.append(number)
            number += 1

    thread = threading.Thread(target=writing)
    thread.start()
    try:
        while len(written) < 20:
            assert thread.is_alive()
            time.sleep(0.001)
        before = len(written)
        manifest = make_backup(storage_url, tmp_path / "store.backup")
        after_backup = len(written)
        while len(written) < after_backup + 5:
            assert thread.is_alive()
            time.sleep(0.001)
    finally:
        ended.set()
        thread.join()
    assert stat.S_IMODE((tmp_path / "store.backup").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    restored = other_url(storage_url, tmp_path)
    assert (
        restore_backup(restored, tmp_path / "store.backup", replace=False, mark=no_mark)
        == manifest
        == read_manifest(tmp_path / "store.backup")
    )
    again = create_storage(restored)
    try:
        again.migrate()
        numbers = [signer for signer, _ in again.read_now(signers)]
    finally:
        again.close()
    assert numbers == [f"{n:06d}{side}" for n in range(len(numbers) // 2) for side in "ab"]
    assert 2 * before <= len(numbers)


def test_backup_never_overwrites_a_file(storage: Storage, storage_url: str, tmp_path: Path) -> None:
    file = tmp_path / "store.backup"
    file.write_text("dear")
    with pytest.raises(BackupExists, match="give another name"):
        make_backup(storage_url, file)
    assert file.read_text() == "dear"


def test_restore_replaces_a_store_only_with_the_option_and_completely(
    storage: Storage, storage_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "store.backup"
    add(storage, "before", 1)
    make_backup(storage_url, file)
    add(storage, "after", 2)
    with pytest.raises(StoreInUse, match="stop"):
        restore_backup(storage_url, file, replace=True, mark=no_mark)
    assert storage.read_now(signers) == [("after", 2), ("before", 1)]
    storage.close()
    with pytest.raises(StoreNotEmpty, match="--replace"):
        restore_backup(storage_url, file, replace=False, mark=no_mark)
    restore_backup(
        storage_url,
        file,
        replace=True,
        mark=lambda c: run(c, "INSERT INTO signer_nonces VALUES ('marked', 3)") and None,
    )
    again = create_storage(storage_url)
    try:
        assert again.read_now(signers) == [("before", 1), ("marked", 3)]
    finally:
        again.close()


@pytest.mark.parametrize("storage_url", ["postgresql"], indirect=True)
def test_restore_waits_for_connections_that_are_ending(
    storage: Storage, storage_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "store.backup"
    add(storage, "before", 1)
    make_backup(storage_url, file)
    looked = threading.Event()

    def rest(seconds: float) -> None:
        looked.set()
        time.sleep(seconds)

    monkeypatch.setattr(restoring, "_ENDING_SECONDS", 120)
    monkeypatch.setattr(restoring, "time", SimpleNamespace(monotonic=time.monotonic, sleep=rest))

    def close() -> None:
        looked.wait(60)
        storage.close()

    closing = threading.Thread(target=close)
    closing.start()
    restore_backup(storage_url, file, replace=True, mark=no_mark)
    closing.join(60)
    again = create_storage(storage_url)
    try:
        assert again.read_now(signers) == [("before", 1)]
    finally:
        again.close()


def test_failed_restore_leaves_no_store_that_a_gateway_accepts(
    storage: Storage, storage_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "store.backup"
    add(storage, "before", 1)
    make_backup(storage_url, file)
    target = other_url(storage_url, tmp_path)

    def broken(_connection: Connection) -> None:
        raise LookupError("power loss")

    with pytest.raises(LookupError):
        restore_backup(target, file, replace=False, mark=broken)
    again = create_storage(target)
    try:
        if storage_url.startswith("sqlite"):
            again.migrate()  # nothing was restored: it is a new store
            assert again.read_now(signers) == []
        else:
            with pytest.raises(Exception, match="already exists"):
                again.migrate()
    finally:
        again.close()
    restore_backup(target, file, replace=True, mark=no_mark)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda b: b[:-20_000], "cut off|damaged"),
        (
            lambda b: b[: len(b) // 2] + bytes([b[len(b) // 2] ^ 1]) + b[len(b) // 2 + 1 :],
            "damaged",
        ),
        (lambda b: b"PK" + b[2:], "is not a backup"),
        (lambda b: b"", "is not a backup"),
        (lambda b: b.replace(b"cession-backup-1", b"cession-backup-9"), "reads cession-backup-1"),
    ],
)
def test_restore_refuses_a_file_that_was_altered(tmp_path: Path, spoil: object, words: str) -> None:
    storage = create_storage(f"sqlite:///{tmp_path}/gateway.db")
    storage.migrate()
    storage.close()
    file = tmp_path / "store.backup"
    make_backup(storage.url, file)
    file.write_bytes(spoil(file.read_bytes()))  # type: ignore[operator]
    with pytest.raises(BackupInvalid, match=words):
        restore_backup(f"sqlite:///{tmp_path}/other.db", file, replace=False, mark=no_mark)
    assert not (tmp_path / "other.db").exists()


def test_a_backup_of_a_newer_schema_or_another_database_is_refused(
    storage: Storage, storage_url: str, tmp_path: Path, postgres_server: str
) -> None:
    file = tmp_path / "store.backup"
    storage.write_now(lambda c: run(c, "UPDATE alembic_version SET version_num = '9999'") and None)
    make_backup(storage_url, file)
    with pytest.raises(BackupInvalid, match="schema 9999"):
        restore_backup(other_url(storage_url, tmp_path), file, replace=False, mark=no_mark)
    foreign = (
        new_database(postgres_server, f"foreign_{os.urandom(4).hex()}")
        if storage_url.startswith("sqlite")
        else f"sqlite:///{tmp_path}/foreign.db"
    )
    with pytest.raises(BackupError, match="the store is"):
        restore_backup(foreign, file, replace=False, mark=no_mark)


def test_a_missing_or_old_pg_dump_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match=r"PostgreSQL 99 .*only version \d+.*client-99"):
        postgres.tool("pg_dump", server=99)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "_DEBIAN", tmp_path)
    with pytest.raises(ToolMissing, match=r"pg_dump of PostgreSQL 15 is not on this machine: "):
        postgres.tool("pg_dump", server=15)


def test_command_reports_the_written_file_and_errors(tmp_path: Path) -> None:
    storage = create_storage(f"sqlite:///{tmp_path}/cession.sqlite")
    storage.migrate()
    storage.close()
    runner = CliRunner()
    words = ["backup", str(tmp_path / "one.backup"), "--data-folder", str(tmp_path)]
    done = runner.invoke(application, words)
    assert done.exit_code == 0, done.output
    assert "nothing indexed yet" in done.output and "sha256" in done.output
    again = runner.invoke(application, words)
    assert again.exit_code == 1 and "exists already" in again.output
    words[-1] = str(tmp_path / "nowhere")
    assert "no folder" in runner.invoke(application, words).output
    environment = {"CESSION_DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}
    missing = runner.invoke(application, ["backup", str(tmp_path / "two")], env=environment)
    assert missing.exit_code == 1 and "there is no store" in missing.output
