"""Bodies of collateral, conversion and liquidation."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.path_types import SIGNATURE, SIGNATURE_LENGTH, BodyNumber
from app.gateway.read_as_of import AsOf
from app.gateway.views import GoodsName, PartyView
from app.lending.hedges.schemas import HedgeView

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
        max_length=SIGNATURE_LENGTH,
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
        max_length=SIGNATURE_LENGTH,
        description="The debtor's own signature over the terms of an unconfirmed receivable.",
    )


class NewBid(BaseModel):
    """A funder's maximum price for the goods; it pays the current auction price."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"maxPrice": {"amount": "60000.00", "currency": "CNY"}}},
    )
    maxPrice: Money


class BuyBackUndertaking(TypedDict):
    """A buy-back undertaking for the goods of a facility's loans."""

    undertaker: PartyView
    share: Annotated[int, Field(description="Of the goods' market value, parts per million.")]
    maxTotal: MoneyView
    left: Annotated[MoneyView, Field(description="The part of `maxTotal` that is not used yet.")]
    lastDate: str


class CollateralItem(TypedDict):
    """An item of collateral; the rest is missing where the chain did not answer."""

    kind: str
    id: int
    lotId: NotRequired[int | None]
    quantity: NotRequired[str]
    item: NotRequired[str]
    unit: NotRequired[str]
    warehouse: NotRequired[PartyView]
    storedDate: NotRequired[str]
    expiryDate: NotRequired[str]
    condition: NotRequired[str]
    goods: NotRequired[
        Annotated[GoodsName | None, Field(description="The goods; null: they have no name.")]
    ]
    receivableId: NotRequired[int]
    amount: NotRequired[
        Annotated[MoneyView, Field(description="Of a claim, or what is left of an order.")]
    ]


class MarginView(TypedDict):
    """Debt and value of collateral; null where the chain did not answer."""

    debt: MoneyView
    lendable: Annotated[
        MoneyView | None, Field(description="The value that the collateral counts for.")
    ]
    hedged: Annotated[
        MoneyView | None, Field(description="What hedges of the goods add in a margin call.")
    ]
    market: Annotated[MoneyView | None, Field(description="The collateral's market value.")]
    waiting: Annotated[
        MoneyView | None,
        Field(
            description="What debtors of claims have paid and nobody has collected; it lowers the "
            "debt in a margin call."
        ),
    ]
    priced: Annotated[
        bool | None,
        Field(
            description="Whether all goods have a price that is fresh enough, and last long enough "
            "to be sold."
        ),
    ]
    level: Annotated[
        int | None,
        Field(
            description="Collateral, with what hedges add, over the debt less `waiting`; parts per "
            "million."
        ),
    ]
    callLevel: int
    liquidationLevel: int
    calledDate: str | None
    lastDate: Annotated[str | None, Field(description="The last day to cure the margin call.")]


class AuctionState(TypedDict):
    """An open auction; prices and `factor` are null where the chain did not answer."""

    round: int
    price: Annotated[MoneyView | None, Field(description="The price of what a bid would buy now.")]
    factor: int | None
    startFactor: int
    floorFactor: int
    floorPrice: MoneyView | None
    startsAt: str
    endsAt: str


class Auction(AuctionState):
    """Goods for sale, at the price as of the block."""

    loanId: int
    lender: PartyView
    goods: Annotated[list[CollateralItem], Field(description="The goods for sale.")]


class AuctionPage(TypedDict):
    """Open auctions, newest loan first."""

    items: list[Auction]
    nextCursor: int | None
    asOf: AsOf


class MarginCall(MarginView):
    """A loan on goods: its debt and its collateral."""

    loanId: int
    facilityId: int
    lender: PartyView
    borrower: PartyView


class MarginCallPage(TypedDict):
    """Loans with an open margin call, or near one, newest first."""

    items: list[MarginCall]
    nextCursor: int | None
    asOf: AsOf


class SoldReceipt(TypedDict):
    """One warehouse receipt of a sale."""

    warehouseReceiptId: int
    soldWarehouseReceiptId: Annotated[
        int, Field(description="What the buyer got; for a part, it is split off for the buyer.")
    ]
    quantity: str
    price: MoneyView


class GoodsSale(TypedDict):
    """A sale of a loan's goods."""

    kind: Annotated[str, Field(description="auction or buy-back")]
    buyer: PartyView
    price: MoneyView
    taken: Annotated[MoneyView, Field(description="The part of the price that paid the debt.")]
    toOwner: Annotated[MoneyView, Field(description="The part that the borrower got.")]
    items: Annotated[list[SoldReceipt], Field(description="The warehouse receipts that it sold.")]
    transactionHash: str


class GoodsCollateral(MarginView):
    """The collateral of a loan on goods."""

    kind: str
    id: Annotated[None, Field(description="Null: the collateral is its items.")]
    items: Annotated[list[CollateralItem], Field(description="The items that secure the loan.")]
    hedges: Annotated[
        list[HedgeView], Field(description="Hedges of the price of its goods, oldest first.")
    ]
    auction: Annotated[AuctionState | None, Field(description="The open auction; null: none.")]
    sales: Annotated[list[GoodsSale], Field(description="Sales of its goods, oldest first.")]


class GoodsPortfolio(TypedDict):
    """Loans on goods in one currency: their debt, their collateral, open calls and auctions."""

    currency: str
    loans: int
    openCalls: int
    openAuctions: int
    notPriced: Annotated[int, Field(description="Loans whose goods lack a fresh price.")]
    debt: MoneyView
    lendable: Annotated[MoneyView, Field(description="The value that the collateral counts for.")]
    market: Annotated[MoneyView, Field(description="The collateral's market value.")]
    level: Annotated[int | None, Field(description="Collateral over debt, in parts per million.")]


class CoveragePoint(TypedDict):
    """Debt and collateral after a block; null where the node does not know the block any more."""

    blockNumber: int
    at: str
    outstanding: Annotated[
        MoneyView, Field(description="Principal that is owed, without interest and fees.")
    ]
    debt: Annotated[
        MoneyView | None,
        Field(description="What would have ended the loan then; a margin call compares with it."),
    ]
    counted: Annotated[
        MoneyView | None,
        Field(description="What the collateral counts for in a margin call, with hedges."),
    ]
    market: Annotated[MoneyView | None, Field(description="The collateral's market value.")]
    priced: Annotated[
        bool | None, Field(description="Whether all goods had a price that was fresh enough.")
    ]
    level: Annotated[
        int | None,
        Field(description="Counted collateral over debt; parts per million. Null: no debt."),
    ]


class CoverageHistory(TypedDict):
    """Collateral over debt, after each block in which one of them changed; newest first."""

    loanId: int
    callLevel: Annotated[
        int | None, Field(description="Below it the lender may call; null: not on goods.")
    ]
    liquidationLevel: Annotated[
        int | None, Field(description="Below it the goods may be sold; null: not on goods.")
    ]
    items: list[CoveragePoint]
    nextCursor: int | None
    asOf: AsOf
