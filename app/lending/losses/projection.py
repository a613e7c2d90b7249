"""Projects the events of RiskReserve: amounts set aside, paid, owed and recovered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.storage import insert_many
from app.storage.tables.lending import risk_entries

CONTRACT = "RiskReserve"
_PARTIES = ("from", "sharer", "insurer", "lender", "by", "to", "party")
_AMOUNTS = ("amount", "loss", "cap", "insuredAmount")


class RiskProjection:
    """Fills `risk_entries`, one row for each event."""

    def __init__(self) -> None:
        self.tables: list[Table] = [risk_entries]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        relevant = (*_AMOUNTS, "productId", "facilityId", "loanId")
        rows = [
            _row(event)
            for event in events
            if event.contract == CONTRACT and any(name in event.arguments for name in relevant)
        ]
        insert_many(connection, risk_entries, rows)


def _first(arguments: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((arguments[name] for name in names if name in arguments), None)


def _row(event: DecodedEvent) -> tuple[Any, ...]:
    arguments = event.arguments
    details = dict(arguments)
    if "source" in details:
        details["source"] = bytes.fromhex(details["source"][2:]).rstrip(b"\0").decode()
    return (
        *(event.position, event.name, arguments.get("productId"), arguments.get("facilityId")),
        *(arguments.get("loanId"), _first(arguments, _PARTIES), _first(arguments, _AMOUNTS) or 0),
        *(msgspec.json.encode(details).decode(), event.transaction_hash, event.timestamp),
        event.block_number,
    )
