"""Files of tax and registry records as stored: rows that nothing changes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run

TAX, REGISTRY = "tax", "registry"
# The newest files of a kind; at most 5,000 rows of tax or 200 relations each bound time and memory.
MAX_FILES = {TAX: 100, REGISTRY: 2_000}
_AT_ONCE = 100


class FileRow(msgspec.Struct, frozen=True):
    """A file; its bytes are encrypted.

    Attributes:
        kind: tax or registry.
        as_of_day: as of which the records are true.
        first_day, last_day: the period of tax records; None: an extract of the register.
        document_hash: SHA-256 of its bytes, 0x and 64 digits.
        records: its rows under the header.
        person: the label of the key that handed it in.
        party: id in the directory; None: an official handed it in.
    """

    id: str
    kind: str
    source: str
    as_of_day: int
    first_day: int | None
    last_day: int | None
    document_hash: str
    records: int
    person: str
    party: str | None
    created_at: float


class StoredFiles(msgspec.Struct, frozen=True):
    """The files that the checks read.

    Attributes:
        older: so many are not read, because they are too many.
        sealed: encrypted bytes by id, of files that are not known yet.
    """

    rows: list[FileRow]
    older: int
    sealed: dict[str, bytes]


_FIELDS = FileRow.__struct_fields__
_SELECT = f"SELECT {', '.join(_FIELDS)} FROM cross_check_files "


def add(connection: Connection, row: FileRow, *, sealed: bytes) -> None:
    """Stores a file; nothing changes an earlier one."""
    marks = ", ".join("?" * (len(_FIELDS) + 1))
    run(
        connection,
        f"INSERT INTO cross_check_files ({', '.join(_FIELDS)}, sealed) VALUES ({marks})",
        (*msgspec.structs.astuple(row), sealed),
    )


def listed(
    connection: Connection, *, kind: str | None, before: str | None, limit: int
) -> list[FileRow]:
    """Files of a kind, the newest first; None: of both."""
    wheres = [("kind = ?", kind), ("id < ?", before)]
    filters = [(where, value) for where, value in wheres if value is not None]
    where = f"WHERE {' AND '.join(where for where, _ in filters)} " if filters else ""
    values = (*(value for _, value in filters), limit)
    rows = run(connection, f"{_SELECT}{where}ORDER BY id DESC LIMIT ?", values)
    return [_row(row) for row in rows]


def newest(connection: Connection) -> tuple[list[FileRow], int]:
    """The files that the checks read, and how many older ones they do not."""
    files: list[FileRow] = []
    for kind, maximum in MAX_FILES.items():
        query = f"{_SELECT}WHERE kind = ? ORDER BY as_of_day DESC, id DESC LIMIT ?"
        files += [_row(row) for row in run(connection, query, (kind, maximum))]
    count = int(run(connection, "SELECT count(*) FROM cross_check_files").scalar() or 0)
    return files, count - len(files)


def load(connection: Connection, *, known: Collection[str]) -> StoredFiles:
    """The files that the checks read.

    Args:
        known: ids of files that need not be read again.
    """
    rows, older = newest(connection)
    unread = {row.id for row in rows} - set(known)
    return StoredFiles(rows, older, _sealed(connection, unread))


def _sealed(connection: Connection, identifiers: Collection[str]) -> dict[str, bytes]:
    """The encrypted bytes of files, by id."""
    ordered = sorted(identifiers)
    sealed: dict[str, bytes] = {}
    for at in range(0, len(ordered), _AT_ONCE):
        part = tuple(ordered[at : at + _AT_ONCE])
        marks = ", ".join("?" * len(part))
        query = f"SELECT id, sealed FROM cross_check_files WHERE id IN ({marks})"
        sealed |= {row.id: bytes(row.sealed) for row in run(connection, query, part)}
    return sealed


def about(identifier: str) -> str:
    """The `about` of a file's encrypted bytes."""
    return f"cross-check file {identifier}"


def _row(row: Any) -> FileRow:
    return record_of(FileRow, row)
