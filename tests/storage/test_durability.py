"""A commit is on the disk before its caller is told, so it survives a power loss."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.embedded import embedded_settings
from app.storage import create_storage, run
from app.storage.durable import write_new
from tests.support.postgres import new_database
from tests.support.power_loss import power_loss

FULL = 2


def test_default_writer_waits_for_the_disk(tmp_path: Path) -> None:
    storage = create_storage(f"sqlite:///{tmp_path}/gateway.db")
    try:
        level = storage.write_now(lambda c: run(c, "PRAGMA synchronous").scalar())
        mode = storage.write_now(lambda c: run(c, "PRAGMA journal_mode").scalar())
    finally:
        storage.close()
    assert (level, mode) == (FULL, "wal")


def test_asynchronous_commit_of_the_server_is_overridden(postgres_server: str) -> None:
    url = new_database(postgres_server, "durability")
    plain = create_storage(url)
    try:
        run_alone = "ALTER DATABASE durability SET synchronous_commit = off"
        plain.write_now(lambda c: run(c, run_alone))
    finally:
        plain.close()
    storage = create_storage(url)
    try:
        show = "SHOW synchronous_commit"
        assert storage.read_now(lambda c: run(c, show).scalar()) == "off"
        assert storage.write_now(lambda c: run(c, show).scalar()) == "on"
        assert storage.write_now(lambda c: run(c, show).scalar()) == "on"
    finally:
        storage.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reaches SQLite's library as Linux names it")
def test_completed_write_survives_a_power_loss(tmp_path: Path) -> None:
    source, kept = tmp_path / "running", tmp_path / "disk"
    kept.mkdir()

    def after_power_loss() -> list[int]:
        """What a fresh process finds in the files as the disk has them."""
        copy = tmp_path / "copy"
        copy.mkdir(exist_ok=True)
        for file in kept.iterdir():
            # SQLite itself flushes the folder when it removes a journal.
            if (source / file.name).exists():
                (copy / file.name).write_bytes(file.read_bytes())
        with sqlite3.connect(copy / "gateway.db") as database:
            rows = [row[0] for row in database.execute("SELECT nonce FROM relayed ORDER BY nonce")]
        database.close()
        for file in copy.iterdir():
            file.unlink()
        return rows

    with power_loss(source, kept) as disk:
        storage = create_storage(f"sqlite:///{source}/gateway.db")
        try:
            storage.write_now(lambda c: run(c, "CREATE TABLE relayed (nonce INTEGER)"))
            for nonce in range(20):

                def keep(connection: Connection, nonce: int = nonce) -> None:
                    run(connection, "INSERT INTO relayed VALUES (?)", (nonce,))

                storage.write_now(keep)
                # At this point the relayer sends the stored transaction.
                assert after_power_loss() == list(range(nonce + 1))
        finally:
            storage.close()
    assert disk.flushes > 20


def test_secret_file_is_written_completely_and_overwrites_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        flushed.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    folder = tmp_path / "a" / "b"
    first = embedded_settings(folder, rpc_url="http://127.0.0.1:1")
    # The two folders' names, the file's bytes, the file's name.
    assert flushed == ["folder", "folder", "file", "folder"]
    file = folder / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["master_key"] == first.master_key
    assert embedded_settings(folder, rpc_url="http://127.0.0.1:1") == first
    with pytest.raises(FileExistsError):
        write_new(file, b"{}")
    assert [path.name for path in folder.iterdir()] == ["secrets.json"]
