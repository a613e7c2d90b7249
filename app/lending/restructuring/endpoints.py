"""/v1/loans/{loan_id}/waivers, /v1/loans/{loan_id}/partial-write-offs"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import Caller, allow
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number
from app.gateway.problems import PROBLEMS
from app.lending.restructuring import service
from app.lending.restructuring.schemas import NewPartWriteOff, NewWaiver

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Funder = Annotated[Caller, allow("financier", "supplier", "buyer")]
Lender = Annotated[Caller, allow("financier")]


@router.post("/loans/{loan_id}/waivers", status_code=202, response_model=CommandAnswer)
async def waive_on_loan(
    loan_id: Number, body: NewWaiver, _: Funder, request: Idempotent
) -> Response:
    """The party whose money is lent gives up penalty, interest or service fees that are owed."""
    return await request.carry_out(service.waive, loan_id, body)


@router.post("/loans/{loan_id}/partial-write-offs", status_code=202, response_model=CommandAnswer)
async def write_off_in_part(
    loan_id: Number, body: NewPartWriteOff, _: Lender, request: Idempotent
) -> Response:
    """Records a part of a defaulted loan's principal as written off; it is still owed."""
    return await request.carry_out(service.write_off_in_part, loan_id, body)
