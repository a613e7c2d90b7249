"""Bodies of court orders."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.http.money import Money
from app.http.numbers import NumberGiven


class NewOrder(BaseModel):
    """What a court has ordered."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "kind": "freeze",
                "orderHash": "0xabababababababababababababababababababababababababababababababab",
                "partyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
            }
        },
    )
    kind: Literal["freeze", "unfreeze", "forced-transfer"]
    orderHash: str = Field(pattern=r"^0x[0-9a-fA-F]{64}$", description="Of the order itself.")
    partyId: str | None = Field(None, description="Whom to freeze or unfreeze.")
    claimId: NumberGiven | None = Field(None, description="Which claim to transfer.")
    toPartyId: str | None = None
    value: Money | None = None


class Order(BaseModel):
    """An order on the ledger."""

    id: int
    orderHash: str
    state: str
    issuer: str
    notBefore: str
    action: dict[str, Any]
    closedBy: str | None


class OrderPage(BaseModel):
    """A page of orders, newest first."""

    items: list[Order]
    nextCursor: int | None
    asOf: dict[str, Any]
