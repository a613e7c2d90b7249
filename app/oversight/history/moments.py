"""Moments of the past: a block, or a day in UTC, which stands for its last block."""

from __future__ import annotations

import datetime
import time
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import day_of
from app.errors import BadInput, NotFound, Unavailable
from app.gateway.gateway import Gateway
from app.gateway.views import time_view
from app.oversight.history import repository
from app.oversight.history.repository import BlockRow
from app.storage.checkpoint import Checkpoint, read_checkpoint

DAY = 86_400


class Window(msgspec.Struct, frozen=True):
    """Blocks that are asked about; `until` None: up to the present."""

    first: int | None
    until: BlockRow | None


def view(at: BlockRow) -> dict[str, Any]:
    """A block as answers name it."""
    return {"blockNumber": at.number, "blockHash": at.hash, "at": time_view(at.timestamp)}


def block(connection: Connection, number: int, *, field: str) -> BlockRow:
    """A block that there is.

    Raises:
        NotFound: the index has not got so far, or the chain has not.
        BadInput: it is older than the ledger.
    """
    newest = _newest(connection)
    if number > newest.block_number:
        raise NotFound(
            f"there is no block {number} yet; the newest one is {newest.block_number}",
            name="block-unknown",
            field=field,
            fix=f"give a block up to {newest.block_number}, or leave {field} out for the present",
        )
    found = repository.block_at(connection, number)
    if found is None:
        raise BadInput(
            f"block {number} is older than the ledger",
            name="block-too-old",
            field=field,
            fix="give a later block",
        )
    return found


def last_of_day(
    connection: Connection, gateway: Gateway, day: datetime.date, *, field: str
) -> BlockRow:
    """The last block of a day in UTC that is over; on a day without blocks the one before it.

    Raises:
        BadInput: the day is not over, or older than the ledger.
        Unavailable: the index has not read all of the day's blocks yet.
    """
    newest, end = _newest(connection), (day_of(day) + 1) * DAY
    if newest.timestamp < end:
        if time.time() < end:
            raise BadInput(
                f"{field} is {day.isoformat()}, a day that is not over in UTC",
                name="day-not-over",
                field=field,
                fix=f"give an earlier day, or leave {field} out for the present",
            )
        if gateway.indexer.head_number != newest.block_number:
            raise Unavailable(
                f"the index has not read all blocks of {day.isoformat()} yet",
                name="index-behind",
                retryAfter=5,
            )
    found = repository.last_block_before(connection, end)
    if found is None:
        raise BadInput(
            f"{field} is {day.isoformat()}, a day before the ledger's first block",
            name="block-too-old",
            field=field,
            fix="give a later day",
        )
    return found


def window(
    connection: Connection,
    gateway: Gateway,
    *,
    from_block: int | None,
    to_block: int | None,
    from_date: datetime.date | None,
    as_of: datetime.date | None,
) -> Window:
    """The blocks between these bounds, each a block or a day in UTC.

    Raises:
        BadInput, NotFound, Unavailable.
    """
    _one_of(("fromBlock", from_block), ("fromDate", from_date))
    _one_of(("toBlock", to_block), ("asOf", as_of))
    first, until, newest = from_block, None, _newest(connection)
    if from_block is not None and from_block > newest.block_number + 1:
        block(connection, from_block, field="fromBlock")  # there is none: says so
    if from_date is not None:
        begin = day_of(from_date) * DAY
        if begin > max(newest.timestamp, time.time()):
            raise BadInput(
                f"fromDate is {from_date.isoformat()}, a day that has not begun in UTC",
                field="fromDate",
                fix="give today or an earlier day",
            )
        before = repository.last_block_before(connection, begin)
        first = 0 if before is None else before.number + 1
    if to_block is not None:
        until = block(connection, to_block, field="toBlock")
    if as_of is not None:
        until = last_of_day(connection, gateway, as_of, field="asOf")
    if until is not None and first is not None and first > until.number:
        raise BadInput(
            f"from block {first} to block {until.number} there is nothing",
            field="fromBlock" if from_date is None else "fromDate",
            fix="begin at the end or before it",
        )
    return Window(first, until)


def _one_of(*given: tuple[str, Any]) -> None:
    names = [name for name, value in given if value is not None]
    if len(names) > 1:
        raise BadInput(
            f"{' and '.join(names)} both say the same bound",
            field=names[-1],
            fix=f"give one of {', '.join(names)}",
        )


def _newest(connection: Connection) -> Checkpoint:
    at = read_checkpoint(connection)
    if at is None:
        raise Unavailable("the index has read no block yet", name="index-behind", retryAfter=5)
    return at
