"""/v1/relay-accounts, /v1/api-keys, /v1/access-log"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.path_types import NumberCursor
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.oversight.running import service
from app.oversight.running.repository import KeysOf
from app.oversight.running.schemas import AccessPage, ApiKeyPage, RelayAccounts

router = APIRouter(prefix="/v1", tags=["operations"], responses=PROBLEMS)
Operator = Annotated[Caller, allow("operator")]


@router.get("/relay-accounts", response_model=RelayAccounts)
async def list_relay_accounts(gateway: GatewayOf, _: Operator) -> Response:
    """The accounts that pay fees: balance, nonces, and what is in no block yet."""
    return json_response(await service.relay_accounts(gateway))


@router.get("/api-keys", response_model=ApiKeyPage)
async def list_api_keys(
    gateway: GatewayOf,
    caller: CallerOf,
    partyId: Annotated[str | None, Query(description="A party's id.")] = None,
    label: Annotated[
        str | None, Query(max_length=100, description="The name of the keys; default: any.")
    ] = None,
    sessions: Annotated[
        bool, Query(description="Also keys of sessions that wallets began; they end by themselves.")
    ] = True,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """API keys without the keys: all for operator and registrar, else those of one's own party."""
    chosen = KeysOf(partyId, label, with_sessions=sessions)
    page = await service.api_keys(gateway, caller, chosen, before=cursor, limit=limit)
    return json_response(page)


@router.get("/access-log", response_model=AccessPage)
async def list_accesses(
    gateway: GatewayOf,
    caller: CallerOf,
    subjectId: Annotated[
        str | None, Query(max_length=300, description="What was shown: a document's id, a number.")
    ] = None,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Who saw documents, statements and files: all for officials, a party's own for the party."""
    page = await service.accesses(gateway, caller, subject_id=subjectId, before=cursor, limit=limit)
    return json_response(page)
