"""Projects the events of ClaimMarket into sales and cancelled quotes."""

from __future__ import annotations

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.storage import insert_many, run_many
from app.storage.tables.market import cancelled_quotes, sales

CONTRACT = "ClaimMarket"


class MarketProjection:
    """Fills `sales` and `cancelled_quotes`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [sales, cancelled_quotes]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        sold, cancelled, put_back = [], [], []
        for event in events:
            if event.contract != CONTRACT:
                continue
            arguments = event.arguments
            if event.name == "ClaimSold":
                sold.append(
                    (
                        *(event.position, arguments["claimId"], arguments["soldClaimId"]),
                        *(
                            arguments["funder"],
                            arguments["seller"],
                            arguments["value"],
                            arguments["price"],
                        ),
                        *(
                            int(arguments["recourse"]),
                            str(arguments["nonce"]),
                            arguments["legalTextHash"],
                        ),
                        *(None, event.transaction_hash, event.timestamp, event.block_number),
                    )
                )
            elif event.name == "QuoteCancelled":
                cancelled.append((arguments["funder"], str(arguments["nonce"]), event.block_number))
            elif event.name == "ClaimPutBack":
                put_back.append((event.position, arguments["claimId"], arguments["assignor"]))
        insert_many(connection, sales, sold)
        insert_many(connection, cancelled_quotes, cancelled)
        run_many(
            connection,
            "UPDATE sales SET put_back_position = ? WHERE position = (SELECT max(position) "
            "FROM sales WHERE sold_claim_id = ? AND seller = ? AND recourse = 1 "
            "AND put_back_position IS NULL)",
            put_back,
        )
