"""Group commit, savepoints, subscriptions, and errors of the database."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection

from app.storage import (
    RowConflict,
    Storage,
    StorageFull,
    StorageUnavailable,
    ValueUnstorable,
    announce,
    create_storage,
    insert_many,
    run,
    run_many,
)
from app.storage.tables.chain import logs, signer_nonces
from tests.support.postgres import new_database


def insert(signer: str, nonce: int = 0) -> Callable[[Connection], int]:
    def write(connection: Connection) -> int:
        run(connection, "INSERT INTO signer_nonces VALUES (?, ?)", (signer, nonce))
        return nonce

    return write


def count(connection: Connection) -> int:
    return int(run(connection, "SELECT count(*) FROM signer_nonces").scalar())


def test_a_committed_change_is_read_back(storage: Storage) -> None:
    assert storage.write_now(insert("a", 7)) == 7
    assert storage.read_now(count) == 1


def test_a_failure_undoes_only_its_own_change(storage: Storage) -> None:
    def spoiled(connection: Connection) -> int:
        insert("spoiled")(connection)
        raise LookupError("after the write")

    async def many() -> list[int | BaseException]:
        writes = [storage.write(insert(str(n))) for n in range(50)]
        writes[25:25] = [storage.write(spoiled)]
        return await asyncio.gather(*writes, return_exceptions=True)

    results = asyncio.run(many())
    assert isinstance(results[25], LookupError)
    assert len([result for result in results if result == 0]) == 50
    assert storage.read_now(count) == 50


def test_duplicate_key_is_a_conflict_and_changes_no_other_write(storage: Storage) -> None:
    async def many() -> list[object]:
        names = ("a", "b", "a", "c")
        writes = [storage.write(insert(name)) for name in names]
        return await asyncio.gather(*writes, return_exceptions=True)

    results = asyncio.run(many())
    assert isinstance(results[2], RowConflict)
    assert storage.read_now(count) == 3


@pytest.mark.parametrize("value", [("a", 2**63), ("\ud83d", 1)])
def test_value_that_no_column_accepts_raises_value_unstorable(
    storage: Storage, value: tuple[str, int]
) -> None:
    with pytest.raises(ValueUnstorable):
        storage.write_now(insert(*value))
    assert storage.read_now(count) == 0


def test_subscribers_hear_of_a_change_only_after_its_commit(storage: Storage) -> None:
    heard: list[tuple[str, int]] = []
    storage.subscribe("told", lambda subject: heard.append((subject, storage.read_now(count))))

    def kept(connection: Connection) -> None:
        insert("kept")(connection)
        announce(connection, "told", "kept")

    def lost(connection: Connection) -> None:
        announce(connection, "told", "lost")
        raise LookupError

    async def both() -> None:
        await asyncio.gather(storage.write(kept), storage.write(lost), return_exceptions=True)

    asyncio.run(both())
    assert heard == [("kept", 1)]


def test_a_reader_cannot_write(storage: Storage) -> None:
    with pytest.raises(Exception, match=r"(?i)read.?only"):
        storage.read_now(insert("a"))
    assert storage.read_now(count) == 0


def test_a_read_sees_one_state_of_the_store(storage: Storage) -> None:
    def twice(connection: Connection) -> tuple[int, int]:
        before = count(connection)
        storage.write_now(insert("meanwhile"))
        return before, count(connection)

    assert storage.read_now(twice) == (0, 0)
    assert storage.read_now(count) == 1


def test_bulk_insert_stores_every_row_unchanged(storage: Storage) -> None:
    rows = [(n, "0xb", 0, n, "0xt", "0xa", "0x1,0x2", "0x\\ odd\t") for n in range(5000)]

    def write(connection: Connection) -> None:
        insert_many(connection, logs, rows)
        insert_many(connection, signer_nonces, [])

    storage.write_now(write)
    read = storage.read_now(
        lambda connection: run(connection, "SELECT * FROM logs ORDER BY position").all()
    )
    assert [tuple(row) for row in read] == rows


def test_statement_for_many_rows_returns_the_number_of_changed_rows(storage: Storage) -> None:
    storage.write_now(lambda c: insert_many(c, signer_nonces, [("a", 1), ("b", 1)]))
    touched = storage.write_now(
        lambda c: run_many(
            c, "UPDATE signer_nonces SET next_nonce = ? WHERE signer = ?", [(5, "a"), (6, "z")]
        )
    )
    assert touched == 1


def test_closed_store_raises_storage_unavailable(storage_url: str) -> None:
    store = create_storage(storage_url)
    store.close()
    with pytest.raises(StorageUnavailable):
        store.write_now(count)


def test_pending_changes_are_finished_when_the_store_closes(storage_url: str) -> None:
    store = create_storage(storage_url)
    store.migrate()

    async def main() -> list[int]:
        waiting = [asyncio.ensure_future(store.write(insert(str(n)))) for n in range(500)]
        await asyncio.sleep(0)
        await asyncio.to_thread(store.close)
        return await asyncio.gather(*waiting)

    assert asyncio.run(main()) == [0] * 500


def test_full_disk_raises_an_error_and_leaves_no_partial_change(tmp_path: Path) -> None:
    store = create_storage(f"sqlite:///{tmp_path}/full.db")
    store.migrate()

    def shrink(connection: Connection) -> None:
        pages = run(connection, "PRAGMA page_count").scalar()
        run(connection, f"PRAGMA max_page_count = {pages + 8}")

    store.write_now(shrink)

    def large(connection: Connection) -> int:
        insert_many(connection, signer_nonces, [(f"{n:0500d}", n) for n in range(2000)])
        return 2000

    async def beside() -> list[int | BaseException]:
        writes = [store.write(insert("before")), store.write(large), store.write(insert("after"))]
        return await asyncio.gather(*writes, return_exceptions=True)

    results = asyncio.run(beside())
    assert [results[0], results[2]] == [0, 0]
    assert isinstance(results[1], StorageFull)
    assert store.read_now(count) == 2
    store.close()


def test_a_lost_folder_is_unavailable_not_a_crash(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    store = create_storage(f"sqlite:///{folder}/a.db")
    shutil.rmtree(folder)
    with pytest.raises(StorageUnavailable):
        store.read_now(lambda connection: run(connection, "SELECT 1").scalar())
    store.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name"])
def test_unusable_store_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        create_storage(url)


def test_both_changes_succeed_when_gateways_deadlock(postgres_server: str) -> None:
    url = new_database(postgres_server, f"test_{uuid4().hex}")
    first, second = create_storage(url), create_storage(url)
    first.migrate()
    for signer in "ab":
        first.write_now(insert(signer))

    def raise_both(first_signer: str, other: str) -> Callable[[Connection], None]:
        def write(connection: Connection) -> None:
            for signer in (first_signer, other):
                run(
                    connection,
                    "UPDATE signer_nonces SET next_nonce = next_nonce + 1 WHERE signer = ?",
                    (signer,),
                )
                run(connection, "SELECT pg_sleep(0.02)")

        return write

    async def both() -> None:
        await asyncio.gather(
            *(first.write(raise_both("a", "b")) for _ in range(6)),
            *(second.write(raise_both("b", "a")) for _ in range(6)),
        )

    asyncio.run(both())
    query = "SELECT next_nonce FROM signer_nonces"
    assert [row[0] for row in first.read_now(lambda c: run(c, query).all())] == [12, 12]
    first.close()
    second.close()
