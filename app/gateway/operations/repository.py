"""Queries of operations."""

from __future__ import annotations

from sqlalchemy import Connection

from app.chain.outbox.operation import COLUMNS, Operation, operation_of
from app.storage import run


def operations(
    connection: Connection,
    *,
    party_id: str | None,
    signer: str | None,
    state: str | None,
    before: str | None,
    limit: int,
) -> list[Operation]:
    """Newest first; of a party, of a signer, or all; `before`: the last id of the page before."""
    wheres, values = [], []
    for clause, value in (
        ("party_id = ?", party_id),
        ("signer = ?", signer),
        ("state = ?", state),
        ("id < ?", before),
    ):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)}" if wheres else ""
    rows = run(
        connection,
        f"SELECT {COLUMNS} FROM operations {where} ORDER BY id DESC LIMIT ?",
        (*values, limit),
    )
    return [operation_of(row) for row in rows]
