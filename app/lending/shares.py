"""What a reader may see of the participations of a loan, as of a time."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.domain.participation import due_down
from app.gateway.callers import Caller
from app.lending.rows import LoanRow
from app.storage import record_of, run

PROCEEDS, PAID = "proceeds", "paid"


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


class ShareEntryRow(msgspec.Struct):
    """A change of a loan's proceeds, or a payment to a participant."""

    position: int
    loan_id: int
    kind: str
    place: int | None
    amount: int
    total: int
    transaction_hash: str
    timestamp: int


SELECT = (
    f"SELECT {', '.join(field.name for field in msgspec.structs.fields(ParticipationRow))} "
    "FROM loan_participations "
)
_ENTRIES = (
    f"SELECT {', '.join(field.name for field in msgspec.structs.fields(ShareEntryRow))} "
    "FROM participation_entries "
)


class Shares(msgspec.Struct, frozen=True):
    """The participations of a loan that a reader may see.

    Attributes:
        rows: in the order in which they were sold; `paid` is what was paid by then.
        entries: changes of the proceeds, and payments on these rows; oldest first.
        proceeds: what the lender got since the first participation, in minor units.
        shared: of all participants, in parts per million.
    """

    rows: list[ParticipationRow]
    entries: list[ShareEntryRow]
    proceeds: int
    shared: int

    @property
    def due(self) -> int:
        """What is due on the rows, in minor units."""
        return sum(row.due(self.proceeds) for row in self.rows)


def of_loan(connection: Connection, loan_id: int) -> list[ParticipationRow]:
    """All participations of a loan, in the order in which they were sold."""
    query = f"{SELECT}WHERE loan_id = ? ORDER BY place"
    return [record_of(ParticipationRow, row) for row in run(connection, query, (loan_id,))]


def proceeds_of(connection: Connection, loan_ids: set[int]) -> dict[int, int]:
    """The proceeds of loans, in minor units; a loan without any is left out."""
    if not loan_ids:
        return {}
    marks = ", ".join("?" * len(loan_ids))
    query = (
        "SELECT e.loan_id, e.total FROM participation_entries e JOIN ("
        "SELECT loan_id, MAX(position) AS position FROM participation_entries "
        f"WHERE kind = ? AND loan_id IN ({marks}) GROUP BY loan_id"
        ") newest ON newest.position = e.position"
    )
    rows = run(connection, query, (PROCEEDS, *sorted(loan_ids)))
    return {row.loan_id: int(row.total) for row in rows}


def due_of(connection: Connection, loan_id: int, *, coming: int = 0) -> int:
    """What a loan's participants are due, in minor units.

    Args:
        coming: minor units that come in on the loan besides.
    """
    total = coming + proceeds_of(connection, {loan_id}).get(loan_id, 0)
    return sum(row.due(total) for row in of_loan(connection, loan_id))


def shares_of(
    connection: Connection, loan: LoanRow, caller: Caller, *, until: int | None = None
) -> Shares | None:
    """What a reader may see: the lender and who sees all see all, a participant its own.

    Args:
        until: UTC seconds; None: now.

    Returns:
        None: the reader is neither, so it sees nothing, also not whether there are any.
    """
    sold = [row for row in of_loan(connection, loan.loan_id) if _by(row.timestamp, until)]
    sees_all = caller.sees_all or caller.account == loan.lender
    rows = [row for row in sold if sees_all or row.participant == caller.account]
    if not (rows or sees_all):
        return None
    query = f"{_ENTRIES}WHERE loan_id = ? ORDER BY position"
    every = (record_of(ShareEntryRow, row) for row in run(connection, query, (loan.loan_id,)))
    entries = [entry for entry in every if _by(entry.timestamp, until)]
    proceeds = [entry.total for entry in entries if entry.kind == PROCEEDS]
    paid = {entry.place: entry.total for entry in entries if entry.kind == PAID}
    places = {row.place for row in rows}
    return Shares(
        rows=[msgspec.structs.replace(row, paid=paid.get(row.place, 0)) for row in rows],
        entries=[entry for entry in entries if entry.place is None or entry.place in places],
        proceeds=proceeds[-1] if proceeds else 0,
        shared=sum(row.share for row in sold),
    )


def _by(timestamp: int, until: int | None) -> bool:
    return until is None or timestamp <= until
