"""Bodies of collateral, conversion and liquidation."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money
from app.gateway.path_types import NumberGiven
from app.gateway.signing import SIGNATURE

MOST_PIECES = 16  # of one loan


class NewPiece(BaseModel):
    """One thing that backs a loan on goods, whole."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"kind": "receipt", "id": 7}}
    )
    kind: Literal["receipt", "claim"]
    id: NumberGiven


class Passage(BaseModel):
    """The receivable that a financed order has become."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"receivableId": 3}})
    receivableId: NumberGiven
    signature: str | None = Field(
        None, pattern=SIGNATURE, description="The buyer's own, over the receivable's terms."
    )


class OutPiece(BaseModel):
    """A piece that goes out of the cover, or a part of it; all of it when neither is given."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"kind": "receipt", "id": 7, "quantity": "12000.000"}},
    )
    kind: Literal["receipt", "claim", "order"]
    id: NumberGiven
    quantity: str | None = Field(None, max_length=40, description="Of a receipt, in its unit.")
    amount: Money | None = Field(None, description="Of a claim.")


class CoverChange(BaseModel):
    """What comes into a loan's cover and what goes out, at once."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "added": [{"kind": "receipt", "id": 9}],
                "removed": [{"kind": "receipt", "id": 7, "quantity": "12000.000"}],
            }
        },
    )
    added: list[NewPiece] = Field([], max_length=MOST_PIECES)
    removed: list[OutPiece] = Field([], max_length=MOST_PIECES)


class PassageToGoods(BaseModel):
    """A delivery that the buyer has signed, and the receipt for its lot."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"deliveryId": "01a20b01-b514-70dd-928c-b6cc4f15541b", "receiptId": 7}
        },
    )
    deliveryId: str = Field(max_length=64)
    receiptId: NumberGiven = Field(description="For all of the lot, the borrower's own and free.")


class InvoicedGoods(BaseModel):
    """Goods under lien that have been invoiced."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"receivableId": 3, "receiptId": 7, "quantity": "500.000"}},
    )
    receivableId: NumberGiven
    receiptId: NumberGiven
    claimId: NumberGiven | None = Field(None, description="The debt's first claim when left out.")
    quantity: str | None = Field(None, max_length=40, description="All of it when left out.")
    signature: str | None = Field(
        None,
        pattern=SIGNATURE,
        description="The debtor's own over the receivable's terms, where it is not confirmed yet.",
    )


class NewBid(BaseModel):
    """The most that a funder pays for the goods; it pays the auction's price of the moment."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"most": {"amount": "60000.00", "currency": "CNY"}}},
    )
    most: Money


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
    """Auctions that are open, newest loan first."""

    items: list[Auction]
    nextCursor: int | None
    asOf: dict[str, Any]


class MarginCall(BaseModel):
    """A loan on goods beside its cover."""

    model_config = ConfigDict(extra="allow")
    loanId: int
    debt: Money
    calledDate: str | None
    lastDate: str | None


class MarginCallPage(BaseModel):
    """Loans that are called, or near it, newest first."""

    items: list[MarginCall]
    nextCursor: int | None
    asOf: dict[str, Any]
