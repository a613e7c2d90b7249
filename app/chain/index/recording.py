"""What transactions did, written to the operations: outcomes, finality, and what did not run.

An execution of our own that belongs to no operation shows that the store is older than the chain.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection

from app.chain.evm.contracts import ContractError
from app.chain.index.evidence import another_call
from app.chain.index.outcomes import (
    Outcome,
    RelayReceipt,
    error_of,
    nothing_paid,
    result_of,
    why_unpaid,
)
from app.chain.outbox.nonces import UnknownExecution, note_unknown, signing_here
from app.chain.outbox.outbox import (
    ACCEPTED,
    ACCEPTED_TOPIC,
    CHANGED_TOPIC,
    COLUMNS,
    FINAL,
    INCLUDED,
    PREPARED,
    REJECTED,
    SUBMITTED,
    Operation,
    operation_of,
    to_json,
)
from app.chain.outbox.transitions import change, move, move_each
from app.storage import announce, run

LATER = "later"  # `claimed_by` of an operation that must wait until `claimed_until`
MAX_PAUSE = 60.0  # seconds
log = structlog.get_logger(__name__)


def relevant_receipts(connection: Connection, receipts: list[RelayReceipt]) -> list[RelayReceipt]:
    """Receipts of transactions that carried intents, by any signer, or are of our relay accounts.

    It leaves out no intent as somebody else's. A store that was restored twice from one backup does
    not know the nonce space it had in between, nor, before its relayer starts, its relay accounts.
    """
    accounts = _relay_accounts(connection)
    return [receipt for receipt in receipts if receipt.outcomes or receipt.sender in accounts]


def _relay_accounts(connection: Connection) -> set[str]:
    return {str(row.address) for row in run(connection, "SELECT address FROM relay_accounts")}


def record(
    connection: Connection, receipts: list[RelayReceipt], *, final_number: int
) -> list[Operation]:
    """Writes the outcomes of these transactions to their operations; returns those changed.

    An outcome that belongs to no operation is recorded as an unknown execution: this gateway's own
    from before a restore, or another gateway's.
    """
    if not receipts:
        return []
    accounts = _relay_accounts(connection)
    signers = signing_here(
        connection, {outcome.signer for receipt in receipts for outcome in receipt.outcomes}
    )
    changed: dict[str, Operation] = {}
    now = time.time()
    for receipt in receipts:
        settled: set[str] = set()
        for outcome in receipt.outcomes:
            operation = _operation_of(connection, outcome)
            if operation is not None:
                settled.add(operation.id)
                operation = changed.get(operation.id, operation)
                if _settle(operation, outcome, receipt, now=now, final_number=final_number):
                    changed[operation.id] = operation
            else:
                ours = receipt.sender in accounts or outcome.signer in signers
                _note(connection, outcome, receipt, ours=ours)
        slot = run(
            connection,
            "SELECT account, nonce FROM relay_transactions WHERE hash = ?",
            (receipt.hash,),
        ).first()
        if slot is None:
            continue
        _close_slot(connection, receipt, account=slot.account, nonce=slot.nonce)
        rows = run(
            connection,
            "SELECT id FROM operations WHERE relay_account = ? AND relay_nonce = ? "
            "AND state = 'submitted'",
            (slot.account, slot.nonce),
        )
        passed_over = [str(row.id) for row in rows if row.id not in settled]
        if passed_over:
            put_back(connection, passed_over)
    operations = list(changed.values())
    _write(connection, operations)
    if operations:
        announce(connection, CHANGED_TOPIC, operations)
    return operations


def settle_again(
    connection: Connection,
    operations: Sequence[Operation],
    receipts: Sequence[RelayReceipt],
    *,
    final_number: int,
) -> None:
    """Writes what these transactions say of operations whose later run a reorganisation undid.

    Args:
        operations: as the reorganisation left them; changed in place.
        receipts: in the chain's order.
    """
    known = {(operation.hash, operation.signer): operation for operation in operations}
    changed: dict[str, Operation] = {}
    now = time.time()
    for receipt in receipts:
        for outcome in receipt.outcomes:
            operation = known.get((outcome.operation_hash, outcome.signer))
            if operation is not None and _settle(
                operation, outcome, receipt, now=now, final_number=final_number
            ):
                changed[operation.id] = operation
    _write(connection, list(changed.values()))


def _operation_of(connection: Connection, outcome: Outcome) -> Operation | None:
    """The operation whose intent ran, whoever sent it and whatever its state here.

    Found by hash and signer, because a restored store may have another nonce for it.
    """
    row = run(
        connection,
        f"SELECT {COLUMNS} FROM operations WHERE hash = ? AND signer = ?",
        (outcome.operation_hash, outcome.signer),
    ).first()
    return None if row is None else operation_of(row)


def _note(connection: Connection, outcome: Outcome, receipt: RelayReceipt, *, ours: bool) -> None:
    """Records an execution that belongs to no operation of the store."""
    if ours:
        log.error(
            "indexer.unknown_execution",
            signer=outcome.signer,
            operation_hash=outcome.operation_hash,
            transaction=receipt.hash,
            block=receipt.block_number,
        )
    note_unknown(
        connection,
        UnknownExecution(
            signer=outcome.signer,
            nonce=outcome.nonce,
            operation_hash=outcome.operation_hash,
            succeeded=outcome.succeeded,
            ours=ours,
            transaction_hash=receipt.hash,
            block_number=receipt.block_number,
            block_hash=receipt.block_hash,
        ),
    )


def _close_slot(connection: Connection, receipt: RelayReceipt, *, account: str, nonce: int) -> None:
    run(
        connection,
        "UPDATE relay_transactions SET state = 'replaced' "
        "WHERE account = ? AND nonce = ? AND state = 'stored' AND hash <> ?",
        (account, nonce, receipt.hash),
    )
    run(
        connection,
        "UPDATE relay_transactions SET state = 'included', block_number = ?, block_hash = ?, "
        "gas_used = ?, succeeded = ? WHERE hash = ?",
        (
            receipt.block_number,
            receipt.block_hash,
            receipt.gas_used,
            int(receipt.succeeded),
            receipt.hash,
        ),
    )


def _settle(
    operation: Operation,
    outcome: Outcome,
    receipt: RelayReceipt,
    *,
    now: float,
    final_number: int,
) -> bool:
    """Gives the operation this outcome; False if what it shows already stands.

    An operation runs twice if its signer signs it again under another nonce. Its first success
    stands, because the effects of that run stand. A success replaces a rejection, by the chain or
    by the gateway; a failure leaves a rejection as it is. So an operation is in the block of its
    first success, and a reorganisation that undoes that block leaves only failed runs before it.
    """
    other = another_call(operation, outcome.events)
    succeeded = outcome.succeeded and other is None and not nothing_paid(operation, outcome.events)
    if operation.state in (INCLUDED, FINAL) or (operation.state == REJECTED and not succeeded):
        return False
    final = receipt.block_number <= final_number
    operation.error = operation.result = None
    operation.transaction_hash = receipt.hash
    operation.block_number = receipt.block_number
    operation.block_hash = receipt.block_hash
    operation.gas_used = receipt.gas_used
    operation.included_at = now
    operation.final_at = now if final else None
    if succeeded:
        operation.state = FINAL if final else INCLUDED
        operation.result = result_of(outcome.events, mixed=outcome.mixed)
        return True
    operation.state = REJECTED
    if outcome.succeeded:
        operation.error = other or why_unpaid(outcome.events)
    else:
        operation.error = error_of(outcome.error or ContractError("", "Reverted", {}))
    return True


_OUTCOME = (
    "transaction_hash = ?, block_number = ?, block_hash = ?, gas_used = ?, result_json = ?, "
    "included_at = ?, final_at = ?, claimed_by = NULL"
)


def _write(connection: Connection, changed: Sequence[Operation]) -> None:
    for state in (INCLUDED, FINAL):
        move_each(
            connection,
            state,
            start=(PREPARED, ACCEPTED, SUBMITTED, REJECTED),
            # A rejected operation without a block was rejected by the gateway itself. If a
            # reorganisation undoes the run, `roll_back` needs that rejection.
            changes=f"{_OUTCOME}, error_json = CASE WHEN block_number IS NULL THEN error_json END",
            where="id = ?",
            rows=[
                (*_columns(operation), operation.id)
                for operation in changed
                if operation.state == state
            ],
        )
    move_each(
        connection,
        REJECTED,
        start=(PREPARED, ACCEPTED, SUBMITTED),
        changes=f"{_OUTCOME}, error_json = ?",
        where="id = ?",
        rows=[
            (*_columns(operation), to_json(msgspec.to_builtins(operation.error)), operation.id)
            for operation in changed
            if operation.state == REJECTED
        ],
    )


def _columns(operation: Operation) -> tuple[Any, ...]:
    """Values of `_OUTCOME`."""
    result = operation.result
    return (
        operation.transaction_hash,
        operation.block_number,
        operation.block_hash,
        operation.gas_used,
        None if result is None else to_json(result),
        operation.included_at,
        operation.final_at,
    )


def put_back(connection: Connection, identifiers: Sequence[str]) -> None:
    """Puts submitted operations that their transaction did not carry out back to `accepted`.

    They keep their nonce. From the second time on, each waits before the relayer sends it, longer
    each time, because the forwarder may pass it over for long.
    """
    now = time.time()
    for identifier in identifiers:
        for row in move(
            connection,
            ACCEPTED,
            start=(SUBMITTED,),
            changes="claimed_by = NULL, relay_account = NULL, relay_nonce = NULL, "
            "batch_index = NULL, transaction_hash = NULL, submitted_at = NULL, "
            "attempts = attempts + 1",
            where="id = ?",
            values=(identifier,),
            returning="attempts",
        ):
            if row.attempts > 1:
                pause = min(MAX_PAUSE, 2.0 ** min(row.attempts, 10) / 4)
                change(
                    connection,
                    ACCEPTED,
                    changes="claimed_by = ?, claimed_until = ?",
                    where="id = ?",
                    values=(LATER, now + pause, identifier),
                )
    announce(connection, ACCEPTED_TOPIC, "")


def put_back_strays(connection: Connection) -> None:
    """Puts back operations that are `submitted` although no stored transaction carries them.

    A reorganisation leaves such operations: they ran in a transaction that was not ours.
    """
    rows = run(
        connection,
        "SELECT id FROM operations WHERE state = 'submitted' AND NOT EXISTS (SELECT 1 FROM "
        "relay_transactions WHERE relay_transactions.account = operations.relay_account AND "
        "relay_transactions.nonce = operations.relay_nonce AND "
        "relay_transactions.state = 'stored')",
    ).all()
    if rows:
        put_back(connection, [str(row.id) for row in rows])


def keep_final_failures(connection: Connection, *, above: int, final_number: int) -> None:
    """Makes operations that failed in final blocks above `above` stay rejected without a block.

    For an operator who lets the index go back below a final block. A newer operation may have
    replaced one that failed in a final block, so the gateway must not send it again.
    """
    change(
        connection,
        REJECTED,
        changes="block_number = NULL, block_hash = NULL, gas_used = NULL, included_at = NULL, "
        "final_at = NULL",
        where="id IN (SELECT id FROM operations WHERE block_number > ? AND block_number <= ?)",
        values=(above, final_number),
    )


def finalize(connection: Connection, *, final_number: int) -> list[Operation]:
    """Marks operations that have become final, and returns them."""
    rows = move(
        connection,
        FINAL,
        start=(INCLUDED,),
        changes="final_at = ?",
        where="block_number <= ?",
        values=(time.time(), final_number),
        returning=COLUMNS,
    )
    changed = [operation_of(row) for row in rows]
    if changed:
        announce(connection, CHANGED_TOPIC, changed)
    return changed
