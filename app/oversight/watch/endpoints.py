"""/v1/watch/…: warning levels of borrowers, debtors and products, and of the portfolio"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import Caller, allow
from app.gateway.gateway import GatewayOf
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.oversight.watch import service, views
from app.oversight.watch.schemas import (
    Assessments,
    LevelName,
    PortfolioAssessment,
    WatchRules,
)

router = APIRouter(prefix="/v1/watch", tags=["risk"], responses=PROBLEMS)
Viewer = Annotated[Caller, allow("financier", "auditor", "operator", "regulator")]
Lender = Annotated[
    str | None,
    Query(
        max_length=36,
        description="The party whose loans are watched; by default the caller's own, and all loans "
        "for auditors, operators and regulators.",
    ),
]
MinLevel = Annotated[LevelName, Query(description="Only those at this level or a worse one.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="So many of the worst are left out.")]


@router.get("/borrowers", response_model=Assessments)
async def list_watched_borrowers(
    gateway: GatewayOf,
    caller: Viewer,
    lenderPartyId: Lender = None,
    minLevel: MinLevel = "clear",
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """Warning levels of the borrowers of loans that are not repaid, the worst first."""
    body = await service.listed(
        gateway,
        caller,
        "borrowers",
        lender_party_id=lenderPartyId,
        min_level=minLevel,
        limit=limit,
        offset=offset,
    )
    return json_response(body)


@router.get("/debtors", response_model=Assessments)
async def list_watched_debtors(
    gateway: GatewayOf,
    caller: Viewer,
    lenderPartyId: Lender = None,
    minLevel: MinLevel = "clear",
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """Warning levels of the debtors of claims that secure such loans, the worst first."""
    body = await service.listed(
        gateway,
        caller,
        "debtors",
        lender_party_id=lenderPartyId,
        min_level=minLevel,
        limit=limit,
        offset=offset,
    )
    return json_response(body)


@router.get("/products", response_model=Assessments)
async def list_watched_products(
    gateway: GatewayOf,
    caller: Viewer,
    lenderPartyId: Lender = None,
    minLevel: MinLevel = "clear",
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """Warning levels of the products under which such loans run, the worst first."""
    body = await service.listed(
        gateway,
        caller,
        "products",
        lender_party_id=lenderPartyId,
        min_level=minLevel,
        limit=limit,
        offset=offset,
    )
    return json_response(body)


@router.get("/portfolio", response_model=PortfolioAssessment)
async def get_watched_portfolio(
    gateway: GatewayOf, caller: Viewer, lenderPartyId: Lender = None
) -> Response:
    """The warning level of all such loans together."""
    return json_response(await service.portfolio(gateway, caller, lender_party_id=lenderPartyId))


@router.get("/rules", response_model=WatchRules)
async def get_watch_rules(_: Viewer) -> Response:
    """The thresholds from which warning levels follow, each with its reason."""
    return json_response(views.rules())
