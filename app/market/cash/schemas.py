"""Bodies of cash."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.read_as_of import AsOf


class Issue(BaseModel):
    """Money to issue or transfer to a party."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "toPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "amount": {"amount": "1000.00", "currency": "CNY"},
            }
        },
    )
    toPartyId: str
    amount: Money


class Redemption(BaseModel):
    """Money to redeem; the bank pays it out outside the ledger."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"amount": {"amount": "1000.00", "currency": "CNY"}}},
    )
    amount: Money


class NewApproval(BaseModel):
    """How much of the caller's money a contract of the ledger may take.

    It replaces the earlier approval; an amount of 0 ends it. Without an amount the approval has no
    limit, if the gateway's approvals are unlimited.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "contract": "ClaimMarket",
                "amount": {"amount": "1000.00", "currency": "CNY"},
            }
        },
    )
    contract: Literal["Receivables", "ClaimMarket", "Facilities", "RiskReserve", "Campaigns"]
    amount: Money | None = None


class Balance(TypedDict):
    """What an account holds of one currency."""

    account: str
    balance: MoneyView


class Balances(TypedDict):
    """Balances as of a block."""

    items: list[Balance]
    asOf: AsOf
