"""Sales of loans, and the texts of their notices, in the store."""

from __future__ import annotations

import time

import msgspec
from sqlalchemy import Connection

from app.lending.selling import PageRequest, newest
from app.storage import record_of, run

# Text and salt of each notice, by loan and hash.
Notices = dict[tuple[int, str], tuple[str, str]]


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
    buy_back_max: int
    buy_back_first_day: int
    buy_back_last_day: int
    notice_hash: str
    acknowledged_at: int | None
    transaction_hash: str
    timestamp: int


_SELECT = (
    f"SELECT {', '.join(field.name for field in msgspec.structs.fields(SaleRow))} FROM loan_sales "
)


def last_sold(connection: Connection, loan_id: int) -> SaleRow | None:
    """The last sale of a loan; None if it was never sold."""
    query = f"{_SELECT}WHERE loan_id = ? AND kind = 'sold' ORDER BY position DESC LIMIT 1"
    row = run(connection, query, (loan_id,)).first()
    return None if row is None else record_of(SaleRow, row)


def page(connection: Connection, request: PageRequest) -> list[SaleRow]:
    """Sales of which an account is seller, buyer or borrower, or all of them; newest first."""
    sides = ("seller", "buyer", "borrower")
    return newest(connection, SaleRow, request, select=_SELECT, sides=sides)


def accounts_of_seller(connection: Connection, sale: SaleRow) -> list[str]:
    """The accounts that act for the party that sold a loan, the one of the directory first."""
    query = (
        "SELECT other.account FROM accounts sold JOIN accounts other "
        "ON other.party_id = sold.party_id AND other.removed = 0 "
        "LEFT JOIN parties_directory d ON d.account = other.account "
        "WHERE sold.account = ? ORDER BY d.account IS NULL, other.account"
    )
    return [row.account for row in run(connection, query, (sale.seller,))]


def keep_notice(
    connection: Connection, loan_id: int, notice_hash: str, *, salt: str, notice: str
) -> None:
    """Stores the text of a loan's notice, and what was hashed before it."""
    run(
        connection,
        "INSERT INTO sale_notices (loan_id, notice_hash, salt, notice, created_at) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (loan_id, notice_hash) DO NOTHING",
        (loan_id, notice_hash, salt, notice, time.time()),
    )


def notices(connection: Connection, loan_ids: set[int]) -> Notices:
    """The notices of loans that this gateway knows."""
    if not loan_ids:
        return {}
    marks = ", ".join("?" * len(loan_ids))
    query = (
        f"SELECT loan_id, notice_hash, notice, salt FROM sale_notices WHERE loan_id IN ({marks})"
    )
    rows = run(connection, query, tuple(loan_ids))
    return {(row.loan_id, row.notice_hash): (row.notice, row.salt) for row in rows}
