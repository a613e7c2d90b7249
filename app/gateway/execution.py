"""Acting on the ledger for a caller: through its key in custody, or prepared for its own wallet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.outbox.operation import Operation, OperationError, to_json
from app.chain.outbox.outbox import CHANGED_TOPIC
from app.chain.outbox.outbox import operation as stored_operation
from app.errors import Conflict
from app.gateway.approvals import APPROVAL, RESTORED, Approval, levelled, missing
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Command
from app.gateway.gateway import Gateway
from app.gateway.ledger import NEW_RISK, require_new_risk
from app.gateway.views import operation_view
from app.storage import announce, run


class Act(msgspec.Struct, frozen=True):
    """One call of a contract by the caller."""

    kind: str
    contract: str
    function: str
    arguments: Sequence[Any]
    subject: dict[str, Any] = {}
    approvals: Sequence[Approval] = ()


async def in_custody(gateway: Gateway, caller: Caller) -> bool:
    """Whether the gateway signs for this caller: it was told to, and it has the key."""
    if not caller.custody or caller.account is None:
        return False
    if gateway.keystore.cached(caller.account) is not None:
        return True
    return await gateway.keystore.held(caller.account)


async def act(
    command: Command,
    wanted: Act,
    *,
    also: Callable[[Connection, Operation], dict[str, Any] | None] | None = None,
) -> Response:
    """Carries out `wanted` for the caller; the answer is its operation.

    Args:
        also: writes what belongs to it in the same transaction; its result joins the body.
    """
    gateway = command.gateway
    signer = command.caller.acting()
    if (wanted.contract, wanted.function) in NEW_RISK:
        await require_new_risk(gateway)
    custody = await in_custody(gateway, command.caller)
    lacking = await missing(gateway, wanted.approvals, custody=custody)
    if custody:

        def write(connection: Connection) -> Answer:
            before, restored = [], []
            for approval in lacking:
                operation, restoring = _approve(connection, command, approval, signer=signer)
                before.append(operation.id)
                if restoring is not None:
                    restored.append(restoring)
            operation = enqueue(connection, command, wanted, signer=signer, after=before)
            for level in restored:
                # After the command, whatever became of that.
                enqueue(connection, command, level, signer=signer, after=[f"~{operation.id}"])
            more = also(connection, operation) if also is not None else None
            return Answer({"operation": operation_view(operation)} | (more or {}), 202, operation)

        return await command.carry_out(write)
    return await _prepare(command, wanted, signer=signer, lacking=lacking, also=also)


def enqueue(
    connection: Connection,
    command: Command,
    wanted: Act,
    *,
    signer: str,
    after: Sequence[str] = (),
) -> Operation:
    """Writes the operation into the outbox; its hash is of the command and its place in it."""
    return command.gateway.operations.enqueue(
        connection,
        kind=wanted.kind,
        party_id=command.caller.party_id,
        signer=signer,
        contract=wanted.contract,
        function=wanted.function,
        arguments=wanted.arguments,
        subject=wanted.subject,
        after=after,
        owner=command.owner,
        key=command.key,
        place=command.next_place(),
    )


def enqueue_approval(
    connection: Connection, command: Command, approval: Approval, *, signer: str
) -> Operation:
    """Writes the operation that gives an approval."""
    return _approve(connection, command, approval, signer=signer)[0]


def _approve(
    connection: Connection, command: Command, approval: Approval, *, signer: str
) -> tuple[Operation, Act | None]:
    """Writes the operation that gives an approval; also what brings back the level of before."""
    approval, after = levelled(connection, approval, signer=signer)
    function, arguments = approval.given
    given = Act(APPROVAL, approval.contract, function, list(arguments))
    operation = enqueue(connection, command, given, signer=signer, after=after)
    if approval.restored is None:
        return operation, None
    function, arguments = approval.restored
    return operation, Act(RESTORED, approval.contract, function, list(arguments))


# Of an operation that another one may take the place of: its wallet never signed it, or it was
# rejected for good. What a block rejected that is not final yet may still run in another block.
GIVES_WAY = (
    "(state = 'prepared' OR (state = 'rejected' AND (block_number IS NULL OR block_number <= "
    "(SELECT final_number FROM checkpoints WHERE name = 'index'))))"
)


def claim_once(
    connection: Connection, table: str, *, identifier: str, operation_id: str, what: str
) -> None:
    """Ties a row (of a slice's own table) to the operation that carries it out.

    Only one at a time: what is at its end without having run, or was never signed, gives way.

    Raises:
        Conflict: another one is under way or done.
    """
    _close_prepared(connection, table, identifier=identifier, by=operation_id)
    tied = run(
        connection,
        f"UPDATE {table} SET operation_id = ? WHERE id = ? AND (operation_id IS NULL OR "
        f"operation_id IN (SELECT id FROM operations WHERE {GIVES_WAY}))",
        (operation_id, identifier),
    )
    if not tied.rowcount:
        raise Conflict(
            f"{what} {identifier} is being carried out already",
            name="under-way",
            fix="look at its operation",
        )


def _close_prepared(connection: Connection, table: str, *, identifier: str, by: str) -> None:
    """Ends the operation of the same signer that is to give way: its signature may be on its way,
    and both would run. It is ended first, so that a signature that was quicker keeps its place."""
    before = run(
        connection,
        f"SELECT a.id FROM {table} t JOIN operations a ON a.id = t.operation_id "
        "JOIN operations b ON b.id = ? WHERE t.id = ? AND a.id <> b.id AND a.signer = b.signer",
        (by, identifier),
    ).scalar()
    if before is not None:
        end_prepared(connection, str(before), error=superseded(by))


def superseded(by: str) -> OperationError:
    """Why an operation is not to be signed any more: another one does the same."""
    return OperationError(
        "Superseded",
        "the command was given anew",
        {"operationId": by},
        fix="sign its newer operation",
    )


def end_prepared(connection: Connection, operation_id: str, *, error: OperationError) -> None:
    """Rejects an operation that its wallet has not signed yet; any other is left as it is."""
    ended = run(
        connection,
        "UPDATE operations SET state = 'rejected', error_json = ? WHERE id = ? "
        "AND state = 'prepared'",
        (to_json(msgspec.to_builtins(error)), operation_id),
    )
    if ended.rowcount:
        announce(connection, CHANGED_TOPIC, [stored_operation(connection, operation_id)])


async def _prepare(
    command: Command,
    wanted: Act,
    *,
    signer: str,
    lacking: Sequence[Approval],
    also: Callable[[Connection, Operation], dict[str, Any] | None] | None,
) -> Response:
    """Typed data for the caller's own wallet; an approval that is lacking comes first."""
    more: dict[str, Any] = {}
    if lacking:
        function, arguments = lacking[0].given
        wanted = Act(APPROVAL, lacking[0].contract, function, list(arguments))
        more["next"] = "repeat this request with a new idempotency key once this is included"
    operations = command.gateway.operations
    plan = await operations.plan(
        kind=wanted.kind,
        party_id=command.caller.party_id,
        signer=signer,
        contract=wanted.contract,
        function=wanted.function,
        arguments=wanted.arguments,
        subject=wanted.subject,
    )

    def write(connection: Connection) -> Answer:
        operation = operations.draft(
            connection, plan, owner=command.owner, key=command.key, place=command.next_place()
        )
        beside = also(connection, operation) if also is not None and not lacking else None
        typed_data = operations.typed_data(operation)
        body = {"operation": operation_view(operation), "typedData": typed_data} | more
        # What the wallet must sign now comes before typed data that it has signed already.
        return Answer((beside or {}) | body, 200)

    return await command.carry_out(write)
