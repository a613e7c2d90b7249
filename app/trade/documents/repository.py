"""Queries of documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run
from app.trade.documents.fingerprint import fingerprints_of


class DocumentRow(msgspec.Struct):
    """A document as stored; its parsed content, salts and bytes are encrypted."""

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
    sealed = None if row.model_sealed is None else bytes(row.model_sealed)
    return record_of(DocumentRow, row, model_sealed=sealed)


def add(connection: Connection, row: DocumentRow, *, encrypted: bytes) -> None:
    """Stores a document."""
    run(
        connection,
        "INSERT INTO documents (id, owner, kind, content_type, fingerprint, root, created_at, "
        "model_sealed, encrypted, numbered) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        (*msgspec.structs.astuple(row), encrypted),
    )


def unnumbered(connection: Connection, *, after: str, limit: int) -> list[DocumentRow]:
    """Documents whose number is not among `document_numbers` yet, oldest first."""
    rows = run(
        connection,
        _SELECT + "WHERE numbered = 0 AND id > ? ORDER BY id LIMIT ?",
        (after, limit),
    )
    return [_row(row) for row in rows]


def set_numbered(connection: Connection, identifier: str) -> None:
    """Notes that the beginnings of the document's number are stored."""
    run(connection, "UPDATE documents SET numbered = 1 WHERE id = ?", (identifier,))


def by_number(
    connection: Connection, token: str, *, owner: str | None, limit: int
) -> list[DocumentRow]:
    """Documents whose number has this token, newest first; `owner` None: everybody's."""
    whose, values = ("", ()) if owner is None else ("owner = ? AND ", (owner,))
    rows = run(
        connection,
        f"{_SELECT}WHERE id IN (SELECT document_id FROM document_numbers WHERE {whose}token = ? "
        "ORDER BY document_id DESC LIMIT ?) ORDER BY id DESC",
        (*values, token, limit),
    )
    return [_row(row) for row in rows]


def by_hash(connection: Connection, digest: str, *, limit: int) -> list[DocumentRow]:
    """Documents with this root or fingerprint, newest first."""
    query = f"{_SELECT}WHERE root = ? OR fingerprint = ? ORDER BY id DESC LIMIT ?"
    return [_row(row) for row in run(connection, query, (digest, digest, limit))]


def by_id(connection: Connection, identifier: str) -> DocumentRow | None:
    """A document; None if there is none."""
    row = run(connection, _SELECT + "WHERE id = ?", (identifier,)).first()
    return None if row is None else _row(row)


def encrypted_content(connection: Connection, identifier: str) -> bytes | None:
    """The encrypted salts and bytes of a document."""
    encrypted = run(
        connection, "SELECT encrypted FROM documents WHERE id = ?", (identifier,)
    ).scalar()
    return None if encrypted is None else bytes(encrypted)


def listed(
    connection: Connection,
    *,
    owner: str | None,
    before: str | None,
    limit: int,
    kind: str | None = None,
) -> list[DocumentRow]:
    """Documents, newest first; `owner` None: of everybody, for those who see all."""
    wheres, values = [], []
    for clause, value in (("owner = ?", owner), ("kind = ?", kind), ("id < ?", before)):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(connection, f"{_SELECT}{where}ORDER BY id DESC LIMIT ?", (*values, limit))
    return [_row(row) for row in rows]


def receivable_with_fingerprint(connection: Connection, fingerprints: Sequence[str]) -> int | None:
    """The oldest receivable with one of these fingerprints, whatever its status."""
    placeholders = ", ".join("?" * len(fingerprints))
    receivable_id = run(
        connection,
        f"SELECT min(receivable_id) FROM receivables WHERE fingerprint IN ({placeholders})",
        tuple(fingerprints),
    ).scalar()
    return None if receivable_id is None else int(receivable_id)


# A document is behind a debt if its owner is the debt's seller, and root and fingerprint agree; the
# fingerprint may be the whole invoice's or an instalment's (`fingerprints_of`). So nobody gains by
# copying a root from the ledger into a debt of its own.
_IS_BEHIND = (
    "d.root = r.document_root AND EXISTS ("
    "SELECT 1 FROM accounts a JOIN parties p ON p.party_id = a.party_id "
    "JOIN parties_directory o ON o.identity_hash = p.identity_hash "
    "WHERE o.id = d.owner AND a.account = r.seller)"
)


def debtors(connection: Connection, identifier: str) -> set[str]:
    """Accounts of the debtors of the receivables that a document is behind."""
    query = (
        "SELECT r.debtor, r.fingerprint AS filed_under, d.fingerprint FROM documents d "
        f"JOIN receivables r ON {_IS_BEHIND} WHERE d.id = ?"
    )
    rows = run(connection, query, (identifier,))
    return {str(row.debtor) for row in rows if row.filed_under in fingerprints_of(row.fingerprint)}


def credited_debtors(connection: Connection, identifier: str) -> set[str]:
    """Accounts of the debtors of the receivables that a document credits, once its owner signed."""
    query = (
        "SELECT DISTINCT r.debtor FROM credit_note_drafts d "
        "JOIN receivables r ON r.receivable_id = d.receivable_id WHERE d.document_id = ?"
    )
    return {str(row.debtor) for row in run(connection, query, (identifier,))}


def behind(connection: Connection, receivable_id: int) -> DocumentRow | None:
    """The document behind a receivable, if it is stored here."""
    columns = ", ".join(f"d.{field.name}" for field in msgspec.structs.fields(DocumentRow))
    rows = run(
        connection,
        f"SELECT r.fingerprint AS filed_under, {columns} FROM receivables r "
        f"JOIN documents d ON {_IS_BEHIND} WHERE r.receivable_id = ? ORDER BY d.id LIMIT 20",
        (receivable_id,),
    )
    for row in rows:
        document = _row(row)
        if row.filed_under in fingerprints_of(document.fingerprint):
            return document
    return None


class Behind(msgspec.Struct, frozen=True):
    """The document behind a receivable.

    Attributes:
        instalment: which of the document's instalments the receivable is, from 1; 0: the whole.
    """

    document_id: str
    instalment: int


def all_behind(connection: Connection, *, first: int) -> dict[int, Behind]:
    """The documents behind receivables, from a number on, as far as they are stored here."""
    rows = run(
        connection,
        "SELECT r.receivable_id, r.fingerprint AS filed_under, d.id, d.fingerprint "
        f"FROM receivables r JOIN documents d ON {_IS_BEHIND} WHERE r.receivable_id >= ? "
        "ORDER BY r.receivable_id, d.id",
        (first,),
    )
    stored: dict[int, Behind] = {}
    for row in rows:
        if row.receivable_id in stored:
            continue
        if row.filed_under == row.fingerprint:
            stored[row.receivable_id] = Behind(row.id, 0)
        elif row.filed_under in (filed := fingerprints_of(row.fingerprint)):
            stored[row.receivable_id] = Behind(row.id, filed.index(row.filed_under))
    return stored


def sealed_models(connection: Connection, identifiers: Sequence[str]) -> dict[str, bytes]:
    """The encrypted content of these documents, as far as it is stored; at most some hundred."""
    if not identifiers:
        return {}
    rows = run(
        connection,
        "SELECT id, model_sealed FROM documents WHERE model_sealed IS NOT NULL "
        f"AND id IN ({', '.join('?' * len(identifiers))})",
        tuple(identifiers),
    )
    return {row.id: bytes(row.model_sealed) for row in rows}


def add_corrections(connection: Connection, document_id: str, originals: Sequence[str]) -> None:
    """Stores which invoices, by fingerprint, a document replaces."""
    for original in dict.fromkeys(originals):
        run(
            connection,
            "INSERT INTO corrections (document_id, original) VALUES (?, ?)",
            (document_id, original),
        )


# States in which an operation may still create a receivable.
_OPEN = "'prepared', 'accepted', 'submitted'"


def filed_under(
    connection: Connection, fingerprints: Sequence[str], *, owner: str, besides: str
) -> str | None:
    """Names what is filed under one of these fingerprints; None for nothing.

    That is a receivable that was not rejected or withdrawn; or another operation of the owner's
    than `besides`, under way, that files a document with such a fingerprint.
    """
    if not fingerprints:
        return None
    placeholders = ", ".join("?" * len(fingerprints))
    receivable_id = run(
        connection,
        f"SELECT receivable_id FROM receivables WHERE fingerprint IN ({placeholders}) "
        "AND status NOT IN ('Rejected', 'Withdrawn') ORDER BY receivable_id LIMIT 1",
        tuple(fingerprints),
    ).scalar()
    if receivable_id is not None:
        return f"receivable {receivable_id}"
    query = f"SELECT id FROM documents WHERE owner = ? AND fingerprint IN ({placeholders})"
    document_ids = {str(row.id) for row in run(connection, query, (owner, *fingerprints))}
    return _under_way(connection, document_ids, owner=owner, besides=besides)


def filed_correction(connection: Connection, document: DocumentRow, *, besides: str) -> str | None:
    """Names what is filed for another document that replaces this invoice; None for nothing."""
    rows = run(
        connection,
        "SELECT d.id, d.fingerprint FROM corrections c JOIN documents d ON d.id = c.document_id "
        "WHERE c.original = ? AND d.owner = ? AND d.id <> ?",
        (document.fingerprint, document.owner, document.id),
    )
    for _identifier, fingerprint in list(rows):
        filed = filed_under(
            connection, fingerprints_of(fingerprint), owner=document.owner, besides=besides
        )
        if filed is not None:
            return filed
    return None


def _under_way(
    connection: Connection, document_ids: set[str], *, owner: str, besides: str
) -> str | None:
    if not document_ids:
        return None
    rows = run(
        connection,
        "SELECT id, subject_json FROM operations WHERE kind = 'request-receivable' "
        f"AND party_id = ? AND id <> ? AND state IN ({_OPEN}) ORDER BY id",
        (owner, besides),
    )
    for identifier, subject in rows:
        if json.loads(subject).get("documentId") in document_ids:
            return f"operation {identifier}"
    return None
