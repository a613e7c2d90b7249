"""How operations, parties and times look in JSON."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated, Any, overload

import msgspec
from pydantic import Field
from starlette.responses import Response
from typing_extensions import TypedDict

from app.chain.evm.hashing import checksum_address
from app.chain.outbox.operation import REJECTED, Operation, OperationError, to_json
from app.domain.texts import say
from app.gateway.operations import schemas
from app.gateway.refusals import refusal
from app.gateway.said import localized

_LAST_SECOND = 253_402_300_799  # of the year 9999
encode = msgspec.json.Encoder().encode
#: By account: identifier and name of its party, and whether another party's name looks the same.
Names = dict[str, tuple[str, str, bool]]


def json_response(
    body: Any, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """An answer in which every whole number is exact for all readers."""
    return Response(to_json(body), status, headers, "application/json")


@overload
def time_view(seconds: float) -> str: ...


@overload
def time_view(seconds: float | None) -> str | None: ...


def time_view(seconds: float | None) -> str | None:
    """UTC, RFC 3339; the year 9999's last second for a later time, which the ledger may hold."""
    if seconds is None:
        return None
    text = datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC).isoformat(
        timespec="milliseconds"
    )
    return text.replace("+00:00", "Z")


def operation_view(operation: Operation) -> schemas.Operation:
    """An operation as callers see it."""
    block: schemas.Block | None = None
    if operation.block_number is not None:
        block = {"blockNumber": operation.block_number, "blockHash": operation.block_hash}
    return {
        "id": operation.id,
        "kind": operation.kind,
        "state": operation.state,
        "subject": operation.subject,
        "contract": operation.contract,
        "function": operation.function,
        "signer": operation.signer,
        "custody": operation.custody,
        "transactionHash": operation.transaction_hash,
        "block": block,
        "gasUsed": operation.gas_used,
        "error": None if operation.error is None else _error_view(operation.error),
        "retry": _retry_view(operation),
        "result": operation.result,
        "createdAt": time_view(operation.created_at),
        "submittedAt": time_view(operation.submitted_at),
        "includedAt": time_view(operation.included_at),
        "finalAt": time_view(operation.final_at),
    }


def _retry_view(operation: Operation) -> schemas.Retry | None:
    """Whether a rejected operation can run no more; whoever has its signature may still send it.

    One that ran in a block has used its nonce. One that the gateway never signed cannot run. Any
    other can run until the deadline of its signature.
    """
    if operation.state != REJECTED:
        return None
    unsigned = operation.custody and operation.signature is None
    over = operation.deadline is not None and operation.deadline <= time.time()
    if operation.block_number is not None or unsigned or over:
        words = say("mend the reason, then give the command again with a new Idempotency-Key")
        return {"safe": True, "notBefore": None, "words": localized(words)}
    at = time_view(operation.deadline)
    words = say(
        "it may still run until {until}; after that, give the command again with a new "
        "Idempotency-Key if it did not run",
        until=say("its signature expires") if at is None else at,
    )
    return {"safe": False, "notBefore": at, "words": localized(words)}


def _error_view(error: OperationError) -> schemas.OperationErrorBody:
    message, fix = refusal(error)
    return {
        "name": error.name,
        "message": message,
        "arguments": msgspec.to_builtins(error.arguments),
        "contract": error.contract,
        "fix": fix,
    }


Confusable = Annotated[
    bool,
    Field(description="Another party's name looks the same: tell them apart by the account."),
]


class PartyView(TypedDict):
    """An account, with its party if the gateway knows one."""

    partyId: str | None
    name: str | None
    account: str
    confusable: Confusable


def distinct(names: Names) -> dict[str, str]:
    """Names by account; the account is added where another party's name looks the same."""
    return {
        account: f"{name} ({checksum_address(account)})" if confusable else name
        for account, (_, name, confusable) in names.items()
    }


class GoodsName(TypedDict):
    """Goods by their code, grade and unit."""

    sku: str
    grade: str
    unit: str


def party_view(account: str, names: Names) -> PartyView:
    """An account with its party."""
    identifier, name, confusable = names.get(account, (None, None, False))
    return {
        "partyId": identifier,
        "name": name,
        "account": checksum_address(account),
        "confusable": confusable,
    }
