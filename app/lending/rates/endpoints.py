"""/v1/reference-rates, /v1/loans/{id}/rate-reset"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from app.domain.catalogue import REFERENCE
from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.lending.rates import service
from app.lending.rates.schemas import (
    NewRate,
    NewReference,
    RateConfirmation,
    ReferencePage,
    ReferenceRatePage,
)

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Operator = Annotated[Caller, allow("operator")]
Appraiser = Annotated[Caller, allow("appraiser")]
Party = Annotated[Caller, allow("supplier", "buyer", "financier")]
Code = Annotated[str, Path(pattern=REFERENCE, description="Short name of the reference.")]


@router.post("/reference-rates", status_code=202, response_model=CommandAnswer)
async def list_reference(body: NewReference, _: Operator, request: Idempotent) -> Response:
    """The operator lists a reference rate, with bounds for its next rate.

    A change of bounds waits until another operator asks for the same.
    """
    return await request.carry_out(service.list_reference, body)


@router.get("/reference-rates", response_model=ReferencePage)
async def get_references(gateway: GatewayOf, _: CallerOf) -> Response:
    """All reference rates, each with its newest rate, and whether the next one is late."""
    return json_response(await service.references(gateway))


@router.post("/reference-rates/{code}/rates", status_code=202, response_model=CommandAnswer)
async def post_rate(code: Code, body: NewRate, _: Appraiser, request: Idempotent) -> Response:
    """An appraiser proposes the rate of the next period; it waits for a second appraiser."""
    return await request.carry_out(service.post, code, body)


@router.get("/reference-rates/{code}/rates", response_model=ReferenceRatePage)
async def list_rates(
    code: Code,
    gateway: GatewayOf,
    _: CallerOf,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Rates of a reference that were proposed or are in force, newest first."""
    return json_response(await service.history(gateway, code, before=cursor, limit=limit))


@router.post("/reference-rates/{code}/confirmations", status_code=202, response_model=CommandAnswer)
async def confirm_rate(
    code: Code, body: RateConfirmation, _: Appraiser, request: Idempotent
) -> Response:
    """An appraiser of another party confirms a rate, or stands behind one in force."""
    return await request.carry_out(service.confirm, code, body)


@router.post("/reference-rates/{code}/withdrawals", status_code=202, response_model=CommandAnswer)
async def withdraw_rate(code: Code, _: Appraiser, request: Idempotent) -> Response:
    """An appraiser withdraws the rate that its party proposed."""
    return await request.carry_out(service.withdraw, code)


@router.post("/loans/{loan_id}/rate-reset", status_code=202, response_model=CommandAnswer)
async def reset_rate(loan_id: Number, _: Party, request: Idempotent) -> Response:
    """Sets a floating rate anew, from the loan's next reset day on."""
    return await request.carry_out(service.reset, loan_id)
