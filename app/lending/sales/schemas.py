"""Bodies of /v1/loans/{id}/sales and of what follows from a sale."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.path_types import Day, Whole
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView

MAX_BUY_BACK_PRICE = 2_000_000


class NewBuyBackOfLoan(BaseModel):
    """What seller and buyer agree about buying the loan back."""

    model_config = ConfigDict(extra="forbid")
    sellerMay: bool = Field(False, description="The seller may buy it back.")
    sellerMust: bool = Field(
        False, description="The seller must, if the loan is in default and its holder asks."
    )
    price: Whole = Field(
        ge=1,
        le=MAX_BUY_BACK_PRICE,
        description="Of what is owed that day, parts per million.",
    )
    max: Money | None = Field(
        None,
        description="The most that the seller must pay; twice the agreed share of the principal "
        "when left out. Only with `sellerMust`.",
    )
    firstDate: Day | None = Field(None, description="From the sale on when left out.")
    lastDate: Day


class NewLoanBuyBack(BaseModel):
    """A sold loan goes back to its seller."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"maxPrice": {"amount": "101200.00", "currency": "CNY"}}},
    )
    maxPrice: Money | None = Field(
        None,
        description="The most that the seller pays by its right; the price of today when left out.",
    )


class NewSale(BaseModel):
    """A loan that its lender sells to another financier."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "buyerPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "price": {"amount": "395000.00", "currency": "CNY"},
                "notice": "We assign your loan to Second Bank. Pay as before.",
            }
        },
    )
    buyerPartyId: str
    price: Money
    notice: str = Field(
        min_length=1, max_length=4000, description="To the borrower; its hash goes on chain."
    )
    buyBack: NewBuyBackOfLoan | None = None


class BuyBackOfLoan(TypedDict):
    """What may still be called after a sale."""

    sellerMay: bool
    sellerMust: bool
    price: Annotated[int, Field(description="Of what is owed that day, parts per million.")]
    max: Annotated[
        MoneyView | None, Field(description="The most that the seller must pay; null: no duty.")
    ]
    firstDate: str | None
    lastDate: str


class LoanSale(TypedDict):
    """A loan that got another lender; kind is sold or bought-back."""

    loanId: int
    kind: str
    seller: Annotated[PartyView, Field(description="The lender before.")]
    buyer: Annotated[PartyView, Field(description="The lender after.")]
    borrower: PartyView
    principal: MoneyView
    price: Annotated[MoneyView | None, Field(description="Null for the borrower.")]
    buyBack: Annotated[
        BuyBackOfLoan | None, Field(description="Null: nothing was agreed, or it is over.")
    ]
    notice: Annotated[str | None, Field(description="Null: this gateway has not its text.")]
    noticeSalt: Annotated[str | None, Field(description="Hex; hashed before the notice's text.")]
    noticeHash: str
    acknowledgedAt: Annotated[
        str | None, Field(description="When the borrower acknowledged the notice.")
    ]
    transactionHash: str
    timestamp: str


class LoanSalePage(TypedDict):
    """Sales, newest first."""

    items: list[LoanSale]
    nextCursor: int | None
    asOf: AsOf
