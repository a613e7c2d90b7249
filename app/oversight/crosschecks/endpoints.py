"""/v1/cross-checks/…: what does not fit together, and who decided what about it"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.domain.crosschecks.records import Kind
from app.gateway.callers import Caller, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.path_types import QueryNumber
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.oversight.crosschecks import service
from app.oversight.crosschecks.schemas import (
    FindingAnswer,
    Findings,
    NewDecision,
    StatusName,
)

MILLION = 1_000_000
router = APIRouter(prefix="/v1/cross-checks", tags=["risk"], responses=PROBLEMS)
Viewer = Annotated[Caller, allow("financier", "auditor", "operator", "regulator")]
Weight = Annotated[
    int, Query(ge=0, le=MILLION, description="Only findings of this weight or more.")
]
PartyId = Annotated[
    str | None, Query(max_length=36, description="Only findings that speak of this party.")
]
Offset = Annotated[
    int, Query(ge=0, le=1_000_000, description="So many of the surest are left out.")
]


@router.get("/findings", response_model=Findings)
async def list_findings(
    gateway: GatewayOf,
    caller: Viewer,
    kind: Annotated[Kind | None, Query(description="Only findings of this kind.")] = None,
    minWeight: Weight = 0,
    partyId: PartyId = None,
    receivableId: QueryNumber = None,
    lotId: QueryNumber = None,
    status: Annotated[StatusName | None, Query(description="The last decision.")] = None,
    explained: Annotated[
        bool, Query(description="Also findings that follow from a surer one.")
    ] = False,
    lasts: Annotated[
        bool,
        Query(description="false: those with decisions that the checks no longer find."),
    ] = True,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """Findings of the cross-checks, the surest first.

    Auditors, operators and regulators see all; a lender sees those that touch a receivable, order
    or lot that it holds, lends on or has an open offer for.
    """
    filters = service.Filters(
        kind=kind,
        min_weight=minWeight,
        party_id=partyId,
        receivable=receivableId,
        lot=lotId,
        status=status,
        explained=explained,
        lasts=lasts,
    )
    return json_response(await service.listed(gateway, caller, filters, limit=limit, offset=offset))


@router.get("/findings/{finding_id}", response_model=FindingAnswer)
async def get_finding(finding_id: str, gateway: GatewayOf, caller: Viewer) -> Response:
    """A finding with all decisions about it; also one that is gone, if it has any."""
    return json_response(await service.finding(gateway, caller, finding_id))


@router.post("/findings/{finding_id}/decisions", status_code=201, response_model=FindingAnswer)
async def decide_on_finding(
    finding_id: str, body: NewDecision, _: Viewer, request: Idempotent
) -> Response:
    """Records what somebody decided about a finding, and why.

    Earlier decisions stay; the last one is the status. A party decides on no finding about itself
    or about a party under one control with it.
    """
    return await request.carry_out(service.decide, finding_id, body)
