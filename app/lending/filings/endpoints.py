"""/v1/filings, /v1/loans/{id}/filing, /v1/claims/{id}/filing"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.downloads import CSV, download
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor, QueryNumber
from app.gateway.problems import PROBLEMS, contents
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.lending.filings import fields, service
from app.lending.filings.schemas import (
    Discharge,
    FilingDetails,
    FilingFields,
    FilingPage,
    NewFiling,
    Subject,
)

router = APIRouter(prefix="/v1", tags=["filings"], responses=PROBLEMS)
# An entruster and an assignee may be any company.
Secured = Annotated[Caller, allow("financier", "supplier", "buyer")]
Form = Literal["json", "csv"]


@router.get("/loans/{loan_id}/filing", response_model=FilingFields, responses=contents(CSV))
async def export_filing_of_loan(
    loan_id: Number, gateway: GatewayOf, caller: Secured, format: Form = "json"
) -> Response:
    """The fields of a loan's filing, for the lender to enter in the public register."""
    return _exported(await fields.of_loan(gateway, caller, loan_id), format)


@router.get("/claims/{claim_id}/filing", response_model=FilingFields, responses=contents(CSV))
async def export_filing_of_claim(
    claim_id: Number, gateway: GatewayOf, caller: Secured, format: Form = "json"
) -> Response:
    """The fields of an assigned claim's filing, for its assignee or lienholder."""
    return _exported(await fields.of_claim(gateway, caller, claim_id), format)


def _exported(filing_fields: FilingFields, form: Form) -> Response:
    if form == "json":
        return json_response(filing_fields)
    content, name = fields.as_csv(filing_fields)
    return download(content, kind=CSV, name=name)


@router.post("/loans/{loan_id}/filings", status_code=202, response_model=CommandAnswer)
async def record_filing_of_loan(
    loan_id: Number, body: NewFiling, _: Secured, request: Idempotent
) -> Response:
    """The lender records number and days of the filing that it made for a loan."""
    return await request.carry_out(service.record_of_loan, loan_id, body)


@router.post("/claims/{claim_id}/filings", status_code=202, response_model=CommandAnswer)
async def record_filing_of_claim(
    claim_id: Number, body: NewFiling, _: Secured, request: Idempotent
) -> Response:
    """The assignee or lienholder records the filing that it made for a claim."""
    return await request.carry_out(service.record_of_claim, claim_id, body)


@router.get("/filings", response_model=FilingPage)
async def list_filings(
    gateway: GatewayOf,
    caller: CallerOf,
    subject: Subject | None = None,
    subjectId: QueryNumber = None,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Filings by or against the caller, newest first."""
    return json_response(
        await service.page(
            gateway, caller, subject=subject, subject_id=subjectId, before=cursor, limit=limit
        )
    )


@router.get("/filings/{filing_id}", response_model=FilingDetails)
async def get_filing(filing_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One filing, with each of its steps."""
    return json_response(await service.details(gateway, caller, filing_id))


@router.post("/filings/{filing_id}/amendment", status_code=202, response_model=CommandAnswer)
async def amend_filing(
    filing_id: Number, body: NewFiling, _: Secured, request: Idempotent
) -> Response:
    """The registrant records an amendment, such as more time."""
    return await request.carry_out(service.amend, filing_id, body)


@router.post("/filings/{filing_id}/discharge", status_code=202, response_model=CommandAnswer)
async def discharge_filing(
    filing_id: Number, body: Discharge, _: Secured, request: Idempotent
) -> Response:
    """The registrant records the discharge, once the loan is repaid or the debt settled."""
    return await request.carry_out(service.discharge, filing_id, body)
