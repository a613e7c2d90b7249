"""/v1/signing"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import CallerOf
from app.gateway.gateway import GatewayOf
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.oversight.signing import service
from app.oversight.signing.schemas import MessageDescription, NewDescription

router = APIRouter(prefix="/v1/signing", tags=["signing"], responses=PROBLEMS)


@router.post("/description", response_model=MessageDescription)
async def describe_typed_data(body: NewDescription, gateway: GatewayOf, _: CallerOf) -> Response:
    """What a wallet is about to sign, in words.

    The words derive from the typed data of the request alone, with names of parties and codes of
    currencies from the ledger. Pass the same object to the wallet. Every field is in `rows` or in
    `hidden`. With `known` false the ledger does not know what the message does, or its contract
    would refuse it: `warnings` says why.

    It stores nothing and signs nothing, so it takes no idempotency key.
    """
    return json_response(await service.description(gateway, body.typedData))
