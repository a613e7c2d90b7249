"""Bodies of risk."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money


class Amount(BaseModel):
    """An amount of money in the product's currency."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"amount": {"amount": "20000.00", "currency": "CNY"}}},
    )
    amount: Money


class TopUp(Amount):
    """An amount for losses of one lender."""

    lenderPartyId: str | None = Field(
        None, description="Whose losses it is for; left out: all lenders', of a pooled product."
    )


class Reserve(BaseModel):
    """What is set aside for a product's losses."""

    model_config = ConfigDict(extra="allow")
    productId: int
    balance: Money = Field(description="In all: the pool and each lender's.")
    pool: Money
    lenders: list[dict[str, Any]]
    entries: list[dict[str, Any]]
    asOf: dict[str, Any]


class Loss(BaseModel):
    """A loan's loss: loss = reserve + sharers + insurer + borne, always."""

    model_config = ConfigDict(extra="allow")
    loanId: int
    loss: Money
    fromReserve: Money
    fromSharers: Money
    fromInsurer: Money
    borne: Money
    recovered: Money
    entries: list[dict[str, Any]]
    asOf: dict[str, Any]
