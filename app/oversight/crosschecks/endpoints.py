"""/v1/cross-checks/…: what does not fit together, and who decided what about it"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, UploadFile
from starlette.responses import Response

from app.domain.crosschecks.records import Kind
from app.domain.scoring.file_rows import MAX_BYTES
from app.gateway.callers import Caller, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.path_types import Day, QueryNumber, Written
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.uploads import SingleParts, content_of
from app.gateway.views import json_response
from app.oversight.crosschecks import handing_in, service
from app.oversight.crosschecks.schemas import (
    FindingAnswer,
    Findings,
    NewDecision,
    RecordFile,
    RecordFileKind,
    RecordFilePage,
    StatusName,
)

MILLION = 1_000_000
router = APIRouter(prefix="/v1/cross-checks", tags=["risk"], responses=PROBLEMS)
Viewer = Annotated[Caller, allow("financier", "auditor", "operator", "regulator")]
Feeder = Annotated[Caller, allow("operator", "auditor")]
FileViewer = Annotated[Caller, allow("operator", "auditor", "regulator")]
Source = Annotated[
    str,
    Form(
        min_length=1,
        max_length=handing_in.MAX_SOURCE,
        description="Who made the records; a later file of the same source replaces an earlier.",
    ),
]
Weight = Annotated[
    Written, Query(ge=0, le=MILLION, description="Only findings of this weight or more.")
]
PartyId = Annotated[
    str | None, Query(max_length=36, description="Only findings that speak of this party.")
]
Offset = Annotated[
    Written, Query(ge=0, le=1_000_000, description="So many of the surest are left out.")
]


@router.get("/findings", response_model=Findings)
async def list_findings(
    gateway: GatewayOf,
    caller: Viewer,
    kind: Annotated[Kind | None, Query(description="Only findings of this kind.")] = None,
    minWeight: Weight = 0,
    partyId: PartyId = None,
    receivableId: QueryNumber = None,
    lotId: QueryNumber = None,
    status: Annotated[StatusName | None, Query(description="The last decision.")] = None,
    explained: Annotated[
        bool, Query(description="Also findings that follow from a surer one.")
    ] = False,
    lasts: Annotated[
        bool,
        Query(description="false: those with decisions that the checks no longer find."),
    ] = True,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """Findings of the cross-checks, the surest first.

    Auditors, operators and regulators see all; a lender sees those that touch a receivable, order
    or lot that it holds, lends on or has an open offer for.
    """
    filters = service.Filters(
        kind=kind,
        min_weight=minWeight,
        party_id=partyId,
        receivable=receivableId,
        lot=lotId,
        status=status,
        explained=explained,
        lasts=lasts,
    )
    return json_response(await service.listed(gateway, caller, filters, limit=limit, offset=offset))


@router.get("/findings/{finding_id}", response_model=FindingAnswer)
async def get_finding(finding_id: str, gateway: GatewayOf, caller: Viewer) -> Response:
    """A finding with all decisions about it; also one that is gone, if it has any."""
    return json_response(await service.finding(gateway, caller, finding_id))


@router.post("/findings/{finding_id}/decisions", status_code=201, response_model=FindingAnswer)
async def decide_on_finding(
    finding_id: str, body: NewDecision, _: Viewer, request: Idempotent
) -> Response:
    """Records what somebody decided about a finding, and why.

    Earlier decisions stay; the last one is the status. A party decides on no finding about itself
    or about a party under one control with it.
    """
    return await request.carry_out(service.decide, finding_id, body)


@router.post("/tax-records", status_code=201, response_model=RecordFile, dependencies=[SingleParts])
async def hand_in_tax_records(
    _: Feeder,
    request: Idempotent,
    file: Annotated[UploadFile, File(description="CSV; 256 KB, 5,000 rows.")],
    source: Source,
    asOf: Annotated[Day, Form(description="The day as of which the records are true.")],
    periodFrom: Annotated[Day, Form(description="The first day of the period.")],
    periodTo: Annotated[Day, Form(description="The last day of the period.")],
) -> Response:
    """Stores tax records of invoices: all that the sellers in it have in the period.

    An invoice of such a seller and period that the file does not have is one that the tax authority
    does not know. Of one source, the file of the later day counts for these sellers and days.
    """
    data = await content_of(file, limit=MAX_BYTES)
    period = handing_in.Period(asOf, periodFrom, periodTo)
    await request.require_new(f"{source}\n{asOf} {periodFrom} {periodTo}\n".encode() + data)
    return await request.carry_out(handing_in.hand_in_tax, data, source=source, period=period)


@router.post(
    "/registry-records", status_code=201, response_model=RecordFile, dependencies=[SingleParts]
)
async def hand_in_registry_records(
    _: Feeder,
    request: Idempotent,
    file: Annotated[UploadFile, File(description="CSV; 256 KB, 200 owners and holdings.")],
    source: Source,
) -> Response:
    """Stores an extract of the company register: a company, its age, owners and controllers.

    Of one source, the extract of the later day counts for this company.
    """
    data = await content_of(file, limit=MAX_BYTES)
    await request.require_new(f"{source}\n".encode() + data)
    return await request.carry_out(handing_in.hand_in_registry, data, source=source)


@router.get("/record-files", response_model=RecordFilePage)
async def list_record_files(
    gateway: GatewayOf,
    _: FileViewer,
    kind: Annotated[RecordFileKind | None, Query(description="Default: both.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Files of tax and registry records: from which source, as of when, and who handed them in."""
    return json_response(await handing_in.page(gateway, kind=kind, before=cursor, limit=limit))
