"""What the indexer hands to the slices, and what they must offer it."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent


class Projection(Protocol):
    """Fills read tables from events and from nothing else.

    `apply` gets the events of one or more blocks in the chain's order, inside the transaction that
    also moves the checkpoint. After a reorganisation the indexer empties `tables` and applies the
    kept events again from the first one, so `apply` must depend on the events and the tables alone.
    """

    tables: list[Table]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """Writes what these events change."""
