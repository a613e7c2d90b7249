"""/v1/draw-documents, documents of facilities and loans, /v1/trade-reports"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.views import json_response
from app.lending.evidence import submissions, trade, uploads
from app.lending.evidence.formats.schemas import NewDrawDocument
from app.lending.evidence.schemas import (
    AcceptedDocument,
    DrawDocument,
    DrawDocumentPage,
    FacilityDocuments,
    LoanDocuments,
    NamedAttester,
    NewTradeReport,
    SubmittedDocuments,
    TradeReportPage,
)

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Borrower = Annotated[Caller, allow("supplier", "buyer")]
Lender = Annotated[Caller, allow("financier")]
Party = Annotated[Caller, allow("supplier", "buyer", "financier")]
Reader = Annotated[Caller, allow("supplier", "buyer", "financier", "auditor")]
Fingerprint = Annotated[str, Path(pattern="^0x[0-9a-f]{64}$")]


@router.post("/draw-documents", status_code=201, response_model=DrawDocument)
async def upload_draw_document(body: NewDrawDocument, _: Borrower, request: Idempotent) -> Response:
    """Uploads a document of the caller that a draw needs; the gateway checks and encrypts it."""
    return await request.carry_out(uploads.upload, body)


@router.get("/draw-documents", response_model=DrawDocumentPage)
async def list_draw_documents(
    gateway: GatewayOf, caller: Borrower, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """The caller's documents for draws, newest first."""
    return json_response(await uploads.page(gateway, caller, before=cursor, limit=limit))


@router.post("/facilities/{facility_id}/documents", status_code=202, response_model=CommandAnswer)
async def submit_documents(
    facility_id: Number, body: SubmittedDocuments, _: Borrower, request: Idempotent
) -> Response:
    """The borrower submits documents to a facility; its next draw uses one of each needed kind.

    A document serves one draw, ever, over all facilities and lenders.
    """
    return await request.carry_out(submissions.submit, facility_id, body.documentIds)


@router.get("/facilities/{facility_id}/documents", response_model=FacilityDocuments)
async def list_facility_documents(
    facility_id: Number,
    gateway: GatewayOf,
    caller: Reader,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The documents of a facility with their content: for its sides, its attester and auditors."""
    return json_response(
        await submissions.of_facility(gateway, caller, facility_id, before=cursor, limit=limit)
    )


@router.post(
    "/facilities/{facility_id}/documents/{fingerprint}/acceptance",
    status_code=202,
    response_model=CommandAnswer,
)
async def accept_document(
    facility_id: Number,
    fingerprint: Fingerprint,
    _: Party,
    request: Idempotent,
    body: AcceptedDocument | None = None,
) -> Response:
    """The lender or the named attester accepts a document; a declaration then counts as trade.

    With `root` only the document that was read; else whatever the borrower submitted last.
    """
    read = None if body is None else body.root
    return await request.carry_out(submissions.accept, facility_id, fingerprint, read)


@router.post("/facilities/{facility_id}/attester", status_code=202, response_model=CommandAnswer)
async def name_attester(
    facility_id: Number, body: NamedAttester, _: Party, request: Idempotent
) -> Response:
    """The lender names who accepts documents besides it, and whose reports of trade count."""
    return await request.carry_out(submissions.name_attester, facility_id, body.partyId)


@router.get("/loans/{loan_id}/documents", response_model=LoanDocuments)
async def list_loan_documents(loan_id: Number, gateway: GatewayOf, caller: Reader) -> Response:
    """The documents that a loan's draw used: for its sides, its attester and auditors."""
    return json_response(await submissions.of_loan(gateway, caller, loan_id))


@router.post("/trade-reports", status_code=202, response_model=CommandAnswer)
async def report_trade(body: NewTradeReport, _: Lender, request: Idempotent) -> Response:
    """A platform reports a merchant's trade of a month, or corrects its report."""
    return await request.carry_out(trade.report, body)


@router.get("/trade-reports", response_model=TradeReportPage)
async def list_trade_reports(
    gateway: GatewayOf, caller: CallerOf, cursor: NumberCursor = None, limit: Limit = 50
) -> Response:
    """Reports of trade by or of the caller, newest first, with every correction."""
    return json_response(await trade.page(gateway, caller, before=cursor, limit=limit))
