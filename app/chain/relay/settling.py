"""What only the index can settle: intents that can never run any more.

A wallet's intent is over when a final block is younger than its deadline and no event shows that it
ran. A nonce is lost when a final block shows it used by another operation, or cancelled by its
signer. Whatever a node says of its own accord settles nothing.
"""

from __future__ import annotations

import msgspec
import structlog
from sqlalchemy import Connection

from app.chain.evm.contracts import FORWARDER
from app.chain.outbox.nonces import give_nonce
from app.chain.outbox.outbox import ACCEPTED_TOPIC, COLUMNS, Operation, OperationError, operation_of
from app.chain.relay.store import reject
from app.storage import announce, run

log = structlog.get_logger(__name__)
_ANEW = "repeat the command with a new idempotency key and sign its typed data"
_OPEN = "state IN ('accepted', 'submitted')"


def may_settle(connection: Connection) -> bool:
    """Whether there is anything to look into: most often not, and then nothing is written."""
    query = (
        f"SELECT 1 FROM operations WHERE {_OPEN} AND (custody = 0 OR (state = 'accepted' "
        "AND attempts > 0)) LIMIT 1"
    )
    return run(connection, query).first() is not None


def settle(connection: Connection) -> None:
    """Ends expired intents of wallets, and puts right operations whose nonce is lost."""
    row = run(
        connection,
        "SELECT blocks.number, blocks.timestamp FROM checkpoints JOIN blocks "
        "ON blocks.number = checkpoints.final_number WHERE checkpoints.name = 'index'",
    ).first()
    if row is None:
        return
    final_number, timestamp = int(row[0]), int(row[1])
    for operation in _operations(
        connection, f"custody = 0 AND {_OPEN} AND deadline < ?", (timestamp,)
    ):
        reject(
            connection,
            operation,
            OperationError(
                "IntentExpired",
                "the signature's time is over",
                {"deadline": operation.deadline},
                fix=_ANEW,
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
    """Name and operation's hash of the final event that used the operation's nonce, if any."""
    rows = run(
        connection,
        "SELECT events.name, events.arguments_json FROM event_subjects JOIN events "
        "ON events.position = event_subjects.position WHERE event_subjects.subject = ? "
        "AND events.contract = ? AND events.block_number <= ? AND events.arguments_json LIKE ?",
        (operation.signer, FORWARDER, final_number, f"%{operation.nonce}%"),
    )
    for name, text in rows:
        said = msgspec.json.decode(text)
        if int(said.get("nonce", -1)) == operation.nonce and said["signer"] == operation.signer:
            return str(name), str(said.get("operation", ""))
    return None


def _lost(connection: Connection, operation: Operation, name: str, by: str) -> None:
    """The operation's nonce is gone: custody signs under a new one, a wallet has to sign anew."""
    if by == operation.hash:  # its own event: the index will have settled it
        return
    if name == "NonceCancelled":
        words = "its signer cancelled the intent on the chain"
        reject(connection, operation, OperationError("IntentCancelled", words, fix=_ANEW))
    elif not operation.custody:
        words = "another intent of this signer used the nonce"
        said = {"nonce": str(operation.nonce), "operation": by}
        reject(connection, operation, OperationError("IntentNonceUsed", words, said, fix=_ANEW))
    else:
        nonce = give_nonce(connection, signer=operation.signer)
        log.warning("relayer.nonce_lost", operation=operation.id, nonce=operation.nonce, by=by)
        run(
            connection,
            "UPDATE operations SET nonce = ?, signature = NULL, deadline = NULL, attempts = 0, "
            "claimed_by = NULL WHERE id = ? AND state = 'accepted'",
            (str(nonce), operation.id),
        )
        announce(connection, ACCEPTED_TOPIC, operation.id)
