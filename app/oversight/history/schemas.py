"""Bodies of the history."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
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


class Figure(TypedDict):
    """A figure of a thing before and after."""

    name: Annotated[str, Field(description="Its name, such as `status` or `claims.7.value`.")]
    before: Annotated[str | None, Field(description="Null: there was none.")]
    after: Annotated[str | None, Field(description="Null: there is none.")]
    changed: Annotated[bool, Field(description="Whether they differ.")]


# `from` is no name in Python, so that the class cannot state it.
Between = TypedDict(
    "Between",
    {
        "from": Annotated[Moment, Field(description="The block after which the state begins.")],
        "to": Annotated[Moment, Field(description="The block up to which events count.")],
    },
)


class Changes(Between):
    """What changed of a thing between two blocks, with a page of its events."""

    kind: Annotated[str, Field(description="What it is.")]
    id: Annotated[str, Field(description="Its number, or a party's id.")]
    figures: Annotated[
        list[Figure],
        Field(description="Its figures as of both blocks; empty: only its events are known."),
    ]
    items: list[Event]
    nextCursor: int | None
    asOf: Moment
