"""Queries of documents."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import run


class DocumentRow(msgspec.Struct):
    """A document as stored; what was read of it is sealed, like its salts and bytes."""

    id: str
    owner: str
    kind: str
    content_type: str
    fingerprint: str
    root: str
    created_at: float
    model_sealed: bytes | None


_SELECT = (
    "SELECT id, owner, kind, content_type, fingerprint, root, created_at, model_sealed "
    "FROM documents "
)


def _row(row: Any) -> DocumentRow:
    values = list(row)
    values[7] = None if values[7] is None else bytes(values[7])
    return DocumentRow(*values)


def add(connection: Connection, row: DocumentRow, *, encrypted: bytes) -> None:
    """Keeps a document."""
    run(
        connection,
        "INSERT INTO documents (id, owner, kind, content_type, fingerprint, root, created_at, "
        "model_sealed, encrypted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*msgspec.structs.astuple(row), encrypted),
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


# A debt stands on a paper when its seller is the paper's owner and both root and fingerprint are
# the paper's: whoever copies a root off the ledger into a debt of its own gets nothing.
_STANDS_ON = (
    "d.root = r.document_root AND d.fingerprint = r.fingerprint AND EXISTS ("
    "SELECT 1 FROM accounts a JOIN parties p ON p.party_id = a.party_id "
    "JOIN parties_directory o ON o.identity_hash = p.identity_hash "
    "WHERE o.id = d.owner AND a.account = r.seller)"
)


def debtors(connection: Connection, identifier: str) -> set[str]:
    """Accounts of the debtors of the receivables that stand on a document."""
    query = f"SELECT r.debtor FROM documents d JOIN receivables r ON {_STANDS_ON} WHERE d.id = ?"
    return {row[0] for row in run(connection, query, (identifier,))}


def behind(connection: Connection, receivable_id: int) -> DocumentRow | None:
    """The paper that a receivable stands on, if it is kept here."""
    columns = ", ".join(f"d.{field.name}" for field in msgspec.structs.fields(DocumentRow))
    row = run(
        connection,
        f"SELECT {columns} FROM receivables r JOIN documents d ON {_STANDS_ON} "
        "WHERE r.receivable_id = ? ORDER BY d.id LIMIT 1",
        (receivable_id,),
    ).first()
    return None if row is None else _row(row)
