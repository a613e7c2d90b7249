"""/v1/signing"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.chain.outbox.operation import State
from app.gateway.callers import CallerOf
from app.gateway.gateway import GatewayOf
from app.gateway.path_types import Written
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Cursor
from app.gateway.views import json_response
from app.oversight.signing import service
from app.oversight.signing.schemas import (
    Description,
    MessageDescription,
    NewDescription,
    OperationSentencePage,
)

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


@router.get("/operations", response_model=OperationSentencePage)
async def list_operation_sentences(
    gateway: GatewayOf,
    caller: CallerOf,
    state: State | None = None,
    cursor: Cursor = None,
    limit: Annotated[Written, Query(ge=1, le=50, description="Maximum number of items.")] = 50,
) -> Response:
    """What the operations of `GET /v1/operations` do, a sentence each, in the same order.

    One whose call is longer than 4 KiB has none: `known` is false.
    """
    items = await service.of_operations(gateway, caller, state=state, before=cursor, limit=limit)
    following = items[-1]["operationId"] if len(items) == limit else None
    return json_response({"items": items, "nextCursor": following})


@router.get("/operations/{operation_id}", response_model=Description)
async def describe_operation(operation_id: str, gateway: GatewayOf, caller: CallerOf) -> Response:
    """What an operation does, in words, for whoever may see the operation.

    The words derive from the operation's call, with names of parties and codes of currencies from
    the ledger. With `known` false the ledger does not know what the call does.
    """
    return json_response(await service.of_operation(gateway, caller, operation_id))
