"""Queries of cash."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.storage import run


class BalanceRow(msgspec.Struct, frozen=True):
    """What an account holds of one currency; `currency` is its settlement token's address."""

    currency: str
    balance: int


def balances(connection: Connection, account: str) -> list[BalanceRow]:
    """The account's balances in all currencies."""
    rows = run(
        connection,
        "SELECT currency, balance FROM cash_balances WHERE account = ? ORDER BY currency",
        (account,),
    )
    return [BalanceRow(currency=row.currency, balance=int(row.balance)) for row in rows]
