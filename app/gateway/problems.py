"""Problem documents (RFC 9457): each error becomes one; there is no other form of error answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.chain.evm.contracts import ArgumentsInvalid, ContractError
from app.chain.evm.error_words.language import LANGUAGE
from app.chain.evm.rpc import ChainError
from app.chain.evm.signers import SignatureInvalid
from app.chain.evm.wallet_signatures import WalletMissing
from app.chain.outbox.keys import KeyUnknown
from app.chain.outbox.operation import Operation, OperationError, to_json
from app.chain.outbox.outbox import (
    IntentRefused,
    OperationClosed,
    OperationUnknown,
    OutboxError,
    RanBeforeRestore,
    SignatureMismatch,
)
from app.domain.texts import Sentence, Text, say, text_of
from app.errors import BadInput, CessionError, Conflict, NotFound, Unavailable
from app.gateway.field_faults import fault
from app.gateway.ledger import new_risk_stopped
from app.gateway.naming import camel
from app.gateway.operations import schemas
from app.gateway.refusal_facts import know
from app.gateway.refusals import refusal
from app.gateway.said import language, localized
from app.gateway.views import operation_view
from app.storage import StorageError, StorageFull, StorageUnavailable, ValueUnstorable

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
#: Contract errors of what the gateway itself checks before it sends: a client handles both alike.
_NAMES = {"WarehouseReceiptChanged": "warehouse-receipt-changed"}
#: What the server framework refuses by itself.
_PHRASES = {
    404: say("Not Found"),
    405: say("Method Not Allowed"),
}


class ContractErrorBody(BaseModel):
    """A contract's own error."""

    contract: str
    name: str
    arguments: Mapping[str, Any]


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "type": "urn:cession:problem:bad-input",
                "title": "The request is not valid",
                "status": 422,
                "detail": "the parts sum to 1000.01; the claim holds 1000.00",
                "field": "parts",
                "fix": "make the parts sum to at most 1000.00",
            }
        },
    )
    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    fix: str | None = None
    contract_error: ContractErrorBody | None = Field(None, alias="contractError")
    operation: schemas.Operation | None = None


def problem_answer(words: str) -> dict[str, Any]:
    """The API description's entry for a problem document."""
    return {
        "description": words,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def contents(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """The API description's entry for an answer of bytes of these content types."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"content": dict.fromkeys(kinds, binary)}}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: problem_answer(words)
    for status, words in (
        (401, "There is no key or token, or it is not valid."),
        (403, "The caller's role does not allow it."),
        (404, "There is no such thing, or the caller may not see it."),
        (409, "The current state does not allow it, or the same idempotency key is under way."),
        (413, "Too many bytes."),
        (422, "A field is not valid; `field` names it and `fix` says what is."),
        (429, "The caller has reached its limit."),
        (503, "The chain or the store cannot be reached; nothing was done."),
    )
}


def problem_response(error: CessionError) -> Response:
    """The answer to an error."""
    document = error.problem(localized)
    headers = {"Content-Language": language.get()}
    if "retryAfter" in document:
        headers["Retry-After"] = str(document["retryAfter"])
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'ApiKey header="X-API-Key", Bearer'
    return Response(to_json(document), error.status, media_type=MEDIA_TYPE, headers=headers)


def contract_problem(error: ContractError | OperationError, **more: Any) -> Conflict:
    """A refusal by the contracts, before or after sending: the same in custody and for a wallet."""
    if error.name == "NewRiskStopped":
        return new_risk_stopped(str(error.arguments.get("reasonHash")), **more)
    message, fix = refusal(error)
    return Conflict(
        say("the ledger refuses: {reason}", reason=message),
        name=_NAMES.get(error.name, "contract-refused"),
        fix=fix or None,
        contractError={
            "contract": error.contract,
            "name": error.name,
            "arguments": error.arguments,
        },
        **more,
    )


def rejected(operation: Operation) -> Conflict:
    """The refusal of a command whose operation was rejected; `operation` is one of its members."""
    error = operation.error or OperationError("Reverted", "the contract gave no reason")
    view = operation_view(operation)
    if error.contract or error.name in LANGUAGE:
        return contract_problem(error, operation=view)
    message, fix = refusal(error)
    return Conflict(message, name="operation-rejected", fix=fix or None, operation=view)


def translate(error: Exception) -> CessionError:
    """The error that the caller gets."""
    match error:
        case CessionError():
            return error
        case StorageError():
            return _of_store(error)
        case ChainError():
            return Unavailable(
                say("the chain cannot be reached: {error}", error=error),
                name="chain-unavailable",
                fix="send the request again in a moment",
                retryAfter=5,
            )
        case KeyUnknown():
            return Conflict(
                say("the gateway holds no key for {args}", args=error.args[0]),
                name="key-not-in-custody",
                fix="repeat the request; the party's own wallet must sign",
            )
        case SignatureMismatch() | SignatureInvalid():
            return _of_signature(error)
        case ArgumentsInvalid():
            return BadInput(text_of(error))
        case OutboxError():
            return _of_outbox(error)
    return _unexpected()


def _of_signature(error: SignatureMismatch | SignatureInvalid) -> CessionError:
    if isinstance(error, WalletMissing):
        return BadInput(
            text_of(error),
            name="wallet-not-deployed",
            field="signature",
            fix="deploy the wallet, then send the signature that its contract accepts",
        )
    return BadInput(
        text_of(error),
        name="signature-invalid",
        field="signature",
        fix="sign the typed data that the gateway gave, with the key of that account; for a "
        "contract wallet, with the keys of enough of its owners",
    )


def _of_outbox(error: OutboxError) -> CessionError:
    match error:
        case IntentRefused():
            return contract_problem(error.error)
        case OperationUnknown():
            return NotFound(
                say("there is no operation {error}", error=error),
                name="operation-unknown",
                fix="look for its id in GET /v1/operations",
            )
        case RanBeforeRestore():
            return Conflict(
                text_of(error),
                name="ran-before-restore",
                fix="see what it did: GET /v1/history; it does not run again",
                transactionHash=error.execution.transaction_hash,
                blockNumber=error.execution.block_number,
            )
        case OperationClosed():
            return Conflict(
                text_of(error),
                name="operation-closed",
                fix="look at the operation; it takes no signature in this state",
            )
    return _unexpected()


def _of_store(error: StorageError) -> CessionError:
    match error:
        case StorageFull():
            return Unavailable(
                "the store's disk is full; nothing was stored",
                name="store-full",
                fix="send the request again later",
                retryAfter=30,
            )
        case ValueUnstorable():
            return BadInput(
                say("a value cannot be stored: {error}", error=error),
                name="value-unstorable",
                fix="send numbers below 2^63 and texts without control characters",
            )
    if not isinstance(error, StorageUnavailable):  # the store logs these itself
        log.error("store.failed", exc_info=error)
    return Unavailable(
        "the store cannot be reached; nothing was stored",
        name="store-unavailable",
        fix="send the request again in a moment",
        retryAfter=5,
    )


def _unexpected() -> CessionError:
    return CessionError(
        "an unexpected error; the log has the details",
        fix="tell the operator the request's id, which is in the header X-Request-Id",
    )


def _validation(error: RequestValidationError) -> BadInput:
    first = error.errors()[0]
    place = [str(part) for part in _place(first["loc"], error.body)]
    if place[0] == "path":
        place = [camel(part) for part in place]
    where, field = place[0], ".".join(place[1:]) or place[0]
    if first["type"] == "json_invalid":
        return BadInput(
            say("the body is not valid JSON: {error}", error=first.get("ctx", {}).get("error", "")),
            fix="correct the JSON of the body",
        )
    name = say("header {field}", field=field) if where == "header" else field
    detail = Sentence("{name}: {fault}", (("name", name), ("fault", fault(first))))
    return BadInput(detail, field=field, fix=_fix(first), errors=_errors(error))


def _place(location: Sequence[int | str], body: Any) -> list[int | str]:
    """Where an error is; without the kind by which the body was read as one of several."""
    kind = body.get("kind") if isinstance(body, dict) else None
    where, *inner = location
    if where == "body" and len(inner) > 1 and inner[0] == kind:
        del inner[0]
    return [where, *inner]


def _errors(error: RequestValidationError) -> list[dict[str, str]]:
    return [
        {
            "field": ".".join(str(part) for part in _place(item["loc"], error.body)[1:]),
            "detail": fault(item),
        }
        for item in error.errors()[:20]
    ]


def _fix(first: Any) -> Text:
    field = first["loc"][-1]
    match first["type"]:
        case "missing":
            return say("give {field}", field=field)
        case "extra_forbidden":
            return say("leave out {field}; there is no such field", field=field)
        case _:
            return fault(first)


def _allow(request: Request, error: HTTPException) -> dict[str, str]:
    """All methods of a path: each of its routes knows only its own."""
    if error.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
        return {}
    methods = {method.strip() for method in (error.headers or {}).get("Allow", "").split(",")}
    for route in request.app.state.endpoints:
        if route.path_regex.match(request.url.path):
            methods |= route.methods
    return {"Allow": ", ".join(sorted(methods - {""}))}


def install(app: FastAPI) -> None:
    """Makes every error of `app` a problem document."""

    async def known(_request: Request, error: Exception) -> Response:
        if isinstance(error, IntentRefused):
            await know(_request.app.state.gateway, [(error.error, error.call)])
        problem = translate(error)
        if type(problem) is CessionError:
            log.error("request.failed", path=_request.url.path, exc_info=error)
        return problem_response(problem)

    async def invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(_validation(error))

    async def by_status(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        words = localized(_PHRASES.get(error.status_code, str(error.detail)))
        problem = CessionError(words, name=f"http-{error.status_code}")
        document = {**problem.problem(), "status": error.status_code, "title": words}
        return Response(
            msgspec.json.encode(document),
            error.status_code,
            media_type=MEDIA_TYPE,
            headers={**(error.headers or {}), **_allow(_request, error)},
        )

    for kind in (
        CessionError,
        ArgumentsInvalid,
        ChainError,
        IntentRefused,
        KeyUnknown,
        OperationClosed,
        OperationUnknown,
        RanBeforeRestore,
        SignatureInvalid,
        SignatureMismatch,
        StorageError,
        Exception,
    ):
        app.add_exception_handler(kind, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, by_status)
