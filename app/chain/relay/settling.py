"""Settles intents that can never run any more; only the index can prove that.

A wallet's intent has expired when a final block is younger than its deadline and no event shows
that it ran. A nonce is lost when a final block shows that another operation used it, or that its
signer cancelled it. A node's answer alone settles nothing.
"""

from __future__ import annotations

import msgspec
import structlog
from sqlalchemy import Connection

from app.chain.evm.contracts import FORWARDER
from app.chain.outbox.nonces import give_nonce
from app.chain.outbox.outbox import (
    ACCEPTED,
    ACCEPTED_TOPIC,
    COLUMNS,
    Operation,
    OperationError,
    operation_of,
)
from app.chain.outbox.transitions import change
from app.chain.relay.store import reject
from app.storage import announce, run

log = structlog.get_logger(__name__)
_SIGN_AGAIN = "repeat the command with a new idempotency key and sign its typed data"
_OPEN = "state IN ('accepted', 'submitted')"


def may_settle(connection: Connection) -> bool:
    """Whether `settle` may have work. Mostly it has none, and then nothing is written."""
    query = (
        f"SELECT 1 FROM operations WHERE {_OPEN} AND (custody = 0 OR (state = 'accepted' "
        "AND attempts > 0)) LIMIT 1"
    )
    return run(connection, query).first() is not None


def settle(connection: Connection) -> None:
    """Rejects expired intents of wallets, and repairs operations whose nonce is lost."""
    row = run(
        connection,
        "SELECT blocks.number, blocks.timestamp FROM checkpoints JOIN blocks "
        "ON blocks.number = checkpoints.final_number WHERE checkpoints.name = 'index'",
    ).first()
    if row is None:
        return
    final_number, timestamp = int(row.number), int(row.timestamp)
    for operation in _operations(
        connection, f"custody = 0 AND {_OPEN} AND deadline < ?", (timestamp,)
    ):
        reject(
            connection,
            operation,
            OperationError(
                "IntentExpired",
                "the signature's deadline has passed",
                {"deadline": operation.deadline},
                fix=_SIGN_AGAIN,
            ),
        )
    for operation in _operations(connection, "state = 'accepted' AND attempts > 0", ()):
        event = _event_of_nonce(connection, operation, final_number=final_number)
        if event is not None:
            _lost(connection, operation, *event)


def _operations(connection: Connection, where: str, values: tuple[int, ...]) -> list[Operation]:
    query = f"SELECT {COLUMNS} FROM operations WHERE {where}"
    return [operation_of(row) for row in run(connection, query, values).all()]


def _event_of_nonce(
    connection: Connection, operation: Operation, *, final_number: int
) -> tuple[str, str] | None:
    """Name and operation hash of the final event that used the operation's nonce, or None."""
    rows = run(
        connection,
        "SELECT events.name, events.arguments_json FROM event_subjects JOIN events "
        "ON events.position = event_subjects.position WHERE event_subjects.subject = ? "
        "AND events.contract = ? AND events.block_number <= ? AND events.arguments_json LIKE ?",
        (operation.signer, FORWARDER, final_number, f"%{operation.nonce}%"),
    )
    for name, text in rows:
        arguments = msgspec.json.decode(text)
        nonce = int(arguments.get("nonce", -1))
        if nonce == operation.nonce and arguments["signer"] == operation.signer:
            return str(name), str(arguments.get("operation", ""))
    return None


def _lost(connection: Connection, operation: Operation, name: str, by: str) -> None:
    """Handles a lost nonce: custody signs with a new one, a wallet has to sign again."""
    if by == operation.hash:  # its own event, which the index has settled
        return
    if name == "NonceCancelled":
        message = "its signer cancelled the intent on the chain"
        reject(connection, operation, OperationError("IntentCancelled", message, fix=_SIGN_AGAIN))
    elif not operation.custody:
        message = "another intent of this signer used the nonce"
        arguments = {"nonce": str(operation.nonce), "operation": by}
        error = OperationError("IntentNonceUsed", message, arguments, fix=_SIGN_AGAIN)
        reject(connection, operation, error)
    else:
        nonce = give_nonce(connection, signer=operation.signer)
        log.warning("relayer.nonce_lost", operation=operation.id, nonce=operation.nonce, by=by)
        change(
            connection,
            ACCEPTED,
            changes="nonce = ?, signature = NULL, deadline = NULL, attempts = 0, claimed_by = NULL",
            where="id = ?",
            values=(str(nonce), operation.id),
        )
        announce(connection, ACCEPTED_TOPIC, operation.id)
