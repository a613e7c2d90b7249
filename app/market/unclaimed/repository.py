"""Queries of unclaimed money."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run


class UnclaimedRow(msgspec.Struct):
    """Unclaimed money in one contract, of one owner, in one currency (its token's address)."""

    contract: str
    owner: str
    currency: str
    amount: int


def unclaimed(connection: Connection, *, owner: str | None) -> list[UnclaimedRow]:
    """Unclaimed money of one owner, or of all; at most 1,000 rows."""
    where, values = ("", ()) if owner is None else ("AND owner = ? ", (owner,))
    rows = run(
        connection,
        "SELECT contract, owner, currency, amount FROM unclaimed WHERE amount > 0 "
        f"{where}ORDER BY owner, contract, currency LIMIT 1000",
        values,
    )
    return [record_of(UnclaimedRow, row) for row in rows]
