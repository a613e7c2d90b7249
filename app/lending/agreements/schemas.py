"""Bodies of agreements."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money
from app.gateway.path_types import Day, NumberGiven
from app.gateway.signing import SIGNATURE

HASH = r"^0x[0-9a-fA-F]{64}$"


class NewExtension(BaseModel):
    """More time for a loan: a later day for a bullet, more months for a schedule."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"dueDate": "2099-06-30"}}
    )
    dueDate: Day | None = None
    months: int | None = Field(None, ge=1, le=60, description="In all, of a schedule.")


class NewSetOff(BaseModel):
    """A claim of the borrower's in place of money."""

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
    claimId: NumberGiven
    claimValue: Money = Field(description="Face that is handed over.")
    credit: Money = Field(description="What it counts for.")
    papersRoot: str = Field("0x" + "0" * 64, pattern=HASH)


class NewInKind(BaseModel):
    """Goods of the borrower's in place of money."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "receiptId": 7,
                "quantity": "500.000",
                "credit": {"amount": "980.00", "currency": "CNY"},
            }
        },
    )
    receiptId: NumberGiven
    quantity: str = Field(max_length=40, description="That is handed over, in the lot's unit.")
    credit: Money = Field(description="What it counts for.")
    papersRoot: str = Field("0x" + "0" * 64, pattern=HASH)


class NewBuyBack(BaseModel):
    """Who buys the goods of a line's loans when they are liquidated."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "undertakerPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "share": 900_000,
                "most": {"amount": "500000.00", "currency": "CNY"},
                "lastDate": "2099-12-31",
            }
        },
    )
    undertakerPartyId: str
    share: int = Field(
        ge=0, le=2_000_000, description="Of the goods' market value, parts per million."
    )
    most: Money = Field(description="Most that it pays in all.")
    lastDate: Day


class NewCosts(BaseModel):
    """Costs of enforcement that the borrower agrees to bear."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "amount": {"amount": "350.00", "currency": "CNY"},
                "papers": "bailiff's bill",
            }
        },
    )
    amount: Money
    papers: str = Field(min_length=1, max_length=4000, description="Its hash goes on chain.")


class NewSharing(BaseModel):
    """A part of a product's losses that another takes on."""

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
    part: int = Field(ge=1, le=1_000_000, description="Parts per million of each loss.")
    cap: Money = Field(description="Most that it bears in all.")
    lastDate: Day


class NewInsurance(BaseModel):
    """Cover for the losses of one line."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "insurerPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "cover": {"amount": "500000.00", "currency": "CNY"},
                "lastDate": "2099-12-31",
            }
        },
    )
    insurerPartyId: str
    cover: Money
    lastDate: Day


class GivenSignature(BaseModel):
    """A party's own signature; left out when the gateway keeps its key."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"signature": None}})
    signature: str | None = Field(None, pattern=SIGNATURE)


class Agreement(BaseModel):
    """What waits for signatures, or was carried out."""

    model_config = ConfigDict(extra="allow")
    id: str
    kind: str
    state: str = Field(description="waiting, signed, under-way, agreed or withdrawn")
    missing: list[str]
    typedData: dict[str, Any]
    operationId: str | None


class AgreementPage(BaseModel):
    """Agreements of the caller, newest first."""

    items: list[Agreement]
    nextCursor: str | None
