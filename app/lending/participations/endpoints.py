"""/v1/loans/{id}/participations, /v1/loans/{id}/participation-payments, /v1/loan-participations"""

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
from app.lending.agreements.schemas import Agreement
from app.lending.participations import service
from app.lending.participations.schemas import (
    NewParticipation,
    NewParticipationPayment,
    ParticipationPage,
    ParticipationStatement,
)

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Financier = Annotated[Caller, allow("financier")]


@router.post("/loans/{loan_id}/participations", status_code=201, response_model=Agreement)
async def propose_participation(
    loan_id: Number, body: NewParticipation, _: Financier, request: Idempotent
) -> Response:
    """The lender proposes to sell a share of a loan to another financier; both sign."""
    return await request.carry_out(service.share, loan_id, body)


@router.post(
    "/loans/{loan_id}/participation-payments", status_code=202, response_model=CommandAnswer
)
async def pay_participants(
    loan_id: Number, body: NewParticipationPayment, _: Financier, request: Idempotent
) -> Response:
    """The lender pays participants what it got for them outside the ledger."""
    return await request.carry_out(service.pay, loan_id, body)


@router.get("/loans/{loan_id}/participations", response_model=ParticipationStatement)
async def read_participations(loan_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """What participants have of a loan, and how it came to that: for its lender all of it.

    A participant reads its own participations.
    """
    return json_response(await service.statement(gateway, caller, loan_id))


@router.get("/loan-participations", response_model=ParticipationPage)
async def list_participations(
    gateway: GatewayOf,
    caller: CallerOf,
    loanId: QueryNumber = None,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Participations that the caller sold or bought, newest first."""
    return json_response(
        await service.page(gateway, caller, loan_id=loanId, before=cursor, limit=limit)
    )
