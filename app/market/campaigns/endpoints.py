"""/v1/campaigns, /v1/campaign-categories"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.market.campaigns import reading, service
from app.market.campaigns.schemas import (
    Campaign,
    CampaignCategories,
    CampaignPage,
    Category,
    NewCampaign,
    NewContribution,
    Refund,
    RelatedBacker,
    Release,
)

router = APIRouter(prefix="/v1", tags=["campaigns"], responses=PROBLEMS)
Supplier = Annotated[Caller, allow("supplier")]
Party = Annotated[Caller, allow("supplier", "buyer", "financier")]
Reviewer = Annotated[Caller, allow("supplier", "buyer", "financier", "rater")]


@router.post("/campaigns", status_code=202, response_model=CommandAnswer)
async def open_campaign(body: NewCampaign, _: Supplier, request: Idempotent) -> Response:
    """Opens a campaign: goal, deadline, tiers, and milestones that release the money."""
    return await request.carry_out(service.open_campaign, body)


@router.get("/campaigns", response_model=CampaignPage)
async def list_campaigns(
    gateway: GatewayOf,
    _: CallerOf,
    category: Annotated[Category | None, Query(description="Default: all categories.")] = None,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Campaigns, newest first."""
    return json_response(await service.page(gateway, category=category, before=cursor, limit=limit))


@router.get("/campaign-categories", response_model=CampaignCategories)
async def list_campaign_categories(gateway: GatewayOf, _: CallerOf) -> Response:
    """Every category: its campaigns by status, their sums, and the share that succeeded."""
    return json_response(await reading.by_category(gateway))


@router.get("/campaigns/{campaign_id}", response_model=Campaign)
async def get_campaign(campaign_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One campaign, with the caller's own contribution."""
    return json_response(await service.campaign_view(gateway, campaign_id, account=caller.account))


@router.post(
    "/campaigns/{campaign_id}/contributions", status_code=202, response_model=CommandAnswer
)
async def fund_campaign(
    campaign_id: Number, body: NewContribution, _: Party, request: Idempotent
) -> Response:
    """Contributes to a tier before the deadline, with the caller's own money."""
    return await request.carry_out(
        service.contribute, campaign_id, tier=body.tier, places=body.places
    )


@router.delete("/campaigns/{campaign_id}", status_code=202, response_model=CommandAnswer)
async def cancel_campaign(campaign_id: Number, _: Supplier, request: Idempotent) -> Response:
    """The creator cancels before the deadline; all contributions go back."""
    return await request.carry_out(service.cancel, campaign_id)


@router.post("/campaigns/{campaign_id}/releases", status_code=202, response_model=CommandAnswer)
async def release_milestone(
    campaign_id: Number, body: Release, _: Reviewer, request: Idempotent
) -> Response:
    """The reviewer releases the next milestone's part to the creator.

    `milestone` names what was reviewed: a second request does not release the milestone after it.
    """
    return await request.carry_out(service.release, campaign_id, body)


@router.post("/campaigns/{campaign_id}/refunds", status_code=202, response_model=CommandAnswer)
async def refund_backer(
    campaign_id: Number, _: Party, request: Idempotent, body: Refund | None = None
) -> Response:
    """Returns a backer's contribution after a missed goal or milestone; anyone may ask."""
    return await request.carry_out(
        service.refund, campaign_id, None if body is None else body.partyId
    )


@router.post(
    "/campaigns/{campaign_id}/related-refunds", status_code=202, response_model=CommandAnswer
)
async def return_related_backer(
    campaign_id: Number, body: RelatedBacker, _: Party, request: Idempotent
) -> Response:
    """Returns the money of a backer related to creator or reviewer; anyone may ask."""
    return await request.carry_out(service.return_related, campaign_id, body.partyId)
