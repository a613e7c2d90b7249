"""Projects the settlement tokens' events into balances and transfers."""

from __future__ import annotations

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.chain.evm.hashing import ZERO_ADDRESS
from app.storage import insert_many, run_many
from app.storage.tables.market import cash_balances, cash_transfers

PREFIX = "SettlementToken:"
MAX = 2**63 - 1


class CashProjection:
    """Fills `cash_transfers` and `cash_balances`. An amount above `MAX` counts as `MAX`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [cash_transfers, cash_balances]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        transfers = []
        changes: dict[tuple[str, str], list[int]] = {}
        for event in events:
            if event.name != "Transfer" or not event.contract.startswith(PREFIX):
                continue
            arguments, currency = event.arguments, event.address.lower()
            amount = min(arguments["value"], MAX)
            transfers.append(
                (
                    *(event.position, currency, arguments["from"], arguments["to"], amount),
                    *(event.transaction_hash, event.timestamp, event.block_number),
                )
            )
            for account, change in ((arguments["from"], -amount), (arguments["to"], amount)):
                if account != ZERO_ADDRESS:
                    known = changes.setdefault((currency, account), [0, 0])
                    known[0] += change
                    known[1] = event.block_number
        insert_many(connection, cash_transfers, transfers)
        run_many(
            connection,
            "INSERT INTO cash_balances (currency, account, balance, changed_block) "
            "VALUES (?, ?, ?, ?) ON CONFLICT (currency, account) DO UPDATE SET "
            "balance = cash_balances.balance + excluded.balance, "
            "changed_block = excluded.changed_block",
            [(*key, *change) for key, change in changes.items()],
        )
