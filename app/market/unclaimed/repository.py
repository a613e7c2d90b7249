"""Queries of money that waits."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.storage import run


class Waiting(msgspec.Struct):
    """What waits in one contract for one party in one currency (its token's address)."""

    contract: str
    owner: str
    currency: str
    amount: int


def waiting(connection: Connection, *, owner: str | None) -> list[Waiting]:
    """All that waits; for one party, or for all of them."""
    where, values = ("", ()) if owner is None else ("AND owner = ? ", (owner,))
    rows = run(
        connection,
        "SELECT contract, owner, currency, amount FROM unclaimed WHERE amount > 0 "
        f"{where}ORDER BY owner, contract, currency LIMIT 1000",
        values,
    )
    return [Waiting(*row) for row in rows]
