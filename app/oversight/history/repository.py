"""Queries of the event log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.abi import DecodedValues
from app.oversight.history.stories import Story
from app.storage import record_of, run


class BlockRow(msgspec.Struct, frozen=True):
    """A block of the index; its timestamp in UTC seconds."""

    number: int
    hash: str
    timestamp: int


class EventRow(msgspec.Struct):
    """One event of one of the ledger's contracts."""

    position: int
    block_number: int
    block_hash: str
    transaction_hash: str
    log_index: int
    timestamp: int
    contract: str
    name: str
    arguments: DecodedValues


_COLUMNS = (
    "e.position, e.block_number, e.block_hash, e.transaction_hash, e.log_index, e.timestamp, "
    "e.contract, e.name, e.arguments_json"
)


def events(
    connection: Connection,
    *,
    stories: Sequence[Story],
    contract: str | None,
    name: str | None,
    from_block: int | None,
    to_block: int | None,
    after: int | None,
    limit: int,
) -> list[EventRow]:
    """In the chain's order, events that belong to each of the stories; without stories, all."""
    wheres: list[str] = []
    values: list[Any] = []
    for story in stories:
        wheres.append(f"({' OR '.join(f'({strand.where})' for strand in story)})")
        values += [value for strand in story for value in strand.values]
    for clause, value in (
        ("e.contract = ?", contract),
        ("e.name = ?", name),
        ("e.block_number >= ?", from_block),
        ("e.block_number <= ?", to_block),
        ("e.position > ?", after),
    ):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(
        connection,
        f"SELECT {_COLUMNS} FROM events e {where}ORDER BY e.position LIMIT ?",
        (*values, limit),
    )
    return [record_of(EventRow, row, arguments=json.loads(row.arguments_json)) for row in rows]


def block_at(connection: Connection, number: int) -> BlockRow | None:
    """The newest indexed block that is not after `number`."""
    row = run(
        connection,
        "SELECT number, hash, timestamp FROM blocks WHERE number <= ? ORDER BY number DESC LIMIT 1",
        (number,),
    ).first()
    return None if row is None else record_of(BlockRow, row)


def last_block_before(connection: Connection, timestamp: int) -> BlockRow | None:
    """The last indexed block before that time (UTC seconds): timestamps of blocks only grow."""
    query = "SELECT min(number) AS lowest, max(number) AS highest FROM blocks"
    bounds = run(connection, query).one()
    if bounds.lowest is None:
        return None
    low, high, newest = int(bounds.lowest), int(bounds.highest), None
    while low <= high:
        middle = block_at(connection, (low + high) // 2)
        if middle is not None and middle.timestamp < timestamp:
            newest, low = middle, (low + high) // 2 + 1
        else:
            high = (low + high) // 2 - 1
    return newest
