"""Which events belong to which intent: the outcome of each operation, out of its receipt.

The forwarder emits `ExecutedForwardRequest(signer, nonce, success)` right after each intent it
carried out, so the logs between two of these belong to the second one. An intent without such an
event was skipped: its nonce is unused and its signature still good.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.blocks import Receipt
from app.chain.contracts import FORWARDER, ContractError
from app.chain.outbox import (
    ACCEPTED_TOPIC,
    CHANGED_TOPIC,
    COLUMNS,
    FINAL,
    INCLUDED,
    REJECTED,
    Operation,
    OperationError,
    operation_of,
    to_json,
)
from app.chain.projection import DecodedEvent
from app.chain.subjects import RECEIPTS
from app.storage import announce, run, run_many

EXECUTED = "ExecutedForwardRequest"
_CLAIMS = ("claimId", "soldClaimId", "toTokenId")
_RECEIPTS = ("receiptId", "toTokenId")


# What tells that money moved. While a currency stands still a payment changes nothing, and does not
# revert, so that the ledger can note the stop.
PAYMENTS = {
    "repay-loan": "LoanRepaid",
    "repay-loans": "LoanRepaid",
    "record-repayment": "LoanRepaid",
    "pay": "PaymentReceived",
    "bid": "GoodsSold",
}
STOPPED = "CurrencyStopped"


class Outcome(msgspec.Struct):
    """What became of one intent."""

    signer: str
    nonce: int
    succeeded: bool
    events: list[DecodedEvent]
    error: ContractError | None = None


class RelayReceipt(msgspec.Struct):
    """A transaction that carried intents (or one of our relay accounts' own), with the outcomes.

    `ours` is False for a transaction sent by somebody else that carried one of our intents.
    """

    hash: str
    sender: str
    succeeded: bool
    gas_used: int
    block_number: int
    block_hash: str
    outcomes: list[Outcome]
    ours: bool = True


def outcomes_of(receipt: Receipt, events: list[DecodedEvent], *, number: int) -> RelayReceipt:
    """Cuts a receipt's events (in order) into the outcomes of its intents."""
    outcomes: list[Outcome] = []
    segment: list[DecodedEvent] = []
    for event in events:
        if event.name == EXECUTED and event.contract == FORWARDER:
            given = event.arguments
            outcomes.append(Outcome(given["signer"], given["nonce"], given["success"], segment))
            segment = []
        else:
            segment.append(event)
    return RelayReceipt(
        hash=receipt.transaction_hash,
        sender=receipt.sender.lower(),
        succeeded=receipt.succeeded,
        gas_used=int(receipt.gas_used, 16),
        block_number=number,
        block_hash=receipt.block_hash,
        outcomes=outcomes,
    )


_IDS = (
    *("receivableId", "partyId", "orderId", "productId", "facilityId", "loanId", "campaignId"),
    "lotId",
)


def result_of(events: list[DecodedEvent]) -> dict[str, Any]:
    """What an operation did: its events, and the ids in them that callers ask for."""
    result: dict[str, Any] = {
        "events": [
            {"contract": event.contract, "name": event.name, "arguments": event.arguments}
            for event in events
        ]
    }
    tokens: dict[str, dict[int, None]] = {"claimIds": {}, "receiptIds": {}}
    for event in events:
        for name in _IDS:
            if name in event.arguments:
                result.setdefault(name, event.arguments[name])
        of_receipts = event.contract == RECEIPTS
        found = tokens["receiptIds" if of_receipts else "claimIds"]
        for name in _RECEIPTS if of_receipts else _CLAIMS:
            if event.arguments.get(name):
                found.setdefault(event.arguments[name])
    return result | {name: list(found) for name, found in tokens.items() if found}


def record(
    connection: Connection, receipts: list[RelayReceipt], *, final_number: int
) -> list[Operation]:
    """Moves the operations of these transactions to what the chain says; returns those changed."""
    changed: list[Operation] = []
    now = time.time()
    for receipt in receipts:
        slot = run(
            connection,
            "SELECT account, nonce FROM relay_transactions WHERE hash = ?",
            (receipt.hash,),
        ).first()
        waiting: dict[tuple[str, int | None], Operation] = {}
        if slot is not None:
            _close_slot(connection, receipt, account=slot[0], nonce=slot[1])
            rows = run(
                connection,
                f"SELECT {COLUMNS} FROM operations WHERE relay_account = ? AND relay_nonce = ? "
                "AND state = 'submitted' ORDER BY batch_index",
                tuple(slot),
            )
            found = (operation_of(row) for row in rows)
            waiting = {(operation.signer, operation.nonce): operation for operation in found}
        for outcome in receipt.outcomes:
            operation = waiting.pop((outcome.signer, outcome.nonce), None)
            if operation is None:
                operation = _elsewhere(connection, outcome)
            if operation is not None:
                _settle(operation, outcome, receipt, now=now, final_number=final_number)
                changed.append(operation)
        if waiting:
            _put_back(connection, list(waiting.values()))
    _write(connection, changed)
    if changed:
        announce(connection, CHANGED_TOPIC, changed)
    return changed


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


def _elsewhere(connection: Connection, outcome: Outcome) -> Operation | None:
    """An operation of ours whose signed intent ran in a transaction it was not stored with."""
    row = run(
        connection,
        f"SELECT {COLUMNS} FROM operations WHERE signer = ? AND nonce = ? "
        "AND signature IS NOT NULL AND state IN ('submitted', 'accepted') ORDER BY state DESC",
        (outcome.signer, outcome.nonce),
    ).first()
    return None if row is None else operation_of(row)


def _settle(
    operation: Operation,
    outcome: Outcome,
    receipt: RelayReceipt,
    *,
    now: float,
    final_number: int,
) -> None:
    operation.transaction_hash = receipt.hash
    operation.block_number = receipt.block_number
    operation.block_hash = receipt.block_hash
    operation.gas_used = receipt.gas_used
    operation.included_at = now
    if receipt.block_number <= final_number:
        operation.final_at = now
    if outcome.succeeded and not _nothing_paid(operation.kind, outcome.events):
        operation.state = INCLUDED if operation.final_at is None else FINAL
        operation.result = result_of(outcome.events)
        return
    operation.state = REJECTED
    if outcome.succeeded:
        message = "the currency stands still: its issuer paused it, and nothing was paid"
        operation.error = OperationError(STOPPED, message)
        return
    operation.error = error_of(outcome.error or ContractError("", "Reverted", {}))


def _nothing_paid(kind: str, events: list[DecodedEvent]) -> bool:
    said = PAYMENTS.get(kind)
    return said is not None and all(event.name != said for event in events)


def error_of(error: ContractError) -> OperationError:
    """A contract's error as an operation keeps it."""
    return OperationError(error.name, error.message, error.arguments, error.contract)


def _write(connection: Connection, changed: list[Operation]) -> None:
    run_many(
        connection,
        "UPDATE operations SET state = ?, transaction_hash = ?, block_number = ?, block_hash = ?, "
        "gas_used = ?, error_json = ?, result_json = ?, included_at = ?, final_at = ?, "
        "claimed_by = NULL WHERE id = ?",
        [
            (
                operation.state,
                operation.transaction_hash,
                operation.block_number,
                operation.block_hash,
                operation.gas_used,
                None if operation.error is None else to_json(msgspec.to_builtins(operation.error)),
                None if operation.result is None else to_json(operation.result),
                operation.included_at,
                operation.final_at,
                operation.id,
            )
            for operation in changed
        ],
    )


def _put_back(connection: Connection, skipped: list[Operation]) -> None:
    """Skipped intents go back into the outbox with the signature that they have."""
    run_many(
        connection,
        "UPDATE operations SET state = 'accepted', claimed_by = NULL, relay_account = NULL, "
        "relay_nonce = NULL, batch_index = NULL, transaction_hash = NULL, submitted_at = NULL, "
        "attempts = attempts + 1 WHERE id = ?",
        [(operation.id,) for operation in skipped],
    )
    run_many(
        connection,
        "DELETE FROM signer_nonces WHERE signer = ?",
        [(signer,) for signer in {operation.signer for operation in skipped}],
    )
    announce(connection, ACCEPTED_TOPIC, skipped[0].id)


def finalize(connection: Connection, *, final_number: int) -> list[Operation]:
    """Marks what has become final; returns the operations changed."""
    rows = run(
        connection,
        "UPDATE operations SET state = 'final', final_at = ? "
        f"WHERE state = 'included' AND block_number <= ? RETURNING {COLUMNS}",
        (time.time(), final_number),
    )
    changed = [operation_of(row) for row in rows]
    if changed:
        announce(connection, CHANGED_TOPIC, changed)
    return changed
