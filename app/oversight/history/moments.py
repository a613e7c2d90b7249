"""Moments in the past: a block, or a business day, which stands for its last block."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import SECONDS_PER_DAY, day_of
from app.domain.texts import say
from app.errors import BadInput, NotFound, Unavailable
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import AsOf
from app.gateway.views import time_view
from app.oversight.history import repository
from app.oversight.history.repository import BlockRow
from app.storage.checkpoint import Checkpoint, read_checkpoint


class Window(msgspec.Struct, frozen=True):
    """A range of blocks; `until` None: up to the present."""

    first: int | None
    until: BlockRow | None


class Moment(AsOf):
    """A block and its time."""

    at: str


def view(at: BlockRow) -> Moment:
    """A block as answers name it."""
    return {"blockNumber": at.number, "blockHash": at.hash, "at": time_view(at.timestamp)}


def block(connection: Connection, number: int, *, field: str) -> BlockRow:
    """An existing block.

    Raises:
        NotFound: neither the index nor the chain has reached it.
        BadInput: it is older than the ledger.
    """
    newest = _newest(connection)
    if number > newest.block_number:
        raise NotFound(
            say(
                "there is no block {number} yet; the newest one is {block_number}",
                number=number,
                block_number=newest.block_number,
            ),
            name="block-unknown",
            field=field,
            fix=say(
                "give a block up to {block_number}, or leave {field} out for the present",
                block_number=newest.block_number,
                field=field,
            ),
        )
    row = repository.block_at(connection, number)
    if row is None:
        raise BadInput(
            say("block {number} is older than the ledger", number=number),
            name="block-too-old",
            field=field,
            fix="give a later block",
        )
    return row


def last_of_day(
    connection: Connection, gateway: Gateway, day: datetime.date, *, field: str
) -> BlockRow:
    """The last block of a past business day; on a day without blocks the block before it.

    Raises:
        BadInput: the day is not over, or is before the ledger's first block.
        Unavailable: the index has not read all blocks of the day yet.
    """
    newest, end = _newest(connection), _start(gateway, day_of(day) + 1)
    if newest.timestamp < end:
        if gateway.clock() < end:
            raise BadInput(
                say(
                    "{field} is {day:day}; that day is not over on the ledger",
                    field=field,
                    day=day.isoformat(),
                ),
                name="day-not-over",
                field=field,
                fix=say("give an earlier day, or leave {field} out for the present", field=field),
            )
        if gateway.indexer.head_number != newest.block_number:
            raise Unavailable(
                say("the index has not read all blocks of {day:day} yet", day=day.isoformat()),
                name="index-behind",
                fix="send the request again in a moment",
                retryAfter=5,
            )
    row = repository.last_block_before(connection, end)
    if row is None:
        raise BadInput(
            say(
                "{field} is {day:day}; that day is before the ledger's first block",
                field=field,
                day=day.isoformat(),
            ),
            name="block-too-old",
            field=field,
            fix="give a later day",
        )
    return row


def window(
    connection: Connection,
    gateway: Gateway,
    *,
    from_block: int | None,
    to_block: int | None,
    from_date: datetime.date | None,
    as_of: datetime.date | None,
) -> Window:
    """The blocks between these bounds; each bound is a block or a business day.

    Raises:
        BadInput, NotFound, Unavailable.
    """
    _require_one(("fromBlock", from_block), ("fromDate", from_date))
    _require_one(("toBlock", to_block), ("asOf", as_of))
    first, until, newest = from_block, None, _newest(connection)
    if from_block is not None and from_block > newest.block_number + 1:
        block(connection, from_block, field="fromBlock")  # raises: there is no such block
    if from_date is not None:
        begin = _start(gateway, day_of(from_date))
        if begin > gateway.earliest(newest.timestamp):
            raise BadInput(
                say(
                    "fromDate is {from_date:day}; that day has not begun on the ledger",
                    from_date=from_date.isoformat(),
                ),
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
            say(
                "the range from block {first} to block {number} is empty",
                first=first,
                number=until.number,
            ),
            field="fromBlock" if from_date is None else "fromDate",
            fix="begin at the last block or before it",
        )
    return Window(first, until)


def _start(gateway: Gateway, day: int) -> int:
    """The first moment of a business day, UTC seconds. `start_of` takes no day after 9999."""
    return day * SECONDS_PER_DAY - gateway.zone_offset


def _require_one(*bounds: tuple[str, Any]) -> None:
    names = [name for name, value in bounds if value is not None]
    if len(names) > 1:
        raise BadInput(
            say("{names} set the same bound", names=" and ".join(names)),
            field=names[-1],
            fix=say("give one of {names}", names=", ".join(names)),
        )


def _newest(connection: Connection) -> Checkpoint:
    at = read_checkpoint(connection)
    if at is None:
        raise Unavailable(
            "the index has read no block yet",
            name="index-behind",
            fix="send the request again in a moment",
            retryAfter=5,
        )
    return at
