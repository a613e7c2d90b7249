"""Queries of cash."""

from __future__ import annotations

from sqlalchemy import Connection

from app.storage import run


def balances(connection: Connection, account: str) -> list[tuple[str, int]]:
    """Address of each settlement token and what the account holds of it."""
    rows = run(
        connection,
        "SELECT currency, balance FROM cash_balances WHERE account = ? ORDER BY currency",
        (account,),
    )
    return [(row[0], int(row[1])) for row in rows]
