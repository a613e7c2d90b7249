"""Bodies of the stop of new risk."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class NewStop(BaseModel):
    """Why new risk is stopped. The hash goes on the ledger; this gateway stores the text."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"reason": "INC-7: collection pays one claim twice"}},
    )
    reason: str = Field(min_length=1, max_length=500)


class NewResumption(BaseModel):
    """The stop to end; its hash makes sure that nobody ends an unknown stop."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reasonHash": "0x" + "1f" * 32}}
    )
    reasonHash: str = Field(pattern="^0x[0-9a-f]{64}$")


class NewRisk(BaseModel):
    """Whether the ledger accepts new risk, as the chain says now."""

    state: Literal["open", "stopped"]
    reasonHash: str | None
    reason: str | None = Field(description="The text, where this gateway sent the stop.")
    resumptionProposedBy: str | None = Field(
        description="The first of the two officials who resume it."
    )


class Approvals(BaseModel):
    """Open approvals of one account, as the chain says now."""

    items: list[dict[str, Any]]
