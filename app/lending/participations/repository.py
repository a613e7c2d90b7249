"""Queries of participations over several loans, and of the proceeds of loans."""

from __future__ import annotations

from sqlalchemy import Connection

from app.lending.selling import PageRequest, newest
from app.lending.shares import SELECT, ParticipationRow
from app.storage import run


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


def page(connection: Connection, request: PageRequest) -> list[ParticipationRow]:
    """Participations that an account sold or bought, or all of them; newest first."""
    sides = ("lender", "participant")
    return newest(connection, ParticipationRow, request, select=SELECT, sides=sides)
