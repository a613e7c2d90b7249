"""Bodies of cash."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from app.http.money import Money


class Issue(BaseModel):
    """Money to be issued to a party against a deposit."""

    model_config = ConfigDict(extra="forbid")
    toPartyId: str
    amount: Money


class Redemption(BaseModel):
    """Money to be redeemed; the bank pays it out outside the ledger."""

    model_config = ConfigDict(extra="forbid")
    amount: Money


class NewApproval(BaseModel):
    """Leave for a contract of the ledger to take the caller's money on the caller's own word."""

    model_config = ConfigDict(extra="forbid")
    contract: Literal["Receivables", "ClaimMarket"]


class Balance(BaseModel):
    """What an account holds of one currency."""

    account: str
    balance: Money


class Balances(BaseModel):
    """Balances as of a block."""

    items: list[Balance]
    asOf: dict[str, Any]
