"""Bodies of offers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.path_types import SIGNATURE, SIGNATURE_LENGTH, BodyNumber, Whole
from app.gateway.signing import DraftView
from app.gateway.views import PartyView

HASH = r"^0x[0-9a-fA-F]{64}$"


class NewOffer(BaseModel):
    """A funder's offer for a claim or part of one: a price, or a yearly rate of discount."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "claimId": 7,
                "value": {"amount": "400000.00", "currency": "CNY"},
                "discountRate": 43500,
                "recourse": False,
            }
        },
    )
    claimId: BodyNumber
    value: Money = Field(description="The part of the claim's value.")
    price: Money | None = None
    discountRate: Whole | None = Field(
        None,
        ge=0,
        le=1_000_000,
        description="Parts per million a year (360 days), simple, on the days to the due date.",
    )
    recourse: bool = False
    validSeconds: Whole = Field(3600, ge=10, le=90 * 86_400)


class OfferSignature(BaseModel):
    """A funder's own signature over the offer's typed data."""

    model_config = ConfigDict(extra="forbid")
    signature: str = Field(pattern=SIGNATURE, max_length=SIGNATURE_LENGTH)


class Acceptance(BaseModel):
    """The documents of the sale."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"documentRoot": None}})
    documentRoot: str | None = Field(None, pattern=HASH)


class Offer(DraftView):
    """An offer; its state is prepared, open, accepted, cancelled or expired."""

    claimId: int
    funder: PartyView
    seller: PartyView
    value: MoneyView
    price: MoneyView
    discount: Annotated[MoneyView, Field(description="What the sale costs: value less price.")]
    daysToDue: Annotated[
        int | None,
        Field(
            description="From today, or from the day of the sale, to the due day; null: the offer "
            "is closed without a sale."
        ),
    ]
    discountRate: Annotated[
        int | None,
        Field(
            description="The discount a year on the value, on `daysToDue`, simple, a year of 360 "
            "days; null: no days are left, or it has no rate."
        ),
    ]
    yieldRate: Annotated[
        int | None,
        Field(
            description="The discount a year on the price, on `daysToDue`, simple, a year of 360 "
            "days: what the funder earns; null: no days are left, or it has no rate."
        ),
    ]
    recourse: bool
    expiresAt: str
    exceedsClaim: Annotated[
        bool,
        Field(
            description="It is open or prepared, but for more than the claim now holds, so the "
            "seller cannot accept it."
        ),
    ]
    signature: str | None
    quoteRequestId: Annotated[
        str | None, Field(description="The request that it answers; null: it answers none.")
    ]


class OfferPage(TypedDict):
    """A page of offers, newest first."""

    items: list[Offer]
    nextCursor: str | None
