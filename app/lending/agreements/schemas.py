"""Bodies of agreements."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.chain.evm.hashing import ZERO_HASH
from app.gateway.money import Money
from app.gateway.operations.schemas import Operation
from app.gateway.path_types import SIGNATURE, SIGNATURE_LENGTH, BodyNumber, Day, Whole
from app.gateway.signing import DraftView
from app.gateway.views import PartyView
from app.lending.payments.schemas import Reason

HASH = r"^0x[0-9a-fA-F]{64}$"


class NewExtension(BaseModel):
    """More time for a loan: a later day for a bullet, more months for a schedule."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"dueDate": "2099-06-30"}}
    )
    dueDate: Day | None = None
    months: Whole | None = Field(None, ge=1, le=60, description="All months of the new schedule.")


class NewRestructuring(BaseModel):
    """New terms of a loan, also of one in default. The amounts are maxima."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "style": "equal-instalment",
                "periods": 6,
                "dueDate": "2099-06-30",
                "annualRate": 60_000,
                "forgivenPenalty": {"amount": "500.00", "currency": "CNY"},
            }
        },
    )
    style: Literal["bullet", "equal-principal", "equal-instalment", "interest-only"]
    dueDate: Day = Field(description="The due date of a bullet; the first one of instalments.")
    annualRate: Whole = Field(
        ge=0, le=1_000_000, description="Millionths a year; at most what the product allows."
    )
    periods: Whole = Field(1, ge=1, le=60, description="Number of instalments; 1 for a bullet.")
    monthsPerPeriod: Whole = Field(1, ge=1, le=12, description="Months between two instalments.")
    principalGrace: Whole = Field(
        0, ge=0, le=12, description="First instalments that repay no principal."
    )
    interestGrace: Whole = Field(0, ge=0, le=12, description="First instalments without interest.")
    interestFromDate: Day | None = Field(
        None, description="The day from which interest runs; by default the day of the change."
    )
    forgivenCosts: Money | None = Field(None, description="Costs that are forgiven, at most.")
    forgivenPenalty: Money | None = Field(None, description="Penalty that is forgiven, at most.")
    forgivenInterest: Money | None = Field(
        None, description="Interest that is forgiven, at most, before any of it is capitalised."
    )
    forgivenPrincipal: Money | None = Field(
        None, description="Less than what is outstanding; the lender alone bears it."
    )
    capitalisedInterest: Money | None = Field(
        None, description="Unpaid interest that becomes principal."
    )


class NewSetOff(BaseModel):
    """A claim that the borrower gives in place of money."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "claimId": 7,
                "claimValue": {"amount": "1000.00", "currency": "CNY"},
                "credit": {"amount": "980.00", "currency": "CNY"},
            }
        },
    )
    claimId: BodyNumber
    claimValue: Money = Field(description="Face value of the claim that the borrower gives.")
    credit: Money = Field(description="How much of the debt it pays.")
    documentRoot: str = Field(ZERO_HASH, pattern=HASH)


class NewInKind(BaseModel):
    """Goods that the borrower gives in place of money."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "warehouseReceiptId": 7,
                "quantity": "500.000",
                "credit": {"amount": "980.00", "currency": "CNY"},
            }
        },
    )
    warehouseReceiptId: BodyNumber
    quantity: str = Field(max_length=40, description="What the borrower gives, in the lot's unit.")
    credit: Money = Field(description="How much of the debt it pays.")
    documentRoot: str = Field(ZERO_HASH, pattern=HASH)


class NewHedge(BaseModel):
    """A contract that fixes the price of a loan's goods, at an exchange or with another party."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "item": "0x" + "5c" * 32,
                "quantity": "40000.000",
                "price": "12.50",
                "currency": "CNY",
                "lastDate": "2099-06-30",
                "venue": "XSGE",
                "contractNumber": "RU2609-000117",
            }
        },
    )
    item: str = Field(pattern=HASH, description="The goods, as they are priced.")
    quantity: str = Field(max_length=40, description="What it hedges, in the goods' unit.")
    price: str = Field(max_length=40, description="The price that it fixes, for one unit.")
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="The loan's currency.")
    lastDate: Day = Field(description="The last day on which it counts: the contract's last day.")
    venue: str = Field(
        max_length=40,
        description="The exchange's code (MIC, ISO 10383: 4 characters), or the counterparty's LEI "
        "(ISO 17442: 20 characters).",
    )
    contractNumber: str = Field(
        min_length=1, max_length=100, description="Its number there; its hash goes on chain."
    )
    counterpartyPartyId: str | None = Field(
        None, description="The counterparty, if it is a party of the ledger."
    )
    documentRoot: str = Field(ZERO_HASH, pattern=HASH)


class NewBuyBack(BaseModel):
    """A buy-back undertaking: who buys the goods of a facility's loans at liquidation."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "undertakerPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "share": 900_000,
                "maxTotal": {"amount": "500000.00", "currency": "CNY"},
                "lastDate": "2099-12-31",
            }
        },
    )
    undertakerPartyId: str
    share: Whole = Field(
        ge=0, le=2_000_000, description="Of the goods' market value, parts per million."
    )
    maxTotal: Money = Field(description="Maximum that it pays in all.")
    lastDate: Day


class NewCosts(BaseModel):
    """Costs of enforcement that the borrower agrees to bear."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "amount": {"amount": "350.00", "currency": "CNY"},
                "evidence": "bailiff's bill",
            }
        },
    )
    amount: Money
    evidence: str = Field(min_length=1, max_length=4000, description="Its hash goes on chain.")


class NewCorrection(BaseModel):
    """A recorded payment that both sides reverse, or move to another loan or value date."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"reverse": True, "reason": "returned by the bank"}},
    )
    reverse: bool = Field(False, description="True: it is reversed; else it moves.")
    loanId: BodyNumber | None = Field(None, description="The same loan when left out.")
    valueDate: Day | None = Field(None, description="The same value date when left out.")
    reason: Reason


class NewSharing(BaseModel):
    """A part of a product's losses that a sharer bears."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "sharerPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "part": 300_000,
                "cap": {"amount": "1000000.00", "currency": "CNY"},
                "lastDate": "2099-12-31",
            }
        },
    )
    sharerPartyId: str
    part: Whole = Field(ge=1, le=1_000_000, description="Parts per million of each loss.")
    cap: Money = Field(description="Maximum that it bears in all.")
    lastDate: Day


class NewInsurance(BaseModel):
    """Insurance of one facility's losses."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "insurerPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "insuredAmount": {"amount": "500000.00", "currency": "CNY"},
                "lastDate": "2099-12-31",
            }
        },
    )
    insurerPartyId: str
    insuredAmount: Money
    lastDate: Day


class AgreementSignature(BaseModel):
    """A party's own signature; left out when the gateway holds its key."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"signature": None}})
    signature: str | None = Field(None, pattern=SIGNATURE, max_length=SIGNATURE_LENGTH)


class Agreement(DraftView):
    """An agreement; its state is waiting, signed, under-way, agreed or withdrawn."""

    kind: str
    subjectId: Annotated[
        int, Field(description="Number of the loan, product or facility that it is about, by kind.")
    ]
    missing: list[str]
    parties: Annotated[
        dict[str, PartyView], Field(description="Its parties by position, or by role.")
    ]
    operation: NotRequired[Operation]


class AgreementPage(TypedDict):
    """Agreements of the caller, newest first."""

    items: list[Agreement]
    nextCursor: str | None
