"""Projects the withdrawn signatures of every contract that takes signatures."""

from __future__ import annotations

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.storage import insert_many
from app.storage.tables.lending import withdrawn_signatures


class SignaturesProjection:
    """Fills `withdrawn_signatures`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [withdrawn_signatures]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        rows = [
            (
                *(event.position, event.contract, event.arguments["signer"]),
                *(event.arguments["digest"], event.block_number),
            )
            for event in events
            if event.name == "SignatureWithdrawn"
        ]
        insert_many(connection, withdrawn_signatures, rows)
