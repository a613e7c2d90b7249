"""Bodies of /v1/loans/{id}/participations and of what follows from a participation."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.path_types import Whole
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView

MAX_SHARE = 950_000


class NewParticipation(BaseModel):
    """A share of a loan that its lender sells to another financier."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "participantPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "share": 400000,
                "price": {"amount": "160000.00", "currency": "CNY"},
            }
        },
    )
    participantPartyId: str
    share: Whole = Field(
        ge=1,
        le=MAX_SHARE,
        description="Of what the lender gets from now on, without costs; parts per million.",
    )
    price: Money


class NewParticipationPayment(BaseModel):
    """What the lender pays to those who have shares of a loan."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"amount": {"amount": "400.00", "currency": "CNY"}}},
    )
    amount: Money


class Participation(TypedDict):
    """A share of what a loan's lender gets."""

    loanId: int
    place: Annotated[int, Field(description="Its number on this loan, from 0.")]
    lender: PartyView
    participant: PartyView
    share: Annotated[int, Field(description="Parts per million.")]
    principal: Annotated[MoneyView, Field(description="What was outstanding at the sale.")]
    price: MoneyView
    joinedAt: Annotated[MoneyView, Field(description="The loan's proceeds at the sale.")]
    paid: Annotated[MoneyView, Field(description="What the participant was paid.")]
    due: Annotated[MoneyView, Field(description="What the lender owes it.")]
    legalTextHash: str
    transactionHash: str
    timestamp: Annotated[str, Field(description="When it happened, UTC.")]


class ParticipationEntry(TypedDict):
    """One line: money came in or was taken back (proceeds), or a participant was paid (paid)."""

    kind: str
    place: Annotated[int | None, Field(description="The participation that was paid.")]
    amount: Annotated[MoneyView, Field(description="Below zero: a correction took it back.")]
    total: Annotated[MoneyView, Field(description="The proceeds, or all that it was paid, then.")]
    transactionHash: str
    timestamp: Annotated[str, Field(description="When it happened, UTC.")]


class ParticipationStatement(TypedDict):
    """What participants have of a loan, with every line that it follows from."""

    loanId: int
    proceeds: Annotated[
        MoneyView, Field(description="What the lender got since the first participation.")
    ]
    shared: Annotated[int, Field(description="Of all participants; parts per million.")]
    due: Annotated[MoneyView, Field(description="What is due on the items.")]
    items: list[Participation]
    entries: list[ParticipationEntry]
    asOf: AsOf


class ParticipationPage(TypedDict):
    """Participations, newest first."""

    items: list[Participation]
    nextCursor: int | None
    asOf: AsOf
