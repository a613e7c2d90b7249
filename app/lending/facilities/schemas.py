"""Bodies of proposals and facilities."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money
from app.gateway.operations.schemas import Operation
from app.gateway.path_types import BodyNumber, Day
from app.gateway.signing import SIGNATURE


class NewProposal(BaseModel):
    """A facility that a lender offers to a borrower under a product; both sign its terms."""

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
    productId: BodyNumber
    borrowerPartyId: str
    entrusterPartyId: str | None = Field(
        None, description="The party whose money is lent, for an entrusted loan."
    )
    annualRate: int = Field(ge=0, le=1_000_000, description="Parts per million a year.")
    administrationFee: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Share of interest for the administering bank, in parts per million.",
    )
    limit: Money
    deposit: Money | None = Field(None, description="What the borrower pays in before it draws.")
    firstDate: Day | None = Field(None, description="Today when left out.")
    lastDate: Day = Field(description="Last day to draw, inclusive.")


class ProposalSignature(BaseModel):
    """A party's own signature; left out when the gateway holds its key."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"signature": None}})
    signature: str | None = Field(None, pattern=SIGNATURE)


class Proposal(BaseModel):
    """A proposal that waits for signatures or was agreed."""

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
    """A facility as of a block."""

    model_config = ConfigDict(extra="allow")
    id: int
    limit: Money
    outstanding: Money
    drawn: Money
    closed: bool


class AcceptedDebtor(BaseModel):
    """Whether a lender accepts debts of a party as collateral of a facility."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"debtorPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b", "accepted": True}
        },
    )
    debtorPartyId: str
    accepted: bool = True


class FacilityPage(BaseModel):
    """A page of facilities, newest first."""

    items: list[Facility]
    nextCursor: int | None
    asOf: dict[str, Any]


class AccountStatement(BaseModel):
    """A facility's limit, its bills by due date, and each movement of money."""

    facility: Facility
    bills: list[dict[str, Any]] = Field(description="Purchases that fall due on the same day.")
    entries: list[dict[str, Any]] = Field(
        description="Oldest first, each with what is owed after it."
    )
    asOf: dict[str, Any]
