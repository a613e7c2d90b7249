"""/v1/caller"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.chain.evm.hashing import checksum_address
from app.gateway.caller.schemas import CallerBody
from app.gateway.callers import CallerOf
from app.gateway.gateway import GatewayOf
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.storage import run

router = APIRouter(prefix="/v1/caller", tags=["caller"], responses=PROBLEMS)


@router.get("", response_model=CallerBody)
async def get_caller(gateway: GatewayOf, caller: CallerOf) -> Response:
    """Who the sender of this request is, and which roles it has."""
    query = "SELECT id, name FROM parties_directory WHERE id = ?"
    row = await gateway.storage.read(
        lambda connection: run(connection, query, (caller.party_id,)).first()
    )
    body: CallerBody = {
        "label": caller.label,
        "roles": sorted(caller.roles),
        "party": None if row is None else {"id": row.id, "name": row.name},
        "account": None if caller.account is None else checksum_address(caller.account),
        "custody": caller.custody,
    }
    return json_response(body)
