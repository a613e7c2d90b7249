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
        None,
        description="Lender whose losses it is for; all lenders of a pooled product by default.",
    )


class Reserve(BaseModel):
    """What is set aside for a product's losses."""

    model_config = ConfigDict(extra="allow")
    productId: int
    balance: Money = Field(description="The pool and all lenders' parts together.")
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
