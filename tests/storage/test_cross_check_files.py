"""Files of tax and registry records in the store: they only grow, and the newest are read."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from app.oversight.crosschecks import record_files
from app.oversight.crosschecks.record_files import REGISTRY, TAX, FileRow, StoredFiles
from app.oversight.crosschecks.repository import state_of
from app.storage import RowConflict, Storage


def row(identifier: str, **more: Any) -> FileRow:
    usual: dict[str, Any] = {
        "id": identifier,
        "kind": TAX,
        "source": "tax office",
        "as_of_day": 20_000,
        "first_day": 19_900,
        "last_day": 19_999,
        "document_hash": "0x" + "a" * 64,
        "records": 3,
        "person": "li",
        "party": None,
        "created_at": 2.5,
    }
    return FileRow(**(usual | more))


def stored(storage: Storage, *rows: FileRow) -> None:
    for each in rows:
        storage.write_now(partial(record_files.add, row=each, sealed=each.id.encode()))


def loaded(storage: Storage, *known: str) -> StoredFiles:
    return storage.read_now(lambda connection: record_files.load(connection, known=known))


def test_files_are_read_with_the_bytes_that_are_not_known_yet(storage: Storage) -> None:
    assert loaded(storage) == StoredFiles([], 0, {})
    first = row("f1")
    second = row("f2", kind=REGISTRY, first_day=None, last_day=None, party="p1", as_of_day=1)
    stored(storage, first, second)
    assert loaded(storage) == StoredFiles([first, second], 0, {"f1": b"f1", "f2": b"f2"})
    assert loaded(storage, "f1", "gone").sealed == {"f2": b"f2"}


def test_only_the_newest_of_each_kind_are_read_and_the_others_counted(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_files, "MAX_FILES", {TAX: 2, REGISTRY: 2})
    days = {"f1": 20_005, "f2": 20_001, "f3": 20_003, "f4": 20_003}
    stored(storage, *(row(name, as_of_day=day) for name, day in days.items()))
    stored(storage, row("f5", kind=REGISTRY, as_of_day=1))
    files = loaded(storage)
    assert [each.id for each in files.rows] == ["f1", "f4", "f5"]
    assert (files.older, set(files.sealed)) == (2, {"f1", "f4", "f5"})


def test_files_are_listed_by_kind_from_a_cursor(storage: Storage) -> None:
    stored(storage, row("f1"), row("f2", kind=REGISTRY), row("f3"))

    def listed(kind: str | None, before: str | None, limit: int = 9) -> list[str]:
        rows = storage.read_now(
            lambda connection: record_files.listed(
                connection, kind=kind, before=before, limit=limit
            )
        )
        return [each.id for each in rows]

    assert listed(None, None) == ["f3", "f2", "f1"]
    assert listed(None, None, 1) == ["f3"]
    assert listed(None, "f3") == ["f2", "f1"]
    assert listed(TAX, None) == ["f3", "f1"]
    assert listed(REGISTRY, "f2") == []


def test_a_stored_file_stays_and_changes_the_state_of_the_checks(storage: Storage) -> None:
    before = storage.read_now(state_of)
    stored(storage, row("f1"))
    assert storage.read_now(state_of) != before
    with pytest.raises(RowConflict):
        stored(storage, row("f1", source="another"))
    assert loaded(storage).rows == [row("f1")]
