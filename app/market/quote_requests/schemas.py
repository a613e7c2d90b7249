"""Bodies of requests to quote."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.path_types import BodyNumber
from app.gateway.views import PartyView

MAX_FINANCIERS = 50
MAX_NOTE = 1000
State = Literal["open", "answered", "withdrawn", "expired", "sold", "ended"]
ListedState = Literal[State, "current"]
EndReason = Literal["assigned", "encumbered", "disputed", "paid", "changed"]


class NewRequestToQuote(BaseModel):
    """A request to quote for a claim, or for a part of its value."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "claimId": 7,
                "value": {"amount": "400000.00", "currency": "CNY"},
                "financierPartyIds": ["01a20b01-b514-70dd-928c-b6cc4f15541b"],
                "until": "2026-11-30T09:00:00Z",
                "note": "We deliver to this buyer every month.",
            }
        },
    )
    claimId: BodyNumber
    value: Money | None = Field(None, description="Part of the claim's value; default: all of it.")
    financierPartyIds: list[Annotated[str, Field(max_length=64)]] | None = Field(
        None, min_length=1, max_length=MAX_FINANCIERS, description="The financiers that are asked."
    )
    allFinanciers: bool = Field(
        False,
        description="Ask every financier of the ledger, instead of those in `financierPartyIds`.",
    )
    until: datetime.datetime = Field(
        description="When the request ends, exclusive, with a time zone; in 90 days at most."
    )
    note: str | None = Field(
        None, min_length=1, max_length=MAX_NOTE, description="Words to the financiers."
    )


class Decline(BaseModel):
    """Why a financier makes no offer."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"reason": "Our limit for the buyer is used."}},
    )
    reason: str = Field(min_length=1, max_length=MAX_NOTE)


class QuoteDecline(TypedDict):
    """A financier that makes no offer, and why."""

    financier: PartyView
    reason: str
    declinedAt: str


class RequestToQuote(TypedDict):
    """A request to quote, as its reader may see it."""

    id: str
    claimId: int
    receivableId: int
    seller: PartyView
    debtor: PartyView
    dueDate: Annotated[str, Field(description="The due day of the debt, YYYY-MM-DD.")]
    daysToDue: Annotated[int, Field(description="From today to the due day.")]
    value: Annotated[
        MoneyView,
        Field(
            description="What is for sale of the claim; offers for this value answer the request. "
            "While the request is open, it falls when collections leave the claim with less."
        ),
    ]
    requestedValue: Annotated[MoneyView, Field(description="What the seller put up for sale.")]
    note: Annotated[str | None, Field(description="Words to the financiers; null: there are none.")]
    createdAt: str
    expiresAt: Annotated[str, Field(description="When the request ends, exclusive.")]
    state: Annotated[
        State,
        Field(
            description="`answered`: open, and there is an offer that the reader sees; `sold`: the "
            "claim or a part of it was sold; `ended`: something else was done with the claim, or "
            "the debt was disputed, credited or paid by its debtor."
        ),
    ]
    endReason: Annotated[
        EndReason | None,
        Field(
            description="Why it is `ended`; null: it is not. `paid`: the debtor has paid, or "
            "payments of others have left nothing to sell."
        ),
    ]
    answers: Annotated[
        int,
        Field(
            description="Signed offers for it that can be accepted or were: all of them for the "
            "seller and for who sees all, the reader's own for a financier. An open offer for more "
            "than the claim now holds is not among them."
        ),
    ]
    declines: Annotated[
        int,
        Field(
            description="Financiers that declined: all of them for the seller and for who sees "
            "all, the reader itself for a financier."
        ),
    ]
    allFinanciers: Annotated[
        bool | None, Field(description="Whether every financier is asked; null for a financier.")
    ]


class RequestToQuoteDetails(RequestToQuote):
    """A request to quote, with the financiers that it names and those that declined."""

    financiers: Annotated[
        list[PartyView] | None,
        Field(
            description="The financiers that it names; null for a financier, and if all are asked."
        ),
    ]
    declined: Annotated[
        list[QuoteDecline],
        Field(
            description="Financiers that declined, the newest 50; for a financier its own decline."
        ),
    ]


class RequestToQuotePage(TypedDict):
    """A page of requests to quote, newest first."""

    items: list[RequestToQuote]
    nextCursor: str | None
