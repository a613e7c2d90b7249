"""Bodies of cash."""

from __future__ import annotations

from typing import Any

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


class Balance(BaseModel):
    """What an account holds of one currency."""

    account: str
    balance: Money


class Balances(BaseModel):
    """Balances as of a block."""

    items: list[Balance]
    asOf: dict[str, Any]
