"""/v1/notices, /v1/claims/{id}/notice"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor, QueryNumber
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.lending.notices import service
from app.lending.notices.schemas import NoticeDetails, NoticeDraft, NoticePage, Status

router = APIRouter(prefix="/v1", tags=["notices"], responses=PROBLEMS)
Holder = Annotated[Caller, allow("supplier", "buyer", "financier")]
Buyer = Annotated[Caller, allow("buyer")]


@router.get("/claims/{claim_id}/notice", response_model=NoticeDraft)
async def draft_notice(claim_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """What a notice to the claim's debtor would say now, with its text."""
    return json_response(await service.draft(gateway, caller, claim_id))


@router.post("/claims/{claim_id}/notice", status_code=202, response_model=CommandAnswer)
async def notify_debtor(claim_id: Number, _: Holder, request: Idempotent) -> Response:
    """Notifies the debtor that the claim was assigned, or is under a lien."""
    return await request.carry_out(service.give, claim_id)


@router.get("/notices", response_model=NoticePage)
async def list_notices(
    gateway: GatewayOf,
    caller: CallerOf,
    claimId: QueryNumber = None,
    status: Status | None = None,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Notices that the caller gave or received, or on its loans, newest first."""
    return json_response(
        await service.page(
            gateway, caller, claim_id=claimId, status=status, before=cursor, limit=limit
        )
    )


@router.get("/notices/{notice_id}", response_model=NoticeDetails)
async def get_notice(notice_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One notice, with its text and whether the text has the hash on the ledger."""
    return json_response(await service.details(gateway, caller, notice_id))


@router.post("/notices/{notice_id}/acknowledgement", status_code=202, response_model=CommandAnswer)
async def acknowledge_notice(notice_id: Number, _: Buyer, request: Idempotent) -> Response:
    """The debtor acknowledges that it received the notice."""
    return await request.carry_out(service.acknowledge, notice_id)
