"""Queries of reference rates, and of loans whose rate is due for a reset."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run


class ReferenceRow(msgspec.Struct):
    """A reference with the bounds for its next rate."""

    code: str
    max_step: int
    max_days: int


class RateRow(msgspec.Struct):
    """A rate; `confirmer` is None while it is only proposed."""

    position: int
    code: str
    appraiser: str
    confirmer: str | None
    from_day: int
    last_day: int
    rate: int
    evidence: str
    transaction_hash: str
    timestamp: int


_RATE = f"SELECT {', '.join(field.name for field in msgspec.structs.fields(RateRow))} "


def references(connection: Connection) -> list[ReferenceRow]:
    """All references by their code."""
    rows = run(connection, "SELECT code, max_step, max_days FROM reference_listings ORDER BY code")
    return [record_of(ReferenceRow, row) for row in rows]


def rates(
    connection: Connection, code: str, *, before: int | None, limit: int, in_force: bool = False
) -> list[RateRow]:
    """Rates of a reference, newest first.

    Args:
        in_force: only those that are not just proposed.
    """
    where, values = "WHERE code = ?", [code]
    if in_force:
        where += " AND confirmer IS NOT NULL"
    parameters: list[Any] = list(values)
    if before is not None:
        where += " AND position < ?"
        parameters.append(before)
    query = f"{_RATE}FROM reference_rates {where} ORDER BY position DESC LIMIT ?"
    return [record_of(RateRow, row) for row in run(connection, query, (*parameters, limit))]


def rate_named(
    connection: Connection, code: str, *, rate: int, from_day: int, last_day: int, evidence: str
) -> RateRow | None:
    """The newest rate of a reference with these terms; None if there is none."""
    row = run(
        connection,
        f"{_RATE}FROM reference_rates WHERE code = ? AND rate = ? AND from_day = ? "
        "AND last_day = ? AND evidence = ? ORDER BY position DESC LIMIT 1",
        (code, rate, from_day, last_day, evidence),
    ).first()
    return None if row is None else record_of(RateRow, row)


def rate_on(connection: Connection, code: str, *, day: int) -> int | None:
    """The rate in force on a day; None: it is late."""
    value = run(
        connection,
        "SELECT rate FROM reference_rates WHERE code = ? AND confirmer IS NOT NULL "
        "AND from_day <= ? AND last_day >= ? ORDER BY position DESC LIMIT 1",
        (code, day, day),
    ).scalar()
    return None if value is None else int(value)


def due_loans(connection: Connection, *, today: int) -> list[tuple[int, str]]:
    """Loans whose next reset day may have come, each with the directory's id of its lender.

    Only loans of lenders that this gateway may sign for, the oldest reset first.

    Args:
        today: the ledger's day. A loan's own day is never after it.
    """
    rows = run(
        connection,
        "SELECT l.loan_id, d.id FROM loans l "
        "JOIN parties_directory d ON d.account = l.lender AND d.custody = 1 "
        "WHERE l.next_reset_day <= ? AND l.status <> 'Repaid' AND l.loss = 0 "
        "ORDER BY l.next_reset_day, l.loan_id",
        (today,),
    )
    return [(row.loan_id, row.id) for row in rows]
