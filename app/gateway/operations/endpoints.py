"""/v1/operations"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.chain.outbox.operation import DONE, REJECTED, State
from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.operations import service
from app.gateway.operations.schemas import (
    Operation,
    OperationPage,
    OperationSummary,
    SignatureBody,
    TypedDataAnswer,
)
from app.gateway.prefer import MAX_WAIT, Prefer, wait_of
from app.gateway.problems import PROBLEMS, rejected
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.refusal_facts import know_of
from app.gateway.views import json_response, operation_view

router = APIRouter(prefix="/v1/operations", tags=["operations"], responses=PROBLEMS)

Watcher = Annotated[Caller, allow("operator", "auditor", "regulator")]


@router.get("", response_model=OperationPage)
async def list_operations(
    gateway: GatewayOf,
    caller: CallerOf,
    state: State | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The caller's operations, newest first; auditors, operators and regulators see all."""
    operations = await service.listed(gateway, caller, state=state, before=cursor, limit=limit)
    following = operations[-1].id if len(operations) == limit else None
    await know_of(gateway, operations)
    items = [operation_view(operation) for operation in operations]
    return json_response({"items": items, "nextCursor": following})


@router.get("/summary", response_model=OperationSummary)
async def get_operation_summary(gateway: GatewayOf, _: Watcher) -> Response:
    """How many operations are in each state, and since when the oldest of them waits."""
    return json_response(await service.summary(gateway))


@router.get("/{operation_id}", response_model=Operation)
async def get_operation(
    operation_id: str,
    gateway: GatewayOf,
    caller: CallerOf,
    wait: Annotated[
        float, Query(ge=0, le=MAX_WAIT, description="Seconds to wait for the operation to end.")
    ] = 0,
) -> Response:
    """One operation: its state, and its result or why it was rejected."""
    operation = await service.operation(gateway, caller, operation_id, wait=wait)
    await know_of(gateway, [operation])
    return json_response(operation_view(operation))


@router.get("/{operation_id}/typed-data", response_model=TypedDataAnswer)
async def get_typed_data(operation_id: str, gateway: GatewayOf, caller: CallerOf) -> Response:
    """What the wallet signs for a prepared operation, again."""
    typed_data = await service.typed_data(gateway, caller, operation_id)
    return json_response({"typedData": typed_data})


@router.post("/{operation_id}/signature", status_code=202, response_model=Operation)
async def sign_operation(
    operation_id: str,
    body: SignatureBody,
    gateway: GatewayOf,
    caller: CallerOf,
    prefer: Prefer = None,
) -> Response:
    """Submits the wallet's signature over a prepared operation; a repeat changes nothing."""
    wait = wait_of(prefer)
    operation = await service.sign(gateway, caller, operation_id, body.signature, wait=wait)
    await know_of(gateway, [operation])
    if wait <= 0:
        return json_response(operation_view(operation), status=202)
    if operation.state == REJECTED:
        raise rejected(operation)
    headers = {"Preference-Applied": f"wait={wait:g}"}
    status = 200 if operation.state in DONE else 202
    return json_response(operation_view(operation), status=status, headers=headers)
