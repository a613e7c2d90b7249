"""Bodies of purchase orders."""

from __future__ import annotations

import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.http.money import Money

SIGNATURE = r"^0x[0-9a-fA-F]{130}$"
Status = Literal["Requested", "Confirmed", "Rejected", "Withdrawn", "Cancelled", "Invoiced"]


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
    number: str = Field(min_length=1, max_length=200, description="As the buyer's paper has it.")
    amount: Money
    deliveryDate: datetime.date
    expiryDate: datetime.date = Field(description="After it no new loan is given on the order.")
    description: str = Field(min_length=1, max_length=4000, description="Its hash goes on chain.")


class Confirmation(BaseModel):
    """A buyer's own signature, when the gateway does not keep its key."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"signature": None}})
    signature: str | None = Field(None, pattern=SIGNATURE)


class Reason(BaseModel):
    """Why; its hash goes on the ledger."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "not our order"}}
    )
    reason: str = Field("", max_length=4000)


class Order(BaseModel):
    """A purchase order as of a block."""

    model_config = ConfigDict(extra="allow")
    id: int
    status: str
    amount: Money
    invoiced: Money


class OrderPage(BaseModel):
    """A page of orders, newest first."""

    items: list[Order]
    nextCursor: int | None
    asOf: dict[str, Any]
