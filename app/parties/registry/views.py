"""Parties of the directory as other answers name them."""

from __future__ import annotations

from sqlalchemy import Connection

from app.gateway.views import PartyView, party_view
from app.parties.registry import repository


def views_by_id(connection: Connection, identifiers: set[str]) -> dict[str, PartyView]:
    """Each party with its account, by its id; one that left the directory is left out."""
    accounts = repository.accounts_by_id(connection, identifiers)
    names = repository.names(connection, set(accounts.values()))
    return {identifier: party_view(account, names) for identifier, account in accounts.items()}
