"""Bodies of collateral, conversion and liquidation."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money
from app.gateway.path_types import BodyNumber
from app.gateway.signing import SIGNATURE

MAX_ITEMS = 16  # of one loan


class NewItem(BaseModel):
    """One whole item of collateral for a loan on goods."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"kind": "warehouse-receipt", "id": 7}}
    )
    kind: Literal["warehouse-receipt", "claim"]
    id: BodyNumber


class ConversionToClaim(BaseModel):
    """The receivable that a financed order has become."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"receivableId": 3}})
    receivableId: BodyNumber
    signature: str | None = Field(
        None,
        pattern=SIGNATURE,
        description="The buyer's own signature over the receivable's terms.",
    )


class RemovedItem(BaseModel):
    """An item that leaves the collateral, or a part of it; the whole item by default."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"kind": "warehouse-receipt", "id": 7, "quantity": "12000.000"}
        },
    )
    kind: Literal["warehouse-receipt", "claim", "order"]
    id: BodyNumber
    quantity: str | None = Field(
        None, max_length=40, description="Of a warehouse receipt, in its unit."
    )
    amount: Money | None = Field(None, description="Of a claim.")


class CollateralSubstitution(BaseModel):
    """Items added to and removed from a loan's collateral at once."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "added": [{"kind": "warehouse-receipt", "id": 9}],
                "removed": [{"kind": "warehouse-receipt", "id": 7, "quantity": "12000.000"}],
            }
        },
    )
    added: list[NewItem] = Field([], max_length=MAX_ITEMS)
    removed: list[RemovedItem] = Field([], max_length=MAX_ITEMS)


class ConversionToGoods(BaseModel):
    """A delivery that the buyer has signed, and the warehouse receipt for its lot."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "deliveryId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "warehouseReceiptId": 7,
            }
        },
    )
    deliveryId: str = Field(max_length=64)
    warehouseReceiptId: BodyNumber = Field(
        description="For the whole lot; the borrower owns it and it has no lien."
    )


class InvoicedGoods(BaseModel):
    """Goods under lien that have been invoiced."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"receivableId": 3, "warehouseReceiptId": 7, "quantity": "500.000"}
        },
    )
    receivableId: BodyNumber
    warehouseReceiptId: BodyNumber
    claimId: BodyNumber | None = Field(None, description="The receivable's first claim by default.")
    quantity: str | None = Field(
        None, max_length=40, description="The whole warehouse receipt by default."
    )
    signature: str | None = Field(
        None,
        pattern=SIGNATURE,
        description="The debtor's own signature over the terms of an unconfirmed receivable.",
    )


class NewBid(BaseModel):
    """A funder's maximum price for the goods; it pays the current auction price."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"maxPrice": {"amount": "60000.00", "currency": "CNY"}}},
    )
    maxPrice: Money


class Auction(BaseModel):
    """Goods for sale, at the price as of the block."""

    model_config = ConfigDict(extra="allow")
    loanId: int
    round: int
    price: Money | None
    factor: int | None
    floorPrice: Money | None
    goods: list[dict[str, Any]]


class AuctionPage(BaseModel):
    """Open auctions, newest loan first."""

    items: list[Auction]
    nextCursor: int | None
    asOf: dict[str, Any]


class MarginCall(BaseModel):
    """A loan on goods: its debt and its collateral."""

    model_config = ConfigDict(extra="allow")
    loanId: int
    debt: Money
    calledDate: str | None
    lastDate: str | None


class MarginCallPage(BaseModel):
    """Loans with an open margin call, or near one, newest first."""

    items: list[MarginCall]
    nextCursor: int | None
    asOf: dict[str, Any]
