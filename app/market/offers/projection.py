"""Sales and cancelled quotes out of the events of ClaimMarket."""

from __future__ import annotations

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.storage import insert_many, run_many
from app.storage.read_tables import cancelled_quotes, sales

CONTRACT = "ClaimMarket"


class MarketProjection:
    """Fills `sales` and `cancelled_quotes`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [sales, cancelled_quotes]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        sold, cancelled, back = [], [], []
        for event in events:
            if event.contract != CONTRACT:
                continue
            given = event.arguments
            if event.name == "ClaimSold":
                sold.append(
                    (
                        *(event.position, given["claimId"], given["soldClaimId"]),
                        *(given["funder"], given["seller"], given["value"], given["price"]),
                        *(int(given["recourse"]), str(given["nonce"]), given["legalTextHash"]),
                        *(None, event.transaction_hash, event.timestamp, event.block_number),
                    )
                )
            elif event.name == "QuoteCancelled":
                cancelled.append((given["funder"], str(given["nonce"]), event.block_number))
            elif event.name == "ClaimPutBack":
                back.append((event.position, given["claimId"], given["assignor"]))
        insert_many(connection, sales, sold)
        insert_many(connection, cancelled_quotes, cancelled)
        run_many(
            connection,
            "UPDATE sales SET put_back_position = ? WHERE position = (SELECT max(position) "
            "FROM sales WHERE sold_claim_id = ? AND seller = ? AND recourse = 1 "
            "AND put_back_position IS NULL)",
            back,
        )
