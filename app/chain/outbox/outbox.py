"""The outbox: each command is first a row here, written in one transaction with its other rows.

Each operation gets its nonce and its hash here, once: see `app.chain.outbox.nonces`.

States: `prepared` (waits for a wallet's signature) → `accepted` → `submitted` → `included` →
`final`, or `rejected` with the contract's own error, decoded. `app.chain.outbox.transitions` has
every change of state. Once an operation is `included`, the read tables show its effects.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.outbox import transitions
from app.chain.outbox.errors import (
    IntentRefused,
    OperationClosed,
    OperationUnknown,
    OutboxError,
    RanBeforeRestore,
    SignatureMismatch,
)
from app.chain.outbox.intents import operation_hash
from app.chain.outbox.nonces import give_nonce, unknown_execution
from app.chain.outbox.operation import (
    ACCEPTED,
    COLUMNS,
    DONE,
    FINAL,
    INCLUDED,
    PREPARED,
    REJECTED,
    SUBMITTED,
    Operation,
    OperationError,
    State,
    new_id,
    operation_of,
    to_json,
)
from app.storage import announce, run

ACCEPTED_TOPIC = "operations.accepted"  # subject: the operation's id
CHANGED_TOPIC = "operations.changed"  # subject: list of Operation
GATEWAY = "gateway"  # owner of operations that no caller's command asked for
__all__ = [
    "ACCEPTED",
    "COLUMNS",
    "DONE",
    "FINAL",
    "INCLUDED",
    "PREPARED",
    "REJECTED",
    "SUBMITTED",
    "Call",
    "IntentRefused",
    "Operation",
    "OperationClosed",
    "OperationError",
    "OperationUnknown",
    "Origin",
    "OutboxError",
    "Plan",
    "RanBeforeRestore",
    "SignatureMismatch",
    "draft",
    "enqueue",
    "new_id",
    "operation",
    "operation_of",
    "to_json",
]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """The call of a contract that an operation carries out for its signer.

    Attributes:
        arguments: of `function` (its name, or its full signature if it is overloaded), in order:
            JSON values; whole numbers may be decimal text, bytes are 0x text, structs are dicts.
        subject: what the operation is about (`{"receivableId": …}`), for lists and answers.
    """

    kind: str
    party_id: str | None
    signer: str
    contract: str
    function: str
    arguments: Sequence[Any]
    subject: Mapping[str, Any] | None = None


class Origin(msgspec.Struct, frozen=True):
    """Which command asked for an operation: the parts of the operation's hash.

    Attributes:
        owner: who gave the command.
        key: the command's idempotency key; None: the operation's id.
        place: the operation's place in the command.
    """

    owner: str = GATEWAY
    key: str | None = None
    place: int = 0


class Plan(msgspec.Struct, frozen=True):
    """An intent for a wallet that the chain would carry out now; `draft` stores it."""

    call: Call
    data: bytes
    gas: int
    deadline: int


_NO_COMMAND = Origin()


def enqueue(
    connection: Connection, call: Call, *, after: Sequence[str] = (), origin: Origin = _NO_COMMAND
) -> Operation:
    """Writes an operation that the gateway signs with the signer's key in custody.

    The relayer takes it once the transaction is committed.

    Args:
        after: ids of operations that must be included first; if one is rejected, so is this one.
            `~` before an id: that operation must be done first, whatever its outcome.

    Raises:
        RanBeforeRestore: the chain has carried out the operation; the store lost it.
        RowConflict: an operation of the same origin exists.
    """
    new_operation = _insert(connection, call, ACCEPTED, origin=origin, after=after)
    announce(connection, ACCEPTED_TOPIC, new_operation.id)
    return new_operation


def draft(connection: Connection, plan: Plan, *, origin: Origin = _NO_COMMAND) -> Operation:
    """Stores a planned intent as an operation in state `prepared`: a wallet has to sign it.

    Raises:
        RanBeforeRestore, RowConflict: as in `enqueue`.
    """
    return _insert(connection, plan.call, PREPARED, origin=origin, plan=plan)


def _insert(
    connection: Connection,
    call: Call,
    state: State,
    *,
    origin: Origin,
    after: Sequence[str] = (),
    plan: Plan | None = None,
) -> Operation:
    identifier, now, signer = new_id(), time.time(), call.signer.lower()
    digest = "0x" + operation_hash(origin.owner, origin.key or identifier, place=origin.place).hex()
    if origin.key is not None:
        execution = unknown_execution(connection, digest, signer=signer)
        if execution is not None:
            raise RanBeforeRestore(execution)
    arguments_json, subject_json = to_json(list(call.arguments)), to_json(call.subject or {})
    new_operation = Operation(
        id=identifier,
        kind=call.kind,
        party_id=call.party_id,
        signer=signer,
        contract=call.contract,
        function=call.function,
        arguments=msgspec.json.decode(arguments_json),
        subject=msgspec.json.decode(subject_json),
        custody=plan is None,
        state=state,
        nonce=give_nonce(connection, signer=signer),
        gas=None if plan is None else plan.gas,
        deadline=None if plan is None else plan.deadline,
        data=None if plan is None else "0x" + plan.data.hex(),
        signature=None,
        created_at=now,
        hash=digest,
    )
    transitions.insert(
        connection,
        state,
        {
            "id": identifier,
            "kind": call.kind,
            "party_id": call.party_id,
            "signer": signer,
            "contract": call.contract,
            "function": call.function,
            "arguments_json": arguments_json,
            "subject_json": subject_json,
            "custody": int(new_operation.custody),
            "depends_on": ",".join(after) or None,
            "nonce": str(new_operation.nonce),
            "gas": new_operation.gas,
            "deadline": new_operation.deadline,
            "data": new_operation.data,
            "created_at": now,
            "hash": digest,
        },
    )
    return new_operation


def operation(connection: Connection, identifier: str) -> Operation | None:
    """The operation, or None."""
    query = f"SELECT {COLUMNS} FROM operations WHERE id = ?"
    row = run(connection, query, (identifier,)).first()
    return None if row is None else operation_of(row)
