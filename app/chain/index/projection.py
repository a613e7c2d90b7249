"""The interface between the indexer and the slices that fill read tables."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent


class Projection(Protocol):
    """Fills read tables from events only.

    `apply` gets the events of one or more blocks in the chain's order, in the database transaction
    that also moves the checkpoint. After a reorganisation the indexer empties `tables` and applies
    the remaining events again from the first one, so `apply` must depend only on the events and the
    tables.
    """

    tables: list[Table]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """Writes the changes that these events make."""
