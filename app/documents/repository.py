"""Queries of documents."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import run


class DocumentRow(msgspec.Struct):
    """A document as stored; `encrypted` holds salts and bytes."""

    id: str
    owner: str
    kind: str
    content_type: str
    model: dict[str, Any]
    fingerprint: str
    root: str
    created_at: float


_SELECT = (
    "SELECT id, owner, kind, content_type, model_json, fingerprint, root, created_at "
    "FROM documents "
)


def _row(row: Any) -> DocumentRow:
    values = list(row)
    values[4] = msgspec.json.decode(values[4])
    return DocumentRow(*values)


def add(
    connection: Connection,
    *,
    identifier: str,
    owner: str,
    kind: str,
    content_type: str,
    model: dict[str, Any],
    fingerprint: str,
    root: str,
    encrypted: bytes,
) -> None:
    """Keeps a document."""
    run(
        connection,
        "INSERT INTO documents (id, owner, kind, content_type, model_json, fingerprint, root, "
        "encrypted, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(identifier, owner, kind, content_type, msgspec.json.encode(model).decode()),
            *(fingerprint, root, encrypted, time.time()),
        ),
    )


def by_id(connection: Connection, identifier: str) -> DocumentRow | None:
    """A document."""
    row = run(connection, _SELECT + "WHERE id = ?", (identifier,)).first()
    return None if row is None else _row(row)


def sealed(connection: Connection, identifier: str) -> bytes | None:
    """What is kept encrypted."""
    found = run(connection, "SELECT encrypted FROM documents WHERE id = ?", (identifier,)).scalar()
    return None if found is None else bytes(found)


def listed(
    connection: Connection, *, owner: str | None, before: str | None, limit: int
) -> list[DocumentRow]:
    """Newest first; of one owner or, for those who see all, of everybody."""
    wheres, values = [], []
    for clause, value in (("owner = ?", owner), ("id < ?", before)):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(connection, f"{_SELECT}{where}ORDER BY id DESC LIMIT ?", (*values, limit))
    return [_row(row) for row in rows]


def receivable_with_fingerprint(connection: Connection, fingerprint: str) -> int | None:
    """The receivable that has used this fingerprint, live or not."""
    found = run(
        connection,
        "SELECT receivable_id FROM receivables WHERE fingerprint = ?",
        (fingerprint,),
    ).scalar()
    return None if found is None else int(found)


def parties_of_root(connection: Connection, root: str) -> list[tuple[str, str]]:
    """Seller's and debtor's accounts of the receivables that stand on a document."""
    rows = run(
        connection, "SELECT seller, debtor FROM receivables WHERE document_root = ?", (root,)
    )
    return [(row[0], row[1]) for row in rows]
