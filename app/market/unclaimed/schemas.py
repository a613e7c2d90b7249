"""Bodies of unclaimed money."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import MoneyView
from app.gateway.read_as_of import AsOf


class Unclaimed(TypedDict):
    """Unclaimed money in one contract."""

    contract: str
    ledgerPartyId: Annotated[int | None, Field(description="The party's number on the ledger.")]
    account: Annotated[
        str | None, Field(description="The account, if it is of no party of the ledger.")
    ]
    amount: MoneyView


class UnclaimedList(TypedDict):
    """Unclaimed money of the caller's party in all contracts."""

    items: list[Unclaimed]
    asOf: AsOf


class Withdrawal(BaseModel):
    """Withdraws all unclaimed money of the caller's party in one contract and currency."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"contract": "Facilities", "currency": "CNY"}},
    )
    contract: str = Field(max_length=60)
    currency: str = Field(max_length=42, description="The currency's code.")
