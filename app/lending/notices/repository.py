"""Queries of notices."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.lending.notices.projection import NoticeRow
from app.storage import record_of, run

_COLUMNS = ", ".join(field.name for field in msgspec.structs.fields(NoticeRow))
_SELECT = f"SELECT {_COLUMNS} FROM debtor_notices "
_OWN_LOANS = "SELECT l.loan_id FROM loans l WHERE l.lender = ? OR l.borrower = ? OR l.entruster = ?"
# A party sees the notices that it gave or received, and those on its loans and claims.
_OF_ACCOUNT = (
    f"(debtor = ? OR assignor = ? OR assignee = ? OR notifier = ? OR loan_id IN ({_OWN_LOANS}))"
)
_OF_ACCOUNT_VALUES = 7


def by_id(connection: Connection, notice_id: int, *, account: str | None) -> NoticeRow | None:
    """A notice that an account may see; any for None. None if there is none."""
    wheres, values = _of_account(account)
    where = " AND ".join(["notice_id = ?", *wheres])
    row = run(connection, f"{_SELECT}WHERE {where}", (notice_id, *values)).first()
    return None if row is None else record_of(NoticeRow, row)


def last_of_claim(connection: Connection, claim_id: int) -> NoticeRow | None:
    """The last notice on a claim, which replaces those before it."""
    query = _SELECT + "WHERE claim_id = ? ORDER BY notice_id DESC LIMIT 1"
    row = run(connection, query, (claim_id,)).first()
    return None if row is None else record_of(NoticeRow, row)


def last_ids(connection: Connection, claim_ids: set[int]) -> dict[int, int]:
    """The number of the last notice of each claim that has one."""
    if not claim_ids:
        return {}
    marks = ", ".join("?" * len(claim_ids))
    query = (
        "SELECT claim_id, max(notice_id) AS last FROM debtor_notices "
        f"WHERE claim_id IN ({marks}) GROUP BY claim_id"
    )
    return {row.claim_id: row.last for row in run(connection, query, tuple(claim_ids))}


def listed(
    connection: Connection,
    *,
    account: str | None,
    claim_id: int | None,
    acknowledged: bool | None,
    before: int | None,
    limit: int,
) -> list[NoticeRow]:
    """Notices that an account may see, newest first; all for None."""
    wheres, values = _of_account(account)
    if acknowledged is not None:
        wheres.append(f"acknowledged_day IS {'NOT ' if acknowledged else ''}NULL")
    for clause, value in (("claim_id = ?", claim_id), ("notice_id < ?", before)):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(connection, f"{_SELECT}{where}ORDER BY notice_id DESC LIMIT ?", (*values, limit))
    return [record_of(NoticeRow, row) for row in rows]


def _of_account(account: str | None) -> tuple[list[str], list[Any]]:
    return ([], []) if account is None else ([_OF_ACCOUNT], [account] * _OF_ACCOUNT_VALUES)
