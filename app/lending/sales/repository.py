"""Sales of loans, and the texts of their notices, in the store."""

from __future__ import annotations

import time

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run


class SaleRow(msgspec.Struct):
    """A loan that got another lender; its fields are columns of the table."""

    position: int
    loan_id: int
    kind: str
    seller: str
    buyer: str
    borrower: str
    facility_id: int
    from_facility_id: int
    currency: str
    principal: int
    price: int
    buy_back: int
    buy_back_price: int
    buy_back_first_day: int
    buy_back_last_day: int
    notice_hash: str
    acknowledged_at: int | None
    transaction_hash: str
    timestamp: int


_SELECT = f"SELECT {', '.join(field.name for field in msgspec.structs.fields(SaleRow))} "


def last_sold(connection: Connection, loan_id: int) -> SaleRow | None:
    """The last sale of a loan; None if it was never sold."""
    query = (
        f"{_SELECT}FROM loan_sales WHERE loan_id = ? AND kind = 'sold' "
        "ORDER BY position DESC LIMIT 1"
    )
    row = run(connection, query, (loan_id,)).first()
    return None if row is None else record_of(SaleRow, row)


def page(
    connection: Connection,
    *,
    account: str | None,
    loan_id: int | None,
    before: int | None,
    limit: int,
) -> list[SaleRow]:
    """Sales of which an account is seller, buyer or borrower, or all of them; newest first."""
    wheres: list[str] = ["1 = 1"]
    values: list[object] = []
    if account is not None:
        wheres.append("(seller = ? OR buyer = ? OR borrower = ?)")
        values += [account] * 3
    for clause, value in (("loan_id = ?", loan_id), ("position < ?", before)):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    query = f"{_SELECT}FROM loan_sales WHERE {' AND '.join(wheres)} ORDER BY position DESC LIMIT ?"
    return [record_of(SaleRow, row) for row in run(connection, query, (*values, limit))]


def keep_notice(connection: Connection, notice_hash: str, notice: str) -> None:
    """Stores the text of a notice under its hash, once."""
    run(
        connection,
        "INSERT INTO sale_notices (notice_hash, notice, created_at) VALUES (?, ?, ?) "
        "ON CONFLICT (notice_hash) DO NOTHING",
        (notice_hash, notice, time.time()),
    )


def notices(connection: Connection, hashes: set[str]) -> dict[str, str]:
    """The texts that this gateway knows, by hash."""
    if not hashes:
        return {}
    marks = ", ".join("?" * len(hashes))
    query = f"SELECT notice_hash, notice FROM sale_notices WHERE notice_hash IN ({marks})"
    return {row.notice_hash: row.notice for row in run(connection, query, tuple(hashes))}
