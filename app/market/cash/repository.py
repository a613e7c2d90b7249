"""Queries of cash."""

from __future__ import annotations

from sqlalchemy import Connection

from app.storage import run


def balances(connection: Connection, account: str) -> list[tuple[str, int]]:
    """The account's balances: each settlement token's address and the amount."""
    rows = run(
        connection,
        "SELECT currency, balance FROM cash_balances WHERE account = ? ORDER BY currency",
        (account,),
    )
    return [(row[0], int(row[1])) for row in rows]
