"""Operations for a caller: signed with its key in custody, or prepared for its own wallet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.operation import (
    FINAL,
    INCLUDED,
    PREPARED,
    REJECTED,
    Operation,
    OperationError,
    to_json,
)
from app.chain.outbox.outbox import CHANGED_TOPIC, Call, Origin
from app.chain.outbox.outbox import operation as stored_operation
from app.chain.outbox.transitions import change, move
from app.domain.texts import say
from app.errors import Conflict
from app.gateway.approvals import (
    APPROVAL,
    RESTORED,
    Approval,
    levelled,
    missing,
    promised_under_way,
)
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.ledger import NEW_RISK, require_new_risk
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.views import operation_view
from app.storage import announce, run

# What a slice writes in the transaction of a new operation; the result joins the answer's body.
SideWrites = Callable[[Connection, Operation], Mapping[str, Any] | None]


class NewOperation(msgspec.Struct, frozen=True):
    """One call of a contract by the caller.

    Attributes:
        approvals: what the caller must have approved; the change gives what is missing.
        promised: accounts of other parties, and what each has approved by a promise. The call waits
            for such an approval if it is under way.
        first: calls of the caller that have to run before this one, in order; the change begins
            them too.
        after: ids of operations that must be included first, as `enqueue` of the outbox takes them.
    """

    kind: str
    contract: str
    function: str
    arguments: Sequence[Any]
    subject: Mapping[str, Any] = {}
    approvals: Sequence[Approval] = ()
    promised: Sequence[tuple[str, Approval]] = ()
    first: Sequence[NewOperation] = ()
    after: Sequence[str] = ()

    def call(self, *, signer: str, party_id: str | None = None) -> Call:
        """The call as the outbox takes it."""
        return Call(
            kind=self.kind,
            party_id=party_id,
            signer=signer,
            contract=self.contract,
            function=self.function,
            arguments=self.arguments,
            subject=self.subject,
        )


async def in_custody(gateway: Gateway, caller: Caller) -> bool:
    """Whether the gateway signs for this caller: it was told to, and it has the key."""
    if not caller.custody or caller.account is None:
        return False
    if gateway.keystore.cached(caller.account) is not None:
        return True
    return await gateway.keystore.held(caller.account)


async def change_for(
    command: Command,
    new_operation: NewOperation,
    *,
    side_writes: SideWrites | None = None,
) -> Change:
    """The change that begins `new_operation` for the caller; the answer is its operation."""
    gateway = command.gateway
    signer = command.caller.acting()
    if (new_operation.contract, new_operation.function) in NEW_RISK:
        await require_new_risk(gateway)
    custody = await in_custody(gateway, command.caller)
    lacking = await missing(gateway, new_operation.approvals, custody=custody)
    if custody:

        def write(connection: Connection) -> Answer:
            before = [*new_operation.after, *_promised_under_way(connection, new_operation)]
            restores = []
            for approval in lacking:
                operation, restore = _approve(connection, command, approval, signer=signer)
                before.append(operation.id)
                if restore is not None:
                    restores.append(restore)
            parts = _enqueue_first(connection, command, new_operation, signer=signer)
            before += parts[-1:]
            operation = enqueue(connection, command, new_operation, signer=signer, after=before)
            for restore in restores:
                # After the command, whatever its outcome.
                enqueue(connection, command, restore, signer=signer, after=[f"~{operation.id}"])
            body: dict[str, Any] = {"operation": operation_view(operation)}
            if parts:
                body["precedingOperationIds"] = parts
            more = side_writes(connection, operation) if side_writes is not None else None
            return Answer(body | (dict(more) if more else {}), 202, operation)

        return Change(write)
    return await _preparation(
        command, new_operation, signer=signer, lacking=lacking, side_writes=side_writes
    )


def _promised_under_way(connection: Connection, new_operation: NewOperation) -> list[str]:
    return [
        identifier
        for account, approval in new_operation.promised
        for identifier in promised_under_way(connection, approval, promised_by=account)
    ]


def _enqueue_first(
    connection: Connection, command: Command, new_operation: NewOperation, *, signer: str
) -> list[str]:
    """Writes the operations that have to run first, each after the one before; their ids."""
    identifiers: list[str] = []
    for first in new_operation.first:
        operation = enqueue(connection, command, first, signer=signer, after=identifiers[-1:])
        identifiers.append(operation.id)
    return identifiers


def enqueue(
    connection: Connection,
    command: Command,
    new_operation: NewOperation,
    *,
    signer: str,
    after: Sequence[str] = (),
) -> Operation:
    """Writes the operation to the outbox; its hash is of the command and its place in it."""
    return command.gateway.operations.enqueue(
        connection,
        new_operation.call(signer=signer, party_id=command.caller.party_id),
        after=after,
        origin=_origin(command),
    )


def _origin(command: Command) -> Origin:
    """The origin of the command's next operation."""
    return Origin(command.owner, command.key, command.next_place())


async def change_after_approvals(
    command: Command, approvals: Sequence[Approval], write: Callable[[Connection], Answer]
) -> Change:
    """A change that first gives the standing approvals that the caller, in custody, lacks."""
    lacking = await missing(command.gateway, approvals)

    def write_all(connection: Connection) -> Answer:
        for approval in lacking:
            _approve(connection, command, approval, signer=command.caller.acting())
        return write(connection)

    return Change(write_all)


def _approve(
    connection: Connection, command: Command, approval: Approval, *, signer: str
) -> tuple[Operation, NewOperation | None]:
    """Writes the operation that gives an approval; returns also the one that restores the level."""
    approval, after = levelled(connection, approval, signer=signer)
    function, arguments = approval.grant
    grant = NewOperation(APPROVAL, approval.contract, function, list(arguments))
    operation = enqueue(connection, command, grant, signer=signer, after=after)
    if approval.restore is None:
        return operation, None
    function, arguments = approval.restore
    return operation, NewOperation(RESTORED, approval.contract, function, list(arguments))


# The states in which a newer operation may replace one: its wallet never signed it, or it was
# rejected for good. A rejection in a block that is not final may still run in another block.
GIVES_WAY = (
    "(state = 'prepared' OR (state = 'rejected' AND (block_number IS NULL OR block_number <= "
    "(SELECT final_number FROM checkpoints WHERE name = 'index'))))"
)


def claim_once(
    connection: Connection, table: str, *, identifier: str, operation_id: str, what: str
) -> None:
    """Ties a row of a slice's own table to the operation that carries it out.

    Only one operation at a time: one that ended without running, or was never signed, is replaced.

    Raises:
        Conflict: another operation is under way or done.
    """
    _close_prepared(connection, table, identifier=identifier, by=operation_id)
    updated = run(
        connection,
        f"UPDATE {table} SET operation_id = ? WHERE id = ? AND (operation_id IS NULL OR "
        f"operation_id IN (SELECT id FROM operations WHERE {GIVES_WAY}))",
        (operation_id, identifier),
    )
    if not updated.rowcount:
        raise Conflict(
            say(
                "{what} {identifier} is already being carried out", what=what, identifier=identifier
            ),
            name="under-way",
            fix="look at its operation",
        )


def _close_prepared(connection: Connection, table: str, *, identifier: str, by: str) -> None:
    """Ends the same signer's earlier operation.

    Its signature may be on its way, and both would run. It is ended first, so that an earlier
    signature keeps its place.
    """
    before = run(
        connection,
        f"SELECT a.id FROM {table} t JOIN operations a ON a.id = t.operation_id "
        "JOIN operations b ON b.id = ? WHERE t.id = ? AND a.id <> b.id AND a.signer = b.signer",
        (by, identifier),
    ).scalar()
    if before is not None:
        end_prepared(connection, str(before), error=superseded(by))


def superseded(by: str) -> OperationError:
    """Why an operation must not be signed any more: another one does the same."""
    return OperationError(
        "Superseded",
        "the command was given again",
        {"operationId": by},
        fix="sign the newer operation",
    )


def end_prepared(connection: Connection, operation_id: str, *, error: OperationError) -> None:
    """Rejects an operation that its wallet has not signed yet; leaves any other as it is.

    The wallet may have sent it by itself, so that it ran. Then it is rejected if a reorganisation
    undoes that run.
    """
    error_json = to_json(msgspec.to_builtins(error))
    ended = move(
        connection,
        REJECTED,
        start=(PREPARED,),
        changes="error_json = ?",
        where="id = ?",
        values=(error_json, operation_id),
    )
    for state in (INCLUDED, FINAL):
        change(
            connection,
            state,
            changes="error_json = ?",
            where="id = ? AND custody = 0 AND signature IS NULL",
            values=(error_json, operation_id),
        )
    if ended:
        announce(connection, CHANGED_TOPIC, [stored_operation(connection, operation_id)])


async def _preparation(
    command: Command,
    new_operation: NewOperation,
    *,
    signer: str,
    lacking: Sequence[Approval],
    side_writes: SideWrites | None,
) -> Change:
    """The change that answers typed data for the caller's own wallet.

    A missing approval comes first, then what else has to run first.
    """
    more: dict[str, str | bool] = {}
    is_last = not (lacking or new_operation.first)
    if not is_last:
        if lacking:
            function, arguments = lacking[0].grant
            new_operation = NewOperation(APPROVAL, lacking[0].contract, function, list(arguments))
        else:
            new_operation = new_operation.first[0]
        more["next"] = "repeat this request with a new idempotency key once this is included"
        more["repeat"] = True
    operations = command.gateway.operations
    plan = await operations.plan(
        new_operation.call(signer=signer, party_id=command.caller.party_id)
    )

    def write(connection: Connection) -> Answer:
        operation = operations.draft(connection, plan, origin=_origin(command))
        result = None
        if side_writes is not None and is_last:
            result = side_writes(connection, operation)
        body: CommandAnswer = {
            "operation": operation_view(operation),
            "typedData": operations.typed_data(operation),
        }
        # What the wallet must sign now replaces typed data that it has signed already.
        return Answer({**(result or {}), **body, **more}, 200)

    return Change(write)
