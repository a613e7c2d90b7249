"""/v1/new-risk and /v1/approvals"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.oversight.incidents import approvals, service
from app.oversight.incidents.schemas import Approvals, NewResumption, NewRisk, NewStop

router = APIRouter(prefix="/v1", tags=["incidents"], responses=PROBLEMS)
Official = Annotated[Caller, allow("operator", "regulator")]


@router.get("/new-risk", response_model=NewRisk)
async def get_new_risk(gateway: GatewayOf, _: CallerOf) -> Response:
    """Whether the ledger accepts new risk now."""
    return json_response(await service.status(gateway))


@router.post("/new-risk/stops", status_code=202, response_model=CommandAnswer)
async def stop_new_risk(body: NewStop, _: Official, request: Idempotent) -> Response:
    """Stops new risk at once. Payment, collection, repayment and release continue."""
    return await request.carry_out(service.stop, body.reason)


@router.post("/new-risk/resumptions", status_code=202, response_model=CommandAnswer)
async def resume_new_risk(body: NewResumption, _: Official, request: Idempotent) -> Response:
    """The first official proposes that new risk resumes; another official resumes it."""
    return await request.carry_out(service.resume, body.reasonHash)


@router.get("/approvals", response_model=Approvals)
async def list_approvals(
    gateway: GatewayOf, caller: CallerOf, partyId: str | None = None
) -> Response:
    """The caller's open approvals, read from the chain; auditors may read any party's."""
    return json_response(await approvals.page(gateway, caller, partyId))
