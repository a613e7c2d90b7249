"""Bodies of the history."""

from __future__ import annotations

from typing_extensions import TypedDict

from app.chain.evm.abi import DecodedValues
from app.gateway.money import MoneyView
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView
from app.oversight.history.moments import Moment


class Event(TypedDict):
    """One event, named by block hash, transaction and log index."""

    position: int
    blockNumber: int
    blockHash: str
    transactionHash: str
    logIndex: int
    at: str
    contract: str
    event: str
    arguments: DecodedValues


class EventPage(TypedDict):
    """A page of events in the chain's order."""

    items: list[Event]
    nextCursor: int | None
    asOf: Moment | AsOf


class PastClaim(TypedDict):
    """The holder of a claim, and its value."""

    claimId: int
    owner: PartyView
    value: MoneyView


class PastState(TypedDict):
    """A receivable and its holders as of a past block."""

    receivableId: int
    status: str
    principalPaid: MoneyView
    lateChargePaid: MoneyView
    credited: MoneyView
    redeemed: MoneyView
    claims: list[PastClaim]
    asOf: Moment
