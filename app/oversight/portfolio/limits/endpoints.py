"""/v1/portfolio/limits and /v1/portfolio/own-funds"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import Caller, allow
from app.gateway.downloads import CSV, XLSX, download, file_name
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.problems import PROBLEMS, contents
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.sheets import csv_text, xlsx
from app.gateway.views import json_response
from app.oversight.portfolio.limits import files, service, statements
from app.oversight.portfolio.limits.schemas import (
    FileKind,
    LegalLimits,
    NewOwnFunds,
    OwnFunds,
    OwnFundsPage,
)
from app.oversight.portfolio.loading import Scope

router = APIRouter(prefix="/v1/portfolio", tags=["risk"], responses=PROBLEMS)
Viewer = Annotated[Caller, allow("financier", "auditor", "operator", "regulator")]
Lender = Annotated[Caller, allow("financier")]


@router.get("/limits", response_model=LegalLimits, responses=contents(CSV, XLSX))
async def get_legal_limits(
    gateway: GatewayOf,
    caller: Viewer,
    lenderPartyId: Annotated[
        str | None,
        Query(
            max_length=36,
            description="The lender; by default the caller. Auditors, operators and regulators "
            "must give one.",
        ),
    ] = None,
    currency: Annotated[
        str | None, Query(pattern="^[A-Z]{3}$", description="Only limits of money in this one.")
    ] = None,
    format: Annotated[
        FileKind, Query(description="json; csv, the limits; xlsx, with what the lender stated.")
    ] = "json",
) -> Response:
    """Each limit of a lender's rule sets: its figure now, how much is used, and who holds it.

    Ratios need the lender's own figures; without them they are not judged.
    """
    body = await service.limits(gateway, caller, Scope(lenderPartyId, currency))
    if format == "json":
        return json_response(body)
    name = file_name(
        *("portfolio", "limits", f"block {body['asOf']['blockNumber']}"), day=None, ending=format
    )
    tables = files.limit_sheets(body)
    if format == "csv":
        return download(csv_text(tables[0]), kind=CSV, name=name)
    return download(await gateway.documents.run(xlsx, tables), kind=XLSX, name=name)


@router.post("/own-funds", status_code=201, response_model=OwnFunds)
async def state_own_funds(body: NewOwnFunds, _: Lender, request: Idempotent) -> Response:
    """A lender states its own money, risk assets and provisions as of a day.

    The last day counts, and of one day the last statement. Earlier ones stay in the record.
    """
    return await request.carry_out(statements.state, body)


@router.get("/own-funds", response_model=OwnFundsPage)
async def list_own_funds(
    gateway: GatewayOf,
    caller: Viewer,
    lenderPartyId: Annotated[
        str | None,
        Query(
            max_length=36,
            description="The lender; by default the caller, and all lenders for auditors, "
            "operators and regulators.",
        ),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """What lenders stated of themselves, newest first."""
    body = await statements.page(
        gateway, caller, lender_party_id=lenderPartyId, before=cursor, limit=limit
    )
    return json_response(body)
