"""Queries of operations."""

from __future__ import annotations

from typing import get_args

from sqlalchemy import Connection

from app.chain.outbox.operation import COLUMNS, Operation, State, operation_of
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


COUNTED = 10_000


def counted(connection: Connection) -> dict[State, int]:
    """Operations by state, each counted up to one past `COUNTED`."""
    query = "SELECT count(*) FROM (SELECT 1 FROM operations WHERE state = ? LIMIT ?) AS part"
    return {
        state: int(run(connection, query, (state, COUNTED + 1)).scalar())
        for state in get_args(State)
    }


def oldest(connection: Connection, state: str) -> float | None:
    """When the oldest operation in this state was accepted, UTC seconds; None: there is none."""
    query = "SELECT created_at FROM operations WHERE state = ? ORDER BY id LIMIT 1"
    at = run(connection, query, (state,)).scalar()
    return None if at is None else float(at)
