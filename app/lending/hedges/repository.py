"""Queries of hedges."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run


class HedgeRow(msgspec.Struct):
    """A hedge. Quantity and prices are decimal text.

    Attributes:
        closed_day: the day on which the lender closed it.
    """

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
    closed_day: int | None


_CLOSED_DAY = (
    "(SELECT e.day FROM loan_entries e WHERE e.loan_id = hedges.loan_id "
    "AND e.position = hedges.closed_position) AS closed_day"
)
_COLUMNS = ", ".join((*HedgeRow.__struct_fields__[:-1], _CLOSED_DAY))


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
