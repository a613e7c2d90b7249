"""/v1/documents"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Query, UploadFile
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.problems import PROBLEMS, contents
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.uploads import SingleParts, content_of
from app.gateway.views import json_response
from app.trade.documents import service
from app.trade.documents.model import Kind
from app.trade.documents.schemas import DisclosureRequest, DocumentBody, DocumentPack, DocumentPage

router = APIRouter(prefix="/v1/documents", tags=["documents"], responses=PROBLEMS)
Supplier = Annotated[Caller, allow("supplier")]


@router.post("", status_code=201, response_model=DocumentBody, dependencies=[SingleParts])
async def upload_document(
    _: Supplier,
    gateway: GatewayOf,
    request: Idempotent,
    file: Annotated[
        UploadFile,
        File(
            description="UBL 2.1, UN/CEFACT CII, Factur-X PDF, Chinese electronic invoice (XML or "
            "OFD), or JSON; 20 MB."
        ),
    ],
) -> Response:
    """Uploads an invoice or credit note whose seller is the caller."""
    data = await content_of(file, limit=gateway.settings.document_limit)
    await request.require_new(data)
    content_type = file.content_type or "application/octet-stream"
    return await request.carry_out(service.upload, data, content_type=content_type)


@router.get("", response_model=DocumentPage)
async def list_documents(
    gateway: GatewayOf,
    caller: CallerOf,
    kind: Annotated[Kind | None, Query(description="Only documents of this kind.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The caller's documents, newest first."""
    return json_response(await service.page(gateway, caller, before=cursor, limit=limit, kind=kind))


@router.get("/{document_id}", response_model=DocumentBody)
async def get_document(document_id: str, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One document with its parsed content."""
    row = await service.document(gateway, caller, document_id)
    return json_response(await service.view(gateway, row))


@router.get(
    "/{document_id}/content",
    response_class=Response,
    responses=contents("application/octet-stream"),
)
async def get_content(document_id: str, gateway: GatewayOf, caller: CallerOf) -> Response:
    """The file as it was uploaded."""
    row = await service.document(gateway, caller, document_id)
    document = await service.decrypted_content(gateway, document_id)
    headers = {"Content-Disposition": f'attachment; filename="{row.id}"'}
    return Response(document.content, media_type="application/octet-stream", headers=headers)


@router.post("/{document_id}/disclosure", response_model=DocumentPack)
async def disclose_document(
    document_id: str, body: DisclosureRequest, gateway: GatewayOf, caller: CallerOf
) -> Response:
    """A pack of chosen fields, each with the proof that it is in the document."""
    return json_response(await service.disclose(gateway, caller, document_id, body.fields))
