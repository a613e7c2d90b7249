"""Bodies of campaigns."""

from __future__ import annotations

import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money
from app.gateway.path_types import Day


class Tier(BaseModel):
    """What a backer gets, and its price."""

    model_config = ConfigDict(extra="forbid")
    price: Money
    places: int = Field(ge=1, le=2**32 - 1)
    kind: Literal["reward", "share"] = "reward"
    description: str = Field(min_length=1, max_length=4000, description="Its hash goes on chain.")


class Milestone(BaseModel):
    """A step that releases part of the money."""

    model_config = ConfigDict(extra="forbid")
    part: int = Field(
        ge=1, le=1_000_000, description="Parts per million; all milestones together make a million."
    )
    lastDate: Day
    description: str = Field(min_length=1, max_length=4000)


class NewCampaign(BaseModel):
    """A campaign that a party opens."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "goal": {"amount": "50000.00", "currency": "CNY"},
                "endsAt": "2099-06-30T16:00:00Z",
                "reviewerPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "description": "a lighter casting for electric motors",
                "tiers": [
                    {
                        "price": {"amount": "100.00", "currency": "CNY"},
                        "places": 500,
                        "kind": "reward",
                        "description": "one casting of the first series",
                    }
                ],
                "milestones": [
                    {"part": 400000, "lastDate": "2099-08-31", "description": "the mould"},
                    {"part": 600000, "lastDate": "2099-12-31", "description": "the series"},
                ],
            }
        },
    )
    goal: Money
    endsAt: datetime.datetime = Field(description="End of funding, exclusive; with a time zone.")
    reviewerPartyId: str = Field(
        description="The party that releases the milestones; not the creator."
    )
    description: str = Field(min_length=1, max_length=20_000, description="Its hash goes on chain.")
    tiers: list[Tier] = Field(min_length=1, max_length=20)
    milestones: list[Milestone] = Field(min_length=1, max_length=10)


class NewContribution(BaseModel):
    """A contribution: the places that a backer takes."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"tier": 0, "places": 2}}
    )
    tier: int = Field(ge=0, le=19, description="The tier's position in the list, from 0.")
    places: int = Field(ge=1, le=2**32 - 1)


class Release(BaseModel):
    """The evidence of a milestone."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"statement": "mould accepted on 3 May"}}
    )
    statement: str = Field(min_length=1, max_length=20_000)


class Refund(BaseModel):
    """The backer whose contribution goes back; the caller by default."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"partyId": None}})
    partyId: str | None = None


class RelatedBacker(BaseModel):
    """A backer that is related to creator or reviewer, so that its contribution does not count."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"partyId": "01a20b01-b514-70dd-928c-b6cc4f15541b"}},
    )
    partyId: str


class Campaign(BaseModel):
    """A campaign as of a block."""

    model_config = ConfigDict(extra="allow")
    id: int
    status: str = Field(description="funding, met, missed, failed, completed or cancelled")
    goal: Money
    contributed: Money
    asOf: dict[str, Any] | None = None


class CampaignPage(BaseModel):
    """A page of campaigns, newest first."""

    items: list[Campaign]
    nextCursor: int | None
    asOf: dict[str, Any]
