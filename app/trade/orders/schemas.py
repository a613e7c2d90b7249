"""Bodies of purchase orders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypedDict

from app.chain.evm.typed_data import TypedData
from app.domain.texts import say
from app.gateway.money import Money, MoneyView
from app.gateway.operations.schemas import Operation
from app.gateway.path_types import SIGNATURE, SIGNATURE_LENGTH, BodyNumber, Day
from app.gateway.read_as_of import AsOf
from app.gateway.signing import DraftView
from app.gateway.views import PartyView

HASH = r"^0x[0-9a-fA-F]{64}$"
Status = Literal["requested", "confirmed", "rejected", "withdrawn", "cancelled", "invoiced"]


class NewOrder(BaseModel):
    """An order that the buyer is asked to confirm."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "buyerPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "number": "PO-2026-0042",
                "amount": {"amount": "250000.00", "currency": "CNY"},
                "deliveryDate": "2099-03-01",
                "expiryDate": "2099-04-01",
                "description": "forty castings by drawing 7",
            }
        },
    )
    buyerPartyId: str
    number: str = Field(min_length=1, max_length=200, description="As in the buyer's own document.")
    amount: Money
    deliveryDate: Day
    expiryDate: Day = Field(description="After this day no new loan is made on the order.")
    description: str = Field(
        min_length=1, max_length=4000, description="Its hash goes on the ledger."
    )


class BuyerSignature(BaseModel):
    """A buyer's own signature, if the gateway does not hold its key."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"signature": None}})
    signature: str | None = Field(None, pattern=SIGNATURE, max_length=SIGNATURE_LENGTH)


class Reason(BaseModel):
    """The reason; its hash goes on the ledger."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "not our order"}}
    )
    reason: str = Field("", max_length=4000)


class NewDelivery(BaseModel):
    """Goods of the order that came into a lot, for the buyer to sign."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "lotId": 7,
                "amount": {"amount": "120000.00", "currency": "CNY"},
                "evidence": "goods received note 2026-118",
            }
        },
    )
    lotId: BodyNumber
    amount: Money = Field(description="The price of these goods in the order.")
    evidence: str | None = Field(
        None,
        min_length=1,
        max_length=4000,
        description="The goods received note; its hash goes on the ledger.",
    )
    documentRoot: str | None = Field(
        None, pattern=HASH, description="In its place, a Merkle root or hash of documents."
    )

    @model_validator(mode="after")
    def _evidence(self) -> NewDelivery:
        if (self.evidence is None) == (self.documentRoot is None):
            raise ValueError(say("give evidence or documentRoot"))
        return self


class Delivery(DraftView):
    """A delivery; its state is waiting, signed, under-way or recorded."""

    orderId: int
    lotId: int
    amount: MoneyView
    documentRoot: Annotated[
        str, Field(description="Root or hash of the evidence, 0x and 64 digits.")
    ]
    signedUntil: Annotated[str, Field(description="Until when a signature is valid, UTC.")]


class DeliveryExecution(Delivery):
    """A delivery, and the operation that records it."""

    operation: Operation


class RecordedDelivery(TypedDict):
    """A delivery on the ledger."""

    lotId: Annotated[
        int | str, Field(description="A lot's number on the ledger; as text from 16 digits on.")
    ]
    amount: MoneyView
    notInvoiced: Annotated[MoneyView, Field(description="The part that is not invoiced yet.")]
    documentRoot: Annotated[
        str, Field(description="Root or hash of the evidence, 0x and 64 digits.")
    ]
    transactionHash: str


class DeliveryPage(TypedDict):
    """Deliveries of an order, oldest first, and those on the ledger."""

    items: list[Delivery]
    recorded: list[RecordedDelivery]


class Order(TypedDict):
    """A purchase order as of a block."""

    id: int
    status: str
    seller: PartyView
    buyer: Annotated[PartyView, Field(description="The party that ordered the goods.")]
    amount: MoneyView
    invoiced: MoneyView
    delivered: MoneyView
    deliveryDate: str
    expiryDate: Annotated[
        str, Field(description="The last day on which a loan can be made on the order.")
    ]
    fingerprint: Annotated[str, Field(description="Keyed hash of seller, buyer and number.")]
    documentRoot: Annotated[str, Field(description="Hash of the description, 0x and 64 digits.")]
    underLien: Annotated[bool, Field(description="Whether a lender has a lien on the order.")]


class OrderDetails(Order):
    """A purchase order with what the buyer signs, and its deliveries."""

    typedData: TypedData
    deliveries: Annotated[
        DeliveryPage, Field(description="Its deliveries, and those on the ledger.")
    ]


class OrderPage(TypedDict):
    """A page of orders, newest first."""

    items: list[Order]
    nextCursor: int | None
    asOf: AsOf
