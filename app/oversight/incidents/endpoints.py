"""/v1/new-risk and /v1/approvals"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.errors import Forbidden
from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.commands import CommandOf
from app.gateway.gateway import GatewayOf
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.oversight.incidents import approvals, service
from app.oversight.incidents.schemas import Approvals, NewResumption, NewRisk, NewStop
from app.parties.registry import service as parties

router = APIRouter(prefix="/v1", tags=["incidents"], responses=PROBLEMS)
Official = Annotated[Caller, allow("operator", "regulator")]


@router.get("/new-risk", response_model=NewRisk)
async def get_new_risk(gateway: GatewayOf, _: CallerOf) -> Response:
    """Whether the ledger accepts new risk now."""
    return json_response(await service.status(gateway))


@router.post("/new-risk/stops", status_code=202, response_model=CommandAnswer)
async def stop_new_risk(body: NewStop, _: Official, command: CommandOf) -> Response:
    """Stops new risk at once. Payment, collection, repayment and release continue."""
    return await service.stop(command, body.reason)


@router.post("/new-risk/resumptions", status_code=202, response_model=CommandAnswer)
async def resume_new_risk(body: NewResumption, _: Official, command: CommandOf) -> Response:
    """The first official proposes that new risk resumes; another official resumes it."""
    return await service.resume(command, body.reasonHash)


@router.get("/approvals", response_model=Approvals)
async def list_approvals(
    gateway: GatewayOf, caller: CallerOf, partyId: str | None = None
) -> Response:
    """The caller's open approvals, read from the chain; auditors may read any party's."""
    account = caller.account
    if partyId is not None and partyId != caller.party_id:
        if not caller.sees_all:
            raise Forbidden("this caller may not read another party's approvals")
        account = (await parties.party(gateway, partyId)).account
    if account is None:
        raise Forbidden("this caller has no account on the ledger", fix="give partyId")
    items = await approvals.open_approvals(gateway, accounts={account.lower()})
    return json_response({"items": [approvals.view(gateway, item) for item in items]})
