"""Items and prices, from the events of PriceFeed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.domain.money import currency_in
from app.storage import insert_many, run
from app.storage.tables.goods import price_items, prices

CONTRACT = "PriceFeed"


class PricesProjection:
    """Fills `price_items` and `prices`; `prices` holds the whole history."""

    def __init__(self) -> None:
        self.tables: list[Table] = [price_items, prices]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        rows = []
        for event in events:
            if event.contract != CONTRACT:
                continue
            if event.name == "ItemListed":
                _listed(connection, event)
            elif event.name in ("PricePosted", "PriceProposed"):
                rows.append(_row(event))
        insert_many(connection, prices, rows)


def _listed(connection: Connection, event: DecodedEvent) -> None:
    arguments = event.arguments
    key = (arguments["item"], currency_in(arguments["currency"]))
    run(connection, "DELETE FROM price_items WHERE item = ? AND currency = ?", key)
    run(
        connection,
        "INSERT INTO price_items (item, currency, max_jump, max_age, changed_block) "
        "VALUES (?, ?, ?, ?, ?)",
        (*key, arguments["maxJump"], arguments["maxAge"], event.block_number),
    )


def _row(event: DecodedEvent) -> tuple[Any, ...]:
    arguments, posted = event.arguments, event.name == "PricePosted"
    price = arguments if posted else arguments["price"]
    return (
        *(
            event.position,
            arguments["item"],
            currency_in(arguments["currency"]),
            arguments["appraiser"],
        ),
        *(int(posted), price["value"], price["haircut"], price["asOf"], price["validUntil"]),
        *(price["evidence"], event.transaction_hash, event.timestamp, event.block_number),
    )
