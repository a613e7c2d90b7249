"""Bodies of claims."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money
from app.gateway.path_types import BodyNumber

HASH = r"^0x[0-9a-fA-F]{64}$"


class Part(BaseModel):
    """A part of a claim for one recipient."""

    model_config = ConfigDict(extra="forbid")
    toPartyId: str
    amount: Money
    documentRoot: str | None = Field(
        None, pattern=HASH, description="Merkle root of the documents behind the assignment."
    )


class NewAssignments(BaseModel):
    """Parts to assign in one step: all of them or none."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "parts": [
                    {
                        "toPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                        "amount": {"amount": "312500.17", "currency": "CNY"},
                    }
                ]
            }
        },
    )
    parts: list[Part] = Field(min_length=1, max_length=200)


class Merge(BaseModel):
    """Another claim of the same holder on the same receivable."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"intoClaimId": 7}})
    intoClaimId: BodyNumber


class Collections(BaseModel):
    """Claims to collect on in one step."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"claimIds": [7, 9]}})
    claimIds: list[BodyNumber] = Field(min_length=1, max_length=200)


class ClaimLien(BaseModel):
    """The lienholder of a claim."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"lienholderPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b"}
        },
    )
    lienholderPartyId: str


class Claim(BaseModel):
    """A claim as of a block."""

    model_config = ConfigDict(extra="allow")
    id: int
    receivableId: int
    owner: dict[str, Any]
    value: Money = Field(description="Outstanding, that is, not collected yet.")
    parentId: int | None
    depth: int
    lienholder: dict[str, Any] | None
    burned: bool
    collectedPrincipal: Money
    collectedLateCharge: Money


class ClaimPage(BaseModel):
    """A page of claims, newest first."""

    items: list[Claim]
    nextCursor: int | None
    asOf: dict[str, Any]
