"""Queries of documents for draws, attesters, and reports of trade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import Connection

from app.domain.trade import MonthOfTrade, month_at
from app.lending.rows import FacilityRow
from app.storage import record_of, run

CUSTOMS_DECLARATION = 1


class StoredDocument(msgspec.Struct):
    """A document as its owner uploaded it; its content is encrypted."""

    id: str
    owner: str
    kind: int
    fingerprint: str
    root: str
    created_at: float
    sealed: bytes


class SubmittedDocument(msgspec.Struct):
    """A document as the ledger knows it."""

    party_id: int
    fingerprint: str
    facility_id: int
    kind: int
    document_root: str
    day: int
    amount: int
    offered: int
    loan_id: int | None
    accepted_by: str | None
    transaction_hash: str
    timestamp: int


class ReportRow(msgspec.Struct):
    """A report of a merchant's trade of a month, or a correction of one."""

    position: int
    platform_party: int
    merchant_party: int
    currency: str
    month: int
    amount: int
    returned: int
    revision: int
    transaction_hash: str
    timestamp: int


_STORED = "SELECT id, owner, kind, fingerprint, root, created_at, sealed FROM draw_documents "
_SUBMITTED = (
    f"SELECT {', '.join(field.name for field in msgspec.structs.fields(SubmittedDocument))} "
    "FROM loan_documents "
)
_REPORTS = (
    f"SELECT {', '.join(field.name for field in msgspec.structs.fields(ReportRow))} "
    "FROM trade_reports r "
)


def add(connection: Connection, row: StoredDocument) -> None:
    """Stores a document."""
    run(
        connection,
        "INSERT INTO draw_documents (id, owner, kind, fingerprint, root, created_at, sealed) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        msgspec.structs.astuple(row),
    )


def by_id(connection: Connection, identifier: str) -> StoredDocument | None:
    """A document; None if there is none."""
    row = run(connection, _STORED + "WHERE id = ?", (identifier,)).first()
    return None if row is None else record_of(StoredDocument, row, sealed=bytes(row.sealed))


def listed(
    connection: Connection, *, owner: str, before: str | None, limit: int
) -> list[StoredDocument]:
    """A party's documents, newest first."""
    where, values = ("AND id < ? ", [before]) if before is not None else ("", [])
    rows = run(
        connection,
        f"{_STORED}WHERE owner = ? {where}ORDER BY id DESC LIMIT ?",
        (owner, *values, limit),
    )
    return [record_of(StoredDocument, row, sealed=bytes(row.sealed)) for row in rows]


def content_of(connection: Connection, submitted: SubmittedDocument) -> StoredDocument | None:
    """The upload behind a submitted document: of the borrower itself, with these two hashes."""
    row = run(
        connection,
        "SELECT s.id, s.owner, s.kind, s.fingerprint, s.root, s.created_at, s.sealed "
        "FROM draw_documents s JOIN parties_directory o ON o.id = s.owner "
        "JOIN parties p ON p.identity_hash = o.identity_hash "
        "WHERE s.fingerprint = ? AND s.root = ? AND p.party_id = ? ORDER BY s.id LIMIT 1",
        (submitted.fingerprint, submitted.document_root, submitted.party_id),
    ).first()
    return None if row is None else record_of(StoredDocument, row, sealed=bytes(row.sealed))


def of_loan(connection: Connection, loan_id: int) -> list[SubmittedDocument]:
    """The documents that a loan's draw used."""
    rows = run(connection, _SUBMITTED + "WHERE loan_id = ? ORDER BY kind", (loan_id,))
    return [record_of(SubmittedDocument, row) for row in rows]


def of_facility(
    connection: Connection, facility_id: int, *, before: str | None, limit: int
) -> list[SubmittedDocument]:
    """The documents that were submitted to a facility and are there still, by fingerprint."""
    where, values = ("AND fingerprint > ? ", [before]) if before is not None else ("", [])
    rows = run(
        connection,
        f"{_SUBMITTED}WHERE facility_id = ? {where}ORDER BY fingerprint LIMIT ?",
        (facility_id, *values, limit),
    )
    return [record_of(SubmittedDocument, row) for row in rows]


def submitted(
    connection: Connection, facility_id: int, fingerprint: str
) -> SubmittedDocument | None:
    """A document of a facility."""
    row = run(
        connection,
        _SUBMITTED + "WHERE facility_id = ? AND fingerprint = ?",
        (facility_id, fingerprint),
    ).first()
    return None if row is None else record_of(SubmittedDocument, row)


def attester(connection: Connection, facility_id: int) -> tuple[int, str] | None:
    """The party that the lender named for a facility, and its account; None: the lender itself."""
    row = run(
        connection,
        "SELECT party_id, account FROM facility_attesters WHERE facility_id = ?",
        (facility_id,),
    ).first()
    return None if row is None else (int(row.party_id), str(row.account))


def party_of(connection: Connection, account: str) -> int:
    """The party of an account: its number on the ledger; 0 for none."""
    query = "SELECT party_id FROM accounts WHERE account = ?"
    return int(run(connection, query, (account,)).scalar() or 0)


def declared(connection: Connection, facility_id: int) -> Iterator[MonthOfTrade]:
    """The accepted customs declarations of a facility."""
    rows = run(
        connection,
        "SELECT day, amount FROM loan_documents WHERE facility_id = ? AND kind = ? "
        "AND accepted_by IS NOT NULL",
        (facility_id, CUSTOMS_DECLARATION),
    )
    for row in rows:
        yield MonthOfTrade(month_at(row.day), row.amount)


def reported(connection: Connection, row: FacilityRow, months: range) -> Iterator[MonthOfTrade]:
    """What counts of the borrower's trade: the last report of each month by the attester."""
    named = attester(connection, row.facility_id)
    platform = party_of(connection, row.lender) if named is None else named[0]
    merchant = party_of(connection, row.borrower)
    reports = run(
        connection,
        _REPORTS + "WHERE platform_party = ? AND merchant_party = ? AND currency = ? "
        "AND month BETWEEN ? AND ? AND NOT EXISTS (SELECT 1 FROM trade_reports n "
        "WHERE n.platform_party = r.platform_party AND n.merchant_party = r.merchant_party "
        "AND n.currency = r.currency AND n.month = r.month AND n.revision > r.revision)",
        (platform, merchant, row.currency, months[0], months[-1]),
    )
    for report in reports:
        yield MonthOfTrade(report.month, report.amount, report.returned)


def reports(
    connection: Connection, *, party_id: int | None, before: int | None, limit: int
) -> list[ReportRow]:
    """Reports by or of a party, or all; newest first."""
    wheres: list[str] = []
    values: list[int] = []
    if party_id is not None:
        wheres.append("(platform_party = ? OR merchant_party = ?)")
        values += [party_id, party_id]
    if before is not None:
        wheres.append("position < ?")
        values.append(before)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(connection, f"{_REPORTS}{where}ORDER BY position DESC LIMIT ?", (*values, limit))
    return [record_of(ReportRow, row) for row in rows]


def accounts_of(connection: Connection, party_ids: Sequence[int]) -> dict[int, str]:
    """An account of each party, to name it by."""
    if not party_ids:
        return {}
    marks = ", ".join("?" * len(party_ids))
    rows = run(
        connection,
        f"SELECT party_id, min(account) AS account FROM accounts WHERE party_id IN ({marks}) "
        "GROUP BY party_id",
        tuple(party_ids),
    )
    return {int(row.party_id): str(row.account) for row in rows}
