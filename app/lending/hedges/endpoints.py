"""/v1/loans/{id}/hedges/{contractHash}: closed by the lender"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from app.gateway.callers import Caller, allow
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number
from app.gateway.problems import PROBLEMS
from app.lending.hedges import service

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Lender = Annotated[Caller, allow("financier", "supplier", "buyer")]
ContractHash = Annotated[
    str, Path(pattern=r"^0x[0-9a-fA-F]{64}$", description="The hedge's `contractHash`.")
]


@router.post(
    "/loans/{loan_id}/hedges/{contract_hash}/closure",
    status_code=202,
    response_model=CommandAnswer,
)
async def close_hedge(
    loan_id: Number, contract_hash: ContractHash, _: Lender, request: Idempotent
) -> Response:
    """The lender closes a hedge; the margin call that it held back begins."""
    return await request.carry_out(service.close, loan_id, contract_hash)
