"""Participations and the proceeds of their loans, in the store."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.domain.participation import due_down
from app.storage import record_of, run


class ParticipationRow(msgspec.Struct):
    """A share of a loan; its fields are columns of the table."""

    position: int
    loan_id: int
    place: int
    lender: str
    participant: str
    currency: str
    share: int
    principal: int
    price: int
    joined_at: int
    paid: int
    legal_text_hash: str
    transaction_hash: str
    timestamp: int

    def due(self, proceeds: int) -> int:
        """What its participant is due, in minor units."""
        return due_down(
            share=self.share, proceeds=proceeds, joined_at=self.joined_at, paid=self.paid
        )


class EntryRow(msgspec.Struct):
    """A change of a loan's proceeds, or a payment to a participant."""

    position: int
    loan_id: int
    kind: str
    place: int | None
    amount: int
    total: int
    transaction_hash: str
    timestamp: int


_SELECT = (
    f"SELECT {', '.join(field.name for field in msgspec.structs.fields(ParticipationRow))} "
    "FROM loan_participations "
)
_ENTRIES = (
    f"SELECT {', '.join(field.name for field in msgspec.structs.fields(EntryRow))} "
    "FROM participation_entries "
)


def of_loan(connection: Connection, loan_id: int) -> list[ParticipationRow]:
    """All participations of a loan, in the order in which they were sold."""
    query = f"{_SELECT}WHERE loan_id = ? ORDER BY place"
    return [record_of(ParticipationRow, row) for row in run(connection, query, (loan_id,))]


def entries(connection: Connection, loan_id: int) -> list[EntryRow]:
    """The entries of a loan, oldest first."""
    query = f"{_ENTRIES}WHERE loan_id = ? ORDER BY position"
    return [record_of(EntryRow, row) for row in run(connection, query, (loan_id,))]


def proceeds(connection: Connection, loan_ids: set[int]) -> dict[int, int]:
    """The proceeds of loans, in minor units; a loan without any is left out."""
    if not loan_ids:
        return {}
    marks = ", ".join("?" * len(loan_ids))
    query = (
        "SELECT e.loan_id, e.total FROM participation_entries e JOIN ("
        "SELECT loan_id, MAX(position) AS position FROM participation_entries "
        f"WHERE kind = 'proceeds' AND loan_id IN ({marks}) GROUP BY loan_id"
        ") newest ON newest.position = e.position"
    )
    return {row.loan_id: row.total for row in run(connection, query, tuple(loan_ids))}


def page(
    connection: Connection,
    *,
    account: str | None,
    loan_id: int | None,
    before: int | None,
    limit: int,
) -> list[ParticipationRow]:
    """Participations that an account sold or bought, or all of them; newest first."""
    wheres: list[str] = ["1 = 1"]
    values: list[object] = []
    if account is not None:
        wheres.append("(lender = ? OR participant = ?)")
        values += [account] * 2
    for clause, value in (("loan_id = ?", loan_id), ("position < ?", before)):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    query = f"{_SELECT}WHERE {' AND '.join(wheres)} ORDER BY position DESC LIMIT ?"
    return [record_of(ParticipationRow, row) for row in run(connection, query, (*values, limit))]
