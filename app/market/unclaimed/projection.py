"""Projects the unclaimed money of every contract."""

from __future__ import annotations

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.storage import run
from app.storage.tables.market import unclaimed

_SIGNS = {"LeftUnclaimed": 1, "UnclaimedWithdrawn": -1}


class UnclaimedProjection:
    """Fills `unclaimed`: one row for each contract, party and currency."""

    def __init__(self) -> None:
        self.tables: list[Table] = [unclaimed]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`. The table of accounts is already filled."""
        for event in events:
            sign = _SIGNS.get(event.name)
            if sign is None:
                continue
            arguments = event.arguments
            owner = owner_of(connection, arguments["party"])
            run(
                connection,
                "INSERT INTO unclaimed (contract, owner, currency, amount, changed_block) "
                "VALUES (?, ?, ?, ?, ?) ON CONFLICT (contract, owner, currency) DO UPDATE SET "
                "amount = unclaimed.amount + excluded.amount, "
                "changed_block = excluded.changed_block",
                (
                    *(event.contract, owner, arguments["currency"], sign * arguments["amount"]),
                    event.block_number,
                ),
            )


def owner_of(connection: Connection, account: str) -> str:
    """The party that an account is bound to on the ledger, or else the account itself.

    An account is bound to one party for good, so the answer never changes.
    """
    query = "SELECT party_id FROM accounts WHERE account = ?"
    party = run(connection, query, (account,)).scalar()
    return account if party is None else str(party)
