"""Queries of the event log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.abi import DecodedValues
from app.chain.evm.hashing import ZERO_ADDRESS
from app.oversight.history.stories import Story
from app.storage import record_of, run
from app.storage.tables.base import position_of


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


class Chosen(msgspec.Struct, frozen=True):
    """Which events a list has, in which order, and where it begins.

    Attributes:
        transaction: a hash in lower case.
        newest_first: the chain's order turned round.
        after: the position after which it begins, in its own order.
    """

    contract: str | None = None
    event: str | None = None
    transaction: str | None = None
    newest_first: bool = False
    after: int | None = None


_COLUMNS = (
    "e.position, e.block_number, e.block_hash, e.transaction_hash, e.log_index, e.timestamp, "
    "e.contract, e.name, e.arguments_json"
)


def events(
    connection: Connection,
    chosen: Chosen,
    *,
    stories: Sequence[Story],
    from_block: int | None,
    to_block: int | None,
    limit: int,
) -> list[EventRow]:
    """The chosen events that belong to each of the stories; without stories, all of them."""
    wheres: list[str] = []
    values: list[Any] = []
    for story in stories:
        wheres.append(f"({' OR '.join(f'({strand.where})' for strand in story)})")
        values += [value for strand in story for value in strand.values]
    for clause, value in (
        ("e.contract = ?", chosen.contract),
        ("e.name = ?", chosen.event),
        ("e.block_number >= ?", from_block),
        ("e.block_number <= ?", to_block),
        ("e.transaction_hash = ?", chosen.transaction),
        ("e.position < ?" if chosen.newest_first else "e.position > ?", chosen.after),
    ):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    order = " DESC" if chosen.newest_first else ""
    rows = run(
        connection,
        f"SELECT {_COLUMNS} FROM events e {where}ORDER BY e.position{order} LIMIT ?",
        (*values, limit),
    )
    return [record_of(EventRow, row, arguments=json.loads(row.arguments_json)) for row in rows]


class PastEntry(msgspec.Struct, frozen=True):
    """The last entry of a loan up to a block; `outstanding` in minor units after it."""

    kind: str
    outstanding: int


def last_entry(connection: Connection, loan_id: int, *, until: int) -> PastEntry | None:
    """The last entry of a loan up to a block; None: it was not drawn yet."""
    row = run(
        connection,
        "SELECT kind, outstanding FROM loan_entries WHERE loan_id = ? AND position < ? "
        "ORDER BY position DESC LIMIT 1",
        (loan_id, position_of(until + 1, 0)),
    ).first()
    return None if row is None else record_of(PastEntry, row)


def owed_of_facility(connection: Connection, facility_id: int, *, until: int) -> tuple[int, int]:
    """Outstanding principal of a facility's loans after a block, and how many owe some."""
    row = run(
        connection,
        "SELECT coalesce(sum(e.outstanding), 0) AS owed, count(*) AS loans FROM loan_entries e "
        "WHERE e.facility_id = ? AND e.outstanding > 0 AND e.position = (SELECT max(n.position) "
        "FROM loan_entries n WHERE n.loan_id = e.loan_id AND n.position < ?)",
        (facility_id, position_of(until + 1, 0)),
    ).one()
    return int(row.owed), int(row.loans)


def claim_at(connection: Connection, claim_id: int, *, until: int) -> tuple[str, int] | None:
    """Holder and value of a claim after a block, from its events; None: nobody held it."""
    rows = run(
        connection,
        "SELECT e.name, e.arguments_json FROM events e JOIN event_subjects s "
        "ON s.position = e.position WHERE s.subject = ? AND e.position < ? "
        "AND e.contract = 'Receivables' AND e.name IN ('Transfer', 'TransferValue') "
        "ORDER BY e.position",
        (f"claim:{claim_id}", position_of(until + 1, 0)),
    )
    owner, value = ZERO_ADDRESS, 0
    for row in rows:
        arguments = json.loads(row.arguments_json)
        if row.name == "Transfer":
            owner = arguments["to"]
            continue
        amount = int(arguments["_value"])
        if int(arguments["_toTokenId"]) == claim_id:
            value += amount
        if int(arguments["_fromTokenId"]) == claim_id:
            value -= amount
    return None if owner == ZERO_ADDRESS else (owner, value)


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
