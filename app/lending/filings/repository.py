"""Queries of filings."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.lending.notices.projection import FilingRow
from app.storage import record_of, run

_COLUMNS = ", ".join(field.name for field in msgspec.structs.fields(FilingRow))
_SELECT = f"SELECT {_COLUMNS} FROM filings "


class EntryRow(msgspec.Struct):
    """One step of a filing; the fields are columns of the table."""

    kind: str
    number: str
    day: int
    end_day: int | None
    secured_amount: int | None
    transaction_hash: str
    timestamp: int


_ENTRY = ", ".join(field.name for field in msgspec.structs.fields(EntryRow))


def by_id(connection: Connection, filing_id: int) -> FilingRow | None:
    """A filing."""
    row = run(connection, _SELECT + "WHERE filing_id = ?", (filing_id,)).first()
    return None if row is None else record_of(FilingRow, row)


def entries(connection: Connection, filing_id: int) -> list[EntryRow]:
    """The steps of a filing, oldest first."""
    query = f"SELECT {_ENTRY} FROM filing_entries WHERE filing_id = ? ORDER BY position"
    return [record_of(EntryRow, row) for row in run(connection, query, (filing_id,))]


def of_subject(connection: Connection, subject: str, subject_id: int) -> list[FilingRow]:
    """All filings for a loan or a claim, newest first."""
    query = _SELECT + "WHERE subject = ? AND subject_id = ? ORDER BY filing_id DESC"
    return [record_of(FilingRow, row) for row in run(connection, query, (subject, subject_id))]


def others_with_number(connection: Connection, row: FilingRow) -> list[int]:
    """Filings of other registrants under the same number, which a register gives once."""
    query = "SELECT filing_id FROM filings WHERE number = ? AND registrant <> ? ORDER BY filing_id"
    return [other.filing_id for other in run(connection, query, (row.number, row.registrant))]


def currency_of(connection: Connection, row: FilingRow) -> str:
    """The address of the currency in which a filing secures an amount."""
    query = "SELECT currency FROM loans WHERE loan_id = ?"
    if row.subject == "claim":
        query = (
            "SELECT r.currency FROM claims c JOIN receivables r "
            "ON r.receivable_id = c.receivable_id WHERE c.claim_id = ?"
        )
    return str(run(connection, query, (row.subject_id,)).scalar())


def listed(
    connection: Connection,
    *,
    account: str | None,
    subject: str | None,
    subject_id: int | None,
    before: int | None,
    limit: int,
) -> list[FilingRow]:
    """Filings by or against an account, newest first; all for None."""
    wheres: list[str] = []
    values: list[Any] = []
    if account is not None:
        wheres.append("(registrant = ? OR grantor = ?)")
        values += [account] * 2
    for clause, value in (
        ("subject = ?", subject),
        ("subject_id = ?", subject_id),
        ("filing_id < ?", before),
    ):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(connection, f"{_SELECT}{where}ORDER BY filing_id DESC LIMIT ?", (*values, limit))
    return [record_of(FilingRow, row) for row in rows]
