"""Answers from the read tables: each names the block as of which it is true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Query
from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.domain.calendar import day_at
from app.gateway.gateway import Gateway
from app.gateway.path_types import Written
from app.storage.checkpoint import read_checkpoint

DAY = 86_400
SIGNING_DAYS = 30
Result = TypeVar("Result")
Limit = Annotated[Written, Query(ge=1, le=200, description="Maximum number of items on a page.")]
Cursor = Annotated[
    str | None,
    Query(pattern=r"^[0-9a-f-]{36}$", description="`nextCursor` of the page before."),
]


class AsOf(TypedDict):
    """The block as of which an answer is true; null before the first block is read."""

    blockNumber: int | None
    blockHash: str | None


async def read_as_of(
    gateway: Gateway, function: Callable[[Connection], Result]
) -> tuple[Result, AsOf]:
    """What `function` reads, and the block as of which it is true; both in one transaction."""

    def read(connection: Connection) -> tuple[Result, AsOf]:
        _, as_of = moment(connection)
        return function(connection), as_of

    return await gateway.storage.read(read)


def moment(connection: Connection) -> tuple[int, AsOf]:
    """Timestamp (UTC seconds) and name of the block that the read tables have reached."""
    at = read_checkpoint(connection)
    if at is None:
        return 0, {"blockNumber": None, "blockHash": None}
    return at.timestamp, {"blockNumber": at.block_number, "blockHash": at.block_hash}


def business_day(gateway: Gateway, timestamp: int) -> int:
    """The ledger's business day at a time, such as the newest block's from `moment`."""
    return day_at(timestamp, zone_offset=gateway.zone_offset)


async def today_of(gateway: Gateway) -> int:
    """The ledger's business day of the newest block."""
    now, _ = await gateway.storage.read(moment)
    return business_day(gateway, now)


def ledger_day(gateway: Gateway, connection: Connection) -> int:
    """The next block's business day: the newest block's, or that of the clock if later."""
    now, _ = moment(connection)
    return business_day(gateway, gateway.earliest(now))


async def deadline(gateway: Gateway) -> int:
    """When an offer or draft made now expires: UTC seconds, exclusive."""
    now, _ = await gateway.storage.read(moment)
    return gateway.earliest(now) + SIGNING_DAYS * DAY
