"""Queries of hedges."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run


class HedgeRow(msgspec.Struct):
    """A hedge; its fields are columns. Quantity and prices are decimal text."""

    loan_id: int
    contract_hash: str
    item: str
    quantity: str
    price: str
    max_price: str
    expiry_day: int
    venue: str
    counterparty: str | None
    document_root: str
    closed_position: int | None


_COLUMNS = ", ".join(HedgeRow.__struct_fields__)


def of_loan(connection: Connection, loan_id: int) -> list[HedgeRow]:
    """The hedges of a loan, oldest first; those that ended too."""
    rows = run(
        connection,
        f"SELECT {_COLUMNS} FROM hedges WHERE loan_id = ? ORDER BY position",
        (loan_id,),
    )
    return [record_of(HedgeRow, row) for row in rows]


def hedged(connection: Connection, loan_ids: list[int], *, day: int) -> set[int]:
    """Those of the loans that have a hedge which was not closed and has not expired."""
    if not loan_ids:
        return set()
    marks = ", ".join("?" * len(loan_ids))
    rows = run(
        connection,
        "SELECT DISTINCT loan_id FROM hedges WHERE closed_position IS NULL AND expiry_day >= ? "
        f"AND loan_id IN ({marks})",
        (day, *loan_ids),
    )
    return {row.loan_id for row in rows}
