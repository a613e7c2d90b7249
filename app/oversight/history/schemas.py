"""Bodies of the history."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from app.gateway.money import Money


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


class PastClaim(BaseModel):
    """The holder of a claim, and its value."""

    claimId: int
    owner: dict[str, Any]
    value: Money


class PastState(BaseModel):
    """A receivable and its holders as of a past block."""

    receivableId: int
    status: str
    principalPaid: Money
    lateChargePaid: Money
    credited: Money
    redeemed: Money
    claims: list[PastClaim]
    asOf: dict[str, Any]
