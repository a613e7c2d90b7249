"""Bodies of the stop of new risk."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class NewStop(BaseModel):
    """Why new risk is to be stopped. Its hash goes on the ledger; this gateway keeps the text."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"reason": "INC-7: collection pays one claim twice"}},
    )
    reason: str = Field(min_length=1, max_length=500)


class NewResumption(BaseModel):
    """The stop that is to end, so that nobody ends one that it does not know of."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reasonHash": "0x" + "1f" * 32}}
    )
    reasonHash: str = Field(pattern="^0x[0-9a-f]{64}$")


class NewRisk(BaseModel):
    """Whether the ledger takes new risk, as the chain says now."""

    state: Literal["open", "stopped"]
    reasonHash: str | None
    reason: str | None = Field(description="The text, where this gateway sent the stop.")
    resumptionProposedBy: str | None = Field(description="The first of the two who resume it.")


class Approvals(BaseModel):
    """Open approvals of one account, as the chain says now."""

    items: list[dict[str, Any]]
