"""Answers from the read tables: each names the block it is true of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Query
from sqlalchemy import Connection

from app.chain.checkpoint import read_checkpoint
from app.http.gateway import Gateway

Result = TypeVar("Result")
Limit = Annotated[int, Query(ge=1, le=200, description="Most items on a page.")]
Cursor = Annotated[
    str | None,
    Query(pattern=r"^[0-9a-f-]{36}$", description="`nextCursor` of the page before."),
]


async def read_as_of(
    gateway: Gateway, function: Callable[[Connection], Result]
) -> tuple[Result, dict[str, Any]]:
    """What `function` reads, and the block as of which it is so; both in one transaction."""

    def read(connection: Connection) -> tuple[Result, dict[str, Any]]:
        at = read_checkpoint(connection)
        as_of: dict[str, Any] = {"blockNumber": None, "blockHash": None}
        if at is not None:
            as_of = {"blockNumber": at.block_number, "blockHash": at.block_hash}
        return function(connection), as_of

    return await gateway.storage.read(read)
