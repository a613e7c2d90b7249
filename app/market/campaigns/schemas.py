"""Bodies of campaigns."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.path_types import Day
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView

TierKind = Literal["reward", "share"]


class Tier(BaseModel):
    """What a backer gets, and its price."""

    model_config = ConfigDict(extra="forbid")
    price: Money
    places: int = Field(ge=1, le=2**32 - 1)
    kind: TierKind = "reward"
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


class CampaignTier(TypedDict):
    """A tier of a campaign on the ledger."""

    price: Annotated[MoneyView, Field(description="The price of a place.")]
    places: int
    kind: TierKind
    descriptionHash: Annotated[str, Field(description="Hash of the tier's description.")]


class CampaignMilestone(TypedDict):
    """A milestone of a campaign on the ledger."""

    part: Annotated[
        int,
        Field(description="Parts per million; all milestones together make a million."),
    ]
    lastDate: str
    descriptionHash: Annotated[str, Field(description="Hash of the milestone's description.")]
    released: Annotated[bool, Field(description="Whether the reviewer has released it.")]


class Campaign(TypedDict):
    """A campaign as of a block."""

    id: int
    status: Annotated[
        str, Field(description="funding, met, missed, failed, completed or cancelled")
    ]
    creator: Annotated[PartyView, Field(description="The party that opened it.")]
    reviewer: Annotated[PartyView, Field(description="The party that releases the milestones.")]
    goal: MoneyView
    contributed: MoneyView
    released: Annotated[MoneyView, Field(description="The amount released to the creator.")]
    refunded: Annotated[MoneyView, Field(description="The amount that went back to backers.")]
    endsAt: Annotated[str, Field(description="End of funding, exclusive, UTC.")]
    tiers: list[CampaignTier]
    milestones: list[CampaignMilestone]
    documentRoot: str
    ownContribution: NotRequired[
        Annotated[
            MoneyView,
            Field(description="The caller's contributions less refunds; only for one campaign."),
        ]
    ]
    asOf: NotRequired[AsOf]


class CampaignPage(TypedDict):
    """A page of campaigns, newest first."""

    items: list[Campaign]
    nextCursor: int | None
    asOf: AsOf
