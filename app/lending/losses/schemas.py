"""Bodies of risk."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView


class Amount(BaseModel):
    """An amount of money in the product's currency."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"amount": {"amount": "20000.00", "currency": "CNY"}}},
    )
    amount: Money


class TopUp(Amount):
    """An amount for losses of one lender."""

    lenderPartyId: str | None = Field(
        None,
        description="Lender whose losses it is for; all lenders of a pooled product by default.",
    )


class RiskEntry(TypedDict):
    """A movement or agreement of a reserve or a loss."""

    kind: Annotated[str, Field(description="The event's name on the ledger.")]
    party: Annotated[
        PartyView | None, Field(description="Who paid, received, agreed or owes; null: nobody.")
    ]
    amount: MoneyView
    source: Annotated[
        str | None,
        Field(
            description="Who bore it: reserve, pool, sharer, insurer or lender; outlay: the "
            "lender, for what others keep of reversed recoveries."
        ),
    ]
    part: Annotated[int | None, Field(description="Parts per million of each loss.")]
    place: int | None
    at: str
    transactionHash: str


class LenderReserve(TypedDict):
    """What is set aside for the losses of one lender."""

    lender: PartyView
    balance: Annotated[MoneyView, Field(description="The amount set aside.")]


class Reserve(TypedDict):
    """What is set aside for a product's losses."""

    productId: int
    balance: Annotated[MoneyView, Field(description="The pool and all lenders' parts together.")]
    pool: MoneyView
    lenders: list[LenderReserve]
    entries: Annotated[list[RiskEntry], Field(description="The newest movements, newest first.")]
    asOf: AsOf


class OpenShare(TypedDict):
    """What a sharer still owes of a loss."""

    place: int
    sharer: Annotated[PartyView, Field(description="The party that shares the loss.")]
    amount: MoneyView


class OpenInsurance(TypedDict):
    """What an insurer still owes of a loss."""

    insurer: Annotated[PartyView, Field(description="The party that insures the loss.")]
    amount: MoneyView


class Loss(TypedDict):
    """A loan's loss: loss = reserve + sharers + insurer + borne, always."""

    loanId: int
    loss: MoneyView
    fromReserve: MoneyView
    fromSharers: MoneyView
    fromInsurer: MoneyView
    borne: MoneyView
    recovered: MoneyView
    outlay: Annotated[
        MoneyView,
        Field(
            description="What others than the lender keep of recoveries that were reversed: once "
            "the lender has back what it bore, later recoveries are its own up to this."
        ),
    ]
    openShares: Annotated[list[OpenShare], Field(description="What sharers owe, by place.")]
    openInsurance: Annotated[
        OpenInsurance | None, Field(description="What the insurer owes; null: nothing.")
    ]
    entries: Annotated[list[RiskEntry], Field(description="The newest movements, newest first.")]
    asOf: AsOf
