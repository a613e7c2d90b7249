"""Bodies of unclaimed money."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money


class Unclaimed(BaseModel):
    """Unclaimed money in one contract."""

    contract: str
    ledgerPartyId: int | None = Field(description="The party's number on the ledger.")
    account: str | None = Field(description="The account, if it is of no party of the ledger.")
    amount: Money


class UnclaimedList(BaseModel):
    """Unclaimed money of the caller's party in all contracts."""

    items: list[Unclaimed]
    asOf: dict[str, Any]


class Withdrawal(BaseModel):
    """Withdraws all unclaimed money of the caller's party in one contract and currency."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"contract": "Facilities", "currency": "CNY"}},
    )
    contract: str = Field(max_length=60)
    currency: str = Field(max_length=42, description="The currency's code.")
