"""Bodies of history."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class Event(BaseModel):
    """One event, named by block hash, transaction and log index."""

    position: int
    blockNumber: int
    blockHash: str
    transactionHash: str
    logIndex: int
    at: str
    contract: str
    event: str
    arguments: dict[str, Any]


class EventPage(BaseModel):
    """A page of events in the chain's order."""

    items: list[Event]
    nextCursor: int | None
    asOf: dict[str, Any]


class PastState(BaseModel):
    """A receivable and who held what of it as of a past block."""

    receivableId: int
    status: str
    principalPaid: int
    lateChargePaid: int
    credited: int
    redeemed: int
    claims: list[dict[str, Any]]
    asOf: dict[str, Any]
