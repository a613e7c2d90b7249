"""Bodies of waivers and partial write-offs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money


class NewWaiver(BaseModel):
    """What the lender gives up: at most so much of what is owed today."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"penalty": {"amount": "120.00", "currency": "CNY"}}},
    )
    penalty: Money | None = Field(None, description="Penalty to give up, at most.")
    interest: Money | None = Field(
        None, description="Interest to give up, at most: overdue first, then of the running period."
    )
    fees: Money | None = Field(
        None,
        description="Service fees to give up, at most: overdue first, then in grace, then not due "
        "yet. In a waiver of their own.",
    )


class NewPartWriteOff(BaseModel):
    """Principal that the lender writes off in its own books; the borrower still owes it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"amount": {"amount": "5000.00", "currency": "CNY"}}},
    )
    amount: Money
