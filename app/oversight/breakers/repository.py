"""Queries of breakers and stops in the event log."""

from __future__ import annotations

import json

import msgspec
from sqlalchemy import Connection

from app.chain.evm.abi import DecodedValues
from app.storage import record_of, run
from app.storage.tables.chain import STOPS


class StopEvent(msgspec.Struct, frozen=True):
    """An event that changed a breaker or a stop."""

    position: int
    block_number: int
    transaction_hash: str
    timestamp: int
    name: str
    arguments: DecodedValues


class LienStopRow(msgspec.Struct, frozen=True):
    """A stop of new liens that is in force; `timestamp` in UTC seconds."""

    warehouse: str
    evidence_hash: str
    timestamp: int


def stop_events(connection: Connection, *, before: int | None, limit: int) -> list[StopEvent]:
    """Events that changed a breaker or a stop, newest first."""
    # An approved change opens its product, and says so in an event of its own: it is left out.
    older, bound = ("", ()) if before is None else ("AND position < ? ", (before,))
    rows = run(
        connection,
        "SELECT position, block_number, transaction_hash, timestamp, name, arguments_json "
        f"FROM events WHERE {STOPS} AND NOT (name = 'ProductOpened' AND arguments_json LIKE ?) "
        f"{older}ORDER BY position DESC LIMIT ?",
        ('%"open":true%', *bound, limit),
    )
    return [record_of(StopEvent, row, arguments=json.loads(row.arguments_json)) for row in rows]


def lien_stops(connection: Connection) -> list[LienStopRow]:
    """The stops of new liens that are in force, newest first."""
    rows = run(
        connection,
        "SELECT warehouse, evidence_hash, timestamp FROM lien_stops s WHERE stopped = 1 AND "
        "position = (SELECT max(position) FROM lien_stops n WHERE n.warehouse = s.warehouse) "
        "ORDER BY position DESC",
    )
    return [record_of(LienStopRow, row) for row in rows]
