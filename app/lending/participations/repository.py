"""Queries of participations over several loans."""

from __future__ import annotations

from sqlalchemy import Connection

from app.lending.selling import PageRequest, newest
from app.lending.shares import SELECT, ParticipationRow


def page(connection: Connection, request: PageRequest) -> list[ParticipationRow]:
    """Participations that an account sold or bought, or all of them; newest first."""
    sides = ("lender", "participant")
    return newest(connection, ParticipationRow, request, select=SELECT, sides=sides)
