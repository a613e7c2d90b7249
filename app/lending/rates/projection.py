"""References and their rates, from the events of ReferenceRates."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.domain.product_terms import reference_in
from app.storage import insert_many, run
from app.storage.tables.lending import reference_listings, reference_rates

CONTRACT = "ReferenceRates"


class RatesProjection:
    """Fills `reference_listings` and `reference_rates`; the latter holds the whole history."""

    def __init__(self) -> None:
        self.tables: list[Table] = [reference_listings, reference_rates]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        rows = []
        for event in events:
            if event.contract != CONTRACT:
                continue
            if event.name == "ReferenceListed":
                _listed(connection, event)
            elif event.name in ("RateProposed", "RatePosted"):
                rows.append(_row(event))
        insert_many(connection, reference_rates, rows)


def _listed(connection: Connection, event: DecodedEvent) -> None:
    arguments = event.arguments
    code = reference_in(arguments["code"])
    run(connection, "DELETE FROM reference_listings WHERE code = ?", (code,))
    run(
        connection,
        "INSERT INTO reference_listings (code, max_step, max_days, changed_block) "
        "VALUES (?, ?, ?, ?)",
        (code, arguments["maxStep"], arguments["maxDays"], event.block_number),
    )


def _row(event: DecodedEvent) -> tuple[Any, ...]:
    arguments = event.arguments
    rate = arguments["rate"] if event.name == "RateProposed" else arguments
    return (
        *(event.position, reference_in(arguments["code"]), arguments["proposer"]),
        *(arguments.get("confirmer"), rate["fromDay"], rate["lastDay"], rate["rate"]),
        *(rate["evidence"], event.transaction_hash, event.timestamp, event.block_number),
    )
