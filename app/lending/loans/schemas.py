"""Bodies of loans."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money
from app.gateway.path_types import BodyNumber
from app.lending.collateral.schemas import MAX_ITEMS, NewItem

StyleName = Literal["bullet", "equal-principal", "equal-instalment", "billing-cycle"]

LoanStatus = Literal["running", "defaulted", "written-off", "repaid"]


class NewDraw(BaseModel):
    """Money to be drawn on a facility."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "amount": {"amount": "80000.00", "currency": "CNY"},
                "style": "bullet",
                "tenor": 60,
                "collateralId": 7,
            }
        },
    )
    amount: Money
    style: StyleName = "bullet"
    tenor: int = Field(
        0, ge=0, le=3660, description="Days for a bullet, months for instalments, 0 for a bill."
    )
    collateralId: BodyNumber | None = Field(
        None, description="The claim or order, whichever the product takes."
    )
    items: list[NewItem] = Field(
        [],
        max_length=MAX_ITEMS,
        description="For a loan on goods: warehouse receipts, and claims if any.",
    )


class Repayment(BaseModel):
    """What to pay; the ledger takes at most what is owed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"amount": {"amount": "20000.00", "currency": "CNY"}}},
    )
    amount: Money


class RepaymentOfMany(BaseModel):
    """What to pay on several loans of one facility, in this order; at most what is owed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "loanIds": [3, 4],
                "amount": {"amount": "20000.00", "currency": "CNY"},
            }
        },
    )
    loanIds: list[BodyNumber] = Field(min_length=1, max_length=50)
    amount: Money


class Instalments(BaseModel):
    """Turns a bill's purchases into instalments."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"months": 3}})
    months: int = Field(ge=1, le=60)


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


class Portfolio(BaseModel):
    """What is lent, by age and by maturity, and the collateral of loans on goods."""

    ageing: list[dict[str, Any]]
    maturities: list[dict[str, Any]]
    goods: list[dict[str, Any]]
    asOf: dict[str, Any]
