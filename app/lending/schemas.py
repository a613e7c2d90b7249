"""Bodies of financing."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money
from app.gateway.operations.schemas import Operation
from app.gateway.path_types import Day, NumberGiven

SIGNATURE = r"^0x[0-9a-fA-F]{130}$"
StyleName = Literal["bullet", "equal-principal", "equal-instalment", "billing-cycle"]
MOST_PIECES = 16  # of one loan
LoanStatus = Literal["running", "defaulted", "written-off", "repaid"]


class NewProposal(BaseModel):
    """A line that a lender offers to a borrower under a product; both sign its terms."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "productId": 1,
                "borrowerPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "annualRate": 72000,
                "limit": {"amount": "1000000.00", "currency": "CNY"},
                "lastDate": "2099-12-31",
            }
        },
    )
    productId: NumberGiven
    borrowerPartyId: str
    entrusterPartyId: str | None = Field(
        None, description="Whose money it is, for an entrusted loan."
    )
    annualRate: int = Field(ge=0, le=1_000_000, description="Parts per million a year.")
    administrationFee: int = Field(
        0, ge=0, le=1_000_000, description="Share of interest that the administering bank keeps."
    )
    limit: Money
    deposit: Money | None = Field(None, description="What the borrower pays in before it draws.")
    firstDate: Day | None = Field(None, description="Today when left out.")
    lastDate: Day = Field(description="On which one may draw, inclusive.")


class ProposalSignature(BaseModel):
    """A party's own signature; left out when the gateway keeps its key."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"signature": None}})
    signature: str | None = Field(None, pattern=SIGNATURE)


class NewPiece(BaseModel):
    """One thing that backs a loan on goods, whole."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"kind": "receipt", "id": 7}}
    )
    kind: Literal["receipt", "claim"]
    id: NumberGiven


class NewDraw(BaseModel):
    """Money to be drawn on a line."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "amount": {"amount": "80000.00", "currency": "CNY"},
                "style": "bullet",
                "tenor": 60,
                "coverId": 7,
            }
        },
    )
    amount: Money
    style: StyleName = "bullet"
    tenor: int = Field(
        0, ge=0, le=3660, description="Days for a bullet, months for instalments, 0 for a bill."
    )
    coverId: NumberGiven | None = Field(None, description="Claim or order, as the product has it.")
    pieces: list[NewPiece] = Field(
        [], max_length=MOST_PIECES, description="Receipts, and claims beside them, of goods."
    )


class Repayment(BaseModel):
    """What to pay; at most what is owed is taken."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"amount": {"amount": "20000.00", "currency": "CNY"}}},
    )
    amount: Money


class RepaymentOfMany(BaseModel):
    """What to pay on several loans of one line, the first one first; at most what is owed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "loanIds": [3, 4],
                "amount": {"amount": "20000.00", "currency": "CNY"},
            }
        },
    )
    loanIds: list[NumberGiven] = Field(min_length=1, max_length=50)
    amount: Money


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


class Instalments(BaseModel):
    """A bill's purchases become instalments."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"months": 3}})
    months: int = Field(ge=1, le=60)


class Product(BaseModel):
    """A product in the version in force."""

    model_config = ConfigDict(extra="allow")
    id: int
    code: str
    version: int
    open: bool
    currency: str


class ProductPage(BaseModel):
    """The catalogue."""

    items: list[Product]
    asOf: dict[str, Any]


class Proposal(BaseModel):
    """A line that waits for signatures, or was agreed."""

    model_config = ConfigDict(extra="allow")
    id: str
    state: str = Field(description="waiting, under-way or agreed")
    missing: list[str] = Field(description="Roles whose signature is not there yet.")
    typedData: dict[str, Any]
    operationId: str | None
    operation: Operation | None = None


class ProposalPage(BaseModel):
    """A page of proposals, newest first."""

    items: list[Proposal]
    nextCursor: str | None


class Facility(BaseModel):
    """A line as of a block."""

    model_config = ConfigDict(extra="allow")
    id: int
    limit: Money
    outstanding: Money
    drawn: Money
    closed: bool


class AcceptedDebtor(BaseModel):
    """Whether a lender accepts debts of a party as collateral of a line."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"debtorPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b", "accepted": True}
        },
    )
    debtorPartyId: str
    accepted: bool = True


class FacilityPage(BaseModel):
    """A page of lines, newest first."""

    items: list[Facility]
    nextCursor: int | None
    asOf: dict[str, Any]


class AccountStatement(BaseModel):
    """A line's limit, its bills by due date, and each movement of money with what is owed after."""

    facility: Facility
    bills: list[dict[str, Any]] = Field(description="Purchases that fall due together.")
    entries: list[dict[str, Any]] = Field(description="Oldest first.")
    asOf: dict[str, Any]


class Loan(BaseModel):
    """A loan as of the day of a block."""

    model_config = ConfigDict(extra="allow")
    id: int
    facilityId: int
    status: str
    drawn: Money
    outstanding: Money


class LoanPage(BaseModel):
    """A page of loans, newest first."""

    items: list[Loan]
    nextCursor: int | None
    asOf: dict[str, Any]


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


class Portfolio(BaseModel):
    """What is lent, by age and by maturity, and what stands behind loans on goods."""

    ageing: list[dict[str, Any]]
    maturities: list[dict[str, Any]]
    goods: list[dict[str, Any]]
    asOf: dict[str, Any]
