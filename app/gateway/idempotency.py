"""Requests whose command runs once for each idempotency key; only endpoints use this.

The gateway stores the first answer to a key and repeats it. It refuses a different request under
the same key (422), and a second request while the first is under way (409). After a crash the same
request gets the stored answer; if none was stored, the command starts afresh: the writes of a
command and its answer are one transaction.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any, Concatenate, ParamSpec

import msgspec
from fastapi import Depends, FastAPI, Header, Request
from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.outbox.nonces import UnknownExecution, unknown_execution
from app.chain.outbox.operation import DONE, REJECTED
from app.chain.outbox.outbox import RanBeforeRestore
from app.chain.outbox.restored import why_held
from app.domain.texts import say
from app.errors import BadInput, Conflict, Unavailable
from app.gateway.callers import CallerOf
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway, GatewayOf
from app.gateway.prefer import Prefer, wait_of
from app.gateway.problems import MEDIA_TYPE, problem_response, rejected
from app.gateway.refusal_facts import know_of
from app.gateway.said import localized
from app.gateway.texts import is_form
from app.gateway.views import encode, operation_view
from app.storage import RowConflict, run
from app.storage.checkpoint import read_checkpoint

Arguments = ParamSpec("Arguments")
_HEAD_SECONDS = 10.0


class IdempotentRequest:
    """The request behind a command: its key, its body's hash, and its first answer."""

    def __init__(self, *, command: Command, request: Request, wait: float) -> None:
        self.command = command
        self.gateway = command.gateway
        self.owner, self.key = command.owner, command.key
        self.request = request
        self.method, self.path = request.method, request.url.path
        if request.url.query:
            self.path += f"?{request.url.query}"
        self.wait = wait
        self.body_hash = ""

    async def require_new(self, body: bytes) -> None:
        """Hashes the body that belongs to the key, and looks the key up.

        Raises:
            Replayed: the request was answered before.
            BadInput: the key was used for another request.
            RanBeforeRestore: the chain executed the command; the answer was lost with the store.
        """
        self.body_hash = hashlib.sha256(body).hexdigest()
        first = await self.stored()
        if first is not None:
            raise Replayed(first)

    async def stored(self) -> Response | None:
        """The first answer, if there was one.

        Raises:
            BadInput: the key was used for another request.
            RanBeforeRestore: the chain executed the command; the answer was lost with the store.
        """
        row, execution = await self.gateway.storage.read(
            lambda connection: (
                self._read(connection),
                self._unknown_execution(connection),
            )
        )
        if row is not None:
            return await self._present(row, self._repeated(row))
        if execution is not None:
            raise RanBeforeRestore(execution)
        return None

    async def _present(self, row: Any, first: Response) -> Response:
        """The first answer; the operation's end where the caller waits and none is stored yet."""
        place = msgspec.json.decode(row.headers_json).get("Location")
        if self.wait <= 0 or row.status != HTTPStatus.ACCEPTED or place is None:
            return first
        operation = await self.gateway.operations.get(place.rpartition("/")[2])
        body = msgspec.json.decode(bytes(first.body))
        response = await self.finish(Answer(body, row.status, operation))
        response.headers["Idempotency-Replayed"] = "true"
        return response

    def _unknown_execution(self, connection: Connection) -> UnknownExecution | None:
        account = self.command.caller.account
        executions = (
            unknown_execution(connection, each, signer=account)
            for each in self.command.first_hashes
        )
        return next((execution for execution in executions if execution is not None), None)

    def _read(self, connection: Connection) -> Any:
        rows = (
            run(
                connection,
                "SELECT owner, method, path, body_hash, status, headers_json, body "
                "FROM idempotency_keys WHERE owner = ? AND key = ?",
                (owner, self.key),
            ).first()
            for owner in self.command.owners
        )
        return next((row for row in rows if row is not None), None)

    def _repeated(self, row: Any) -> Response:
        if (row.method, row.path, row.body_hash) != (self.method, self.path, self.body_hash):
            raise BadInput(
                say(
                    "the idempotency key was already used for another request ({method} {path})",
                    method=row.method,
                    path=row.path,
                ),
                name="idempotency-key-reused",
                field="Idempotency-Key",
                fix="use a new key for each command",
            )
        if row.body is None:
            raise Conflict(
                "this command was carried out; its answer is no longer stored",
                name="answer-gone",
                fix=say(
                    "look at its operation: GET {path}",
                    path=msgspec.json.decode(row.headers_json or "{}").get(
                        "Location", "/v1/operations"
                    ),
                ),
            )
        headers = msgspec.json.decode(row.headers_json) | {"Idempotency-Replayed": "true"}
        body = self.gateway.sealer.open(bytes(row.body), about=f"answer {row.owner} {self.key}")
        kind = MEDIA_TYPE if row.status >= HTTPStatus.BAD_REQUEST else "application/json"
        return Response(body, row.status, headers, kind)

    @property
    def _about(self) -> str:
        return f"answer {self.owner} {self.key}"

    def _sealed(self, answer: Answer) -> bytes:
        """The encrypted answer: answers hold what documents say and who deals with whom."""
        return self.gateway.sealer.seal(encode(answer.body), about=self._about)

    async def carry_out(
        self,
        service: Callable[Concatenate[Command, Arguments], Awaitable[Change]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Response:
        """Asks a service for the command's change; writes it with its answer in one transaction.

        The response waits for the operation's end when the caller asked for that.

        Raises:
            Replayed, BadInput, RanBeforeRestore: as `require_new`, if the endpoint read no form.

        Args:
            service: takes the command and the arguments after it.
        """
        if not self.body_hash:  # a body that is no form, whatever its content type says
            await self.require_new(await self.request.body())
        change = await service(self.command, *args, **kwargs)

        def write(connection: Connection) -> Answer:
            self.command.restart_places()
            answer = change.write(connection)
            self._keep(connection, answer)
            return answer

        try:
            answer = await self.gateway.storage.write(write)
        except RowConflict as error:
            first = await self.stored()
            if first is None:
                await self._refuse_twin()
                raise Conflict(
                    "another request wrote the same thing at the same time",
                    name="written-meanwhile",
                    fix="look for the result; if it is not there, send the request again",
                ) from error
            return first
        return await self.finish(answer)

    async def _refuse_twin(self) -> None:
        """Refuses a command whose operation is stored but whose answer is not."""
        hashes = self.command.first_hashes
        query = f"SELECT id FROM operations WHERE hash IN ({', '.join('?' * len(hashes))})"
        twin = await self.gateway.storage.read(
            lambda connection: run(connection, query, hashes).scalar()
        )
        if twin is not None:
            raise Conflict(
                "this command was carried out; its answer is no longer stored",
                name="answer-gone",
                fix=say("look at its operation: GET /v1/operations/{twin}", twin=twin),
            )

    async def finish(self, answer: Answer) -> Response:
        """The answer, after its operation's end when the caller asked to wait for it."""
        headers = self._headers(answer)
        if answer.operation is None or self.wait <= 0:
            body = {**answer.body, **answer.shown_once}
            return Response(encode(body), answer.status, headers, "application/json")
        operation = await self.gateway.operations.wait(answer.operation.id, self.wait)
        headers["Preference-Applied"] = f"wait={self.wait:g}"
        await know_of(self.gateway, [operation])
        body = {**answer.body, "operation": operation_view(operation)}
        if operation.state == REJECTED:
            problem = rejected(operation)
            refusal = Answer(problem.problem(localized), problem.status, operation)
            await self._replace_when_final(refusal)
            response = problem_response(problem)
            response.headers.update(headers)
            return response
        if operation.state in DONE:
            later = Answer(body, 200, operation)
            await self._replace_when_final(later)
            return Response(encode(body), 200, headers, "application/json")
        return Response(encode(body), answer.status, headers, "application/json")

    async def _replace_when_final(self, answer: Answer) -> None:
        """Stores the end as the answer once no reorganisation can undo it.

        Until then the first answer stays, and a repeated request waits again.
        """
        operation = answer.operation
        assert operation is not None
        number = operation.block_number

        def write(connection: Connection) -> None:
            at = read_checkpoint(connection)
            if number is None or (at is not None and number <= at.final_number):
                self._replace(connection, answer)

        await self.gateway.storage.write(write)

    def _headers(self, answer: Answer) -> dict[str, str]:
        if answer.operation is None:
            return {}
        return {"Location": f"/v1/operations/{answer.operation.id}"}

    def _keep(self, connection: Connection, answer: Answer) -> None:
        run(
            connection,
            "INSERT INTO idempotency_keys (owner, key, method, path, body_hash, state, status, "
            "headers_json, body, created_at) VALUES (?, ?, ?, ?, ?, 'done', ?, ?, ?, ?)",
            (
                *(self.owner, self.key, self.method, self.path, self.body_hash, answer.status),
                *(encode(self._headers(answer)).decode(), self._sealed(answer), time.time()),
            ),
        )

    def _replace(self, connection: Connection, answer: Answer) -> None:
        run(
            connection,
            "UPDATE idempotency_keys SET status = ?, body = ? WHERE owner = ? AND key = ?",
            (answer.status, self._sealed(answer), self.owner, self.key),
        )


class Replayed(Exception):
    """The command was answered before; `response` is that answer."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


async def begin(
    request: Request,
    gateway: GatewayOf,
    caller: CallerOf,
    idempotency_key: Annotated[
        str,
        Header(
            min_length=8,
            max_length=200,
            description="The caller chooses a new one for each command; the first answer is kept.",
        ),
    ],
    prefer: Prefer = None,
) -> AsyncIterator[IdempotentRequest]:
    """This request, whose command was not answered before.

    Raises:
        Replayed: the command was answered before.
        BadInput, Conflict.
    """
    command = Command(gateway=gateway, caller=caller, key=idempotency_key)
    idempotent = IdempotentRequest(command=command, request=request, wait=wait_of(prefer))
    owner_key = (command.owner, command.key)
    if owner_key in gateway.in_flight:
        raise Conflict(
            "a request with this idempotency key is under way",
            name="idempotency-key-in-use",
            fix="wait for the answer to the first request, then repeat it",
        )
    gateway.in_flight.add(owner_key)
    try:
        # An endpoint with a form reads its parts and calls `require_new` itself.
        if not is_form(request):
            await idempotent.require_new(await request.body())
        await _require_reconciled(gateway)
        yield idempotent
    finally:
        gateway.in_flight.discard(owner_key)


async def _require_reconciled(gateway: Gateway) -> None:
    """Refuses a new key while the chain may know it.

    Raises:
        Unavailable: the index has not reached the chain's head since the start, or the store is
            older than the chain.
    """
    until = time.monotonic() + _HEAD_SECONDS
    while not gateway.indexer.reached_head:
        if time.monotonic() > until:
            raise Unavailable(
                "the index has not reached the chain's head yet, so the gateway cannot tell "
                "whether the chain has executed this command already",
                name="index-behind",
                fix="send the request again, with the same key",
            )
        await asyncio.sleep(0.05)
    held = await gateway.storage.read(why_held)
    if held is not None:
        raise Unavailable(
            held,
            name="not-reconciled",
            fix="the operator runs `cession reconcile`; then send the request again, same key",
        )


Idempotent = Annotated[IdempotentRequest, Depends(begin)]


def install(app: FastAPI) -> None:
    """Makes `Replayed` an answer."""

    async def replay(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Replayed)
        return error.response

    app.add_exception_handler(Replayed, replay)
