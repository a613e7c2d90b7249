"""What the reserve told: each amount set aside, covered, owed and recovered."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.storage import insert_many
from app.storage.risk_tables import risk_entries

CONTRACT = "RiskReserve"
_PARTIES = ("from", "sharer", "insurer", "lender", "by", "to", "party")
_AMOUNTS = ("amount", "loss", "cap", "cover")


class RiskProjection:
    """Fills `risk_entries`, one row an event."""

    def __init__(self) -> None:
        self.tables: list[Table] = [risk_entries]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        told = (*_AMOUNTS, "productId", "facilityId", "loanId")
        rows = [
            _row(event)
            for event in events
            if event.contract == CONTRACT and any(name in event.arguments for name in told)
        ]
        insert_many(connection, risk_entries, rows)


def _first(given: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((given[name] for name in names if name in given), None)


def _row(event: DecodedEvent) -> tuple[Any, ...]:
    given = event.arguments
    details = dict(given)
    if "source" in details:
        details["source"] = bytes.fromhex(details["source"][2:]).rstrip(b"\0").decode()
    return (
        *(event.position, event.name, given.get("productId"), given.get("facilityId")),
        *(given.get("loanId"), _first(given, _PARTIES), _first(given, _AMOUNTS) or 0),
        *(msgspec.json.encode(details).decode(), event.transaction_hash, event.timestamp),
        event.block_number,
    )
