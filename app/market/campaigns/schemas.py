"""Bodies of campaigns."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal, NotRequired, get_args

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.path_types import Day, Whole
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView

TierKind = Literal["reward", "share"]
Category = Literal["technology", "design", "household", "food", "culture", "charity", "other"]
CATEGORIES: tuple[Category, ...] = get_args(Category)  # in the ledger's order


class Tier(BaseModel):
    """What a backer gets, and its price."""

    model_config = ConfigDict(extra="forbid")
    price: Money
    places: Whole = Field(ge=1, le=2**32 - 1)
    kind: TierKind = "reward"
    description: str = Field(min_length=1, max_length=4000, description="Its hash goes on chain.")


class Milestone(BaseModel):
    """A step that releases part of the money."""

    model_config = ConfigDict(extra="forbid")
    part: Whole = Field(
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
                "category": "technology",
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
    category: Category = Field(description="What the money is for; it never changes.")
    description: str = Field(min_length=1, max_length=20_000, description="Its hash goes on chain.")
    tiers: list[Tier] = Field(min_length=1, max_length=20)
    milestones: list[Milestone] = Field(min_length=1, max_length=10)


class NewContribution(BaseModel):
    """A contribution: the places that a backer takes."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"tier": 0, "places": 2}}
    )
    tier: Whole = Field(ge=0, le=19, description="The tier's position in the list, from 0.")
    places: Whole = Field(ge=1, le=2**32 - 1)


class Release(BaseModel):
    """A milestone with its evidence."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"milestone": 0, "statement": "mould accepted on 3 May"}},
    )
    milestone: Whole = Field(
        ge=0,
        le=9,
        description="Its place among the campaign's milestones, from 0. If another one is next by "
        "now, nothing happens.",
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
    category: Category
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


class CampaignSums(TypedDict):
    """Sums over campaigns of one currency, whatever their status."""

    goals: Annotated[MoneyView, Field(description="The sum of the goals.")]
    contributed: Annotated[MoneyView, Field(description="The sum of the contributions.")]


class CampaignFigures(TypedDict):
    """How many campaigns have each status, and how many of those that are over succeeded."""

    funding: Annotated[int, Field(description="Number of campaigns that are open.")]
    met: Annotated[int, Field(description="Number that met the goal; milestones are left.")]
    missed: Annotated[int, Field(description="Number that missed the goal.")]
    failed: Annotated[int, Field(description="Number that met the goal and missed a milestone.")]
    completed: Annotated[int, Field(description="Number whose milestones are all released.")]
    cancelled: Annotated[int, Field(description="Number that the creator cancelled.")]
    successRate: Annotated[
        int | None,
        Field(
            description="Met and completed ones in all that are no longer open, in parts per "
            "million, rounded down; null: all are open, or there is none."
        ),
    ]
    sums: Annotated[list[CampaignSums], Field(description="For each currency, its sums.")]


class CategoryFigures(CampaignFigures):
    """The figures of one category."""

    category: Category


class CampaignCategories(TypedDict):
    """Every category, in the ledger's order, and all of them together, as of a block."""

    items: list[CategoryFigures]
    total: Annotated[CampaignFigures, Field(description="The figures of all categories.")]
    asOf: AsOf
