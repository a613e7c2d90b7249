"""Queries of documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import run
from app.trade.documents.fingerprint import marks_of


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


def receivable_with_fingerprint(connection: Connection, fingerprints: Sequence[str]) -> int | None:
    """The oldest receivable that has used one of these fingerprints, live or not."""
    marks = ", ".join("?" * len(fingerprints))
    found = run(
        connection,
        f"SELECT min(receivable_id) FROM receivables WHERE fingerprint IN ({marks})",
        tuple(fingerprints),
    ).scalar()
    return None if found is None else int(found)


# A debt stands on a paper when its seller is the paper's owner and both root and fingerprint are
# the paper's (`marks_of`: as a whole, or of an instalment): whoever copies a root off the ledger
# into a debt of its own gets nothing.
_STANDS_ON = (
    "d.root = r.document_root AND EXISTS ("
    "SELECT 1 FROM accounts a JOIN parties p ON p.party_id = a.party_id "
    "JOIN parties_directory o ON o.identity_hash = p.identity_hash "
    "WHERE o.id = d.owner AND a.account = r.seller)"
)


def debtors(connection: Connection, identifier: str) -> set[str]:
    """Accounts of the debtors of the receivables that stand on a document."""
    query = (
        "SELECT r.debtor, r.fingerprint, d.fingerprint FROM documents d "
        f"JOIN receivables r ON {_STANDS_ON} WHERE d.id = ?"
    )
    rows = run(connection, query, (identifier,))
    return {debtor for debtor, used, own in rows if used in marks_of(own)}


def behind(connection: Connection, receivable_id: int) -> DocumentRow | None:
    """The paper that a receivable stands on, if it is kept here."""
    columns = ", ".join(f"d.{field.name}" for field in msgspec.structs.fields(DocumentRow))
    rows = run(
        connection,
        f"SELECT r.fingerprint, {columns} FROM receivables r JOIN documents d ON {_STANDS_ON} "
        "WHERE r.receivable_id = ? ORDER BY d.id LIMIT 20",
        (receivable_id,),
    )
    for row in rows:
        document = _row(list(row)[1:])
        if row[0] in marks_of(document.fingerprint):
            return document
    return None


def add_corrections(connection: Connection, document_id: str, originals: Sequence[str]) -> None:
    """Keeps which invoices, by fingerprint, a document takes the place of."""
    for original in dict.fromkeys(originals):
        run(
            connection,
            "INSERT INTO corrections (document_id, original) VALUES (?, ?)",
            (document_id, original),
        )


# States in which an operation may still bring a receivable.
_OPEN = "'prepared', 'accepted', 'submitted'"


def standing_on(
    connection: Connection, fingerprints: Sequence[str], *, owner: str, besides: str
) -> str | None:
    """A receivable with one of these fingerprints that nobody took back, or an operation of the
    owner's (`besides` this one) that files a document with one; in words.
    """
    if not fingerprints:
        return None
    marks = ", ".join("?" * len(fingerprints))
    found = run(
        connection,
        f"SELECT receivable_id FROM receivables WHERE fingerprint IN ({marks}) "
        "AND status NOT IN ('Rejected', 'Withdrawn') ORDER BY receivable_id LIMIT 1",
        tuple(fingerprints),
    ).scalar()
    if found is not None:
        return f"receivable {found}"
    query = f"SELECT id FROM documents WHERE owner = ? AND fingerprint IN ({marks})"
    papers = {row[0] for row in run(connection, query, (owner, *fingerprints))}
    return _under_way(connection, papers, owner=owner, besides=besides)


def standing_correction(connection: Connection, paper: DocumentRow, *, besides: str) -> str | None:
    """What stands on another document that takes the place of this invoice; in words."""
    rows = run(
        connection,
        "SELECT d.id, d.fingerprint FROM corrections c JOIN documents d ON d.id = c.document_id "
        "WHERE c.original = ? AND d.owner = ? AND d.id <> ?",
        (paper.fingerprint, paper.owner, paper.id),
    )
    for _identifier, own in list(rows):
        found = standing_on(connection, marks_of(own), owner=paper.owner, besides=besides)
        if found is not None:
            return found
    return None


def _under_way(connection: Connection, papers: set[str], *, owner: str, besides: str) -> str | None:
    if not papers:
        return None
    rows = run(
        connection,
        "SELECT id, subject_json FROM operations WHERE kind = 'request-receivable' "
        f"AND party_id = ? AND id <> ? AND state IN ({_OPEN}) ORDER BY id",
        (owner, besides),
    )
    for identifier, subject in rows:
        if json.loads(subject).get("documentId") in papers:
            return f"operation {identifier}"
    return None
