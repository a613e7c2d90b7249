"""Which events belong to which intent: the outcome of each operation, out of its receipt.

The forwarder emits `IntentExecuted(signer, nonce, operation, succeeded)` right after each intent
that it carried out, so the logs between two of these belong to the second one. An intent without
such an event was passed over: its nonce is unused. Signer, nonce and the operation's hash say whose
event it is; one under a nonce of this store's that belongs to no operation shows that the store is
older than the chain.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection

from app.chain.evm.contracts import FORWARDER, ContractError
from app.chain.evm.events import DecodedEvent
from app.chain.index.blocks import Receipt
from app.chain.index.event_keys import RECEIPTS
from app.chain.outbox.nonces import note_unknown, signing_here
from app.chain.outbox.outbox import (
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
from app.storage import announce, run, run_many

EXECUTED = "IntentExecuted"
LATER = "later"  # who holds an operation that is to wait; nobody until its time has come
LONGEST_PAUSE = 60.0  # seconds
log = structlog.get_logger(__name__)
_CLAIMS = ("claimId", "soldClaimId", "toTokenId")
_RECEIPTS = ("receiptId", "toTokenId")


# What tells that money moved: the event, and its argument that must name the signer, who pays, or
# what the operation is about. While a currency stands still a payment changes nothing, and does not
# revert, so that the ledger can note the stop. The argument is compared because somebody else's
# transaction may bring events before the intent.
PAYMENTS = {
    "repay-loan": ("LoanRepaid", "payer"),
    "repay-loans": ("LoanRepaid", "payer"),
    "record-repayment": ("LoanRepaid", "payer"),
    "pay": ("PaymentReceived", "payer"),
    "bid": ("GoodsSold", "buyer"),
    "fund-campaign": ("CampaignFunded", "backer"),
    "call-buy-back": ("BoughtBack", "loanId"),
}
# Events that say why nothing was paid though the currency moves, and in words.
UNPAID = {"BuyBackFailed": "the undertaker could not pay, so the auction goes on"}
STOPPED = "CurrencyStopped"


class Outcome(msgspec.Struct):
    """What became of one intent. `operation_hash` is 0x and 64 digits."""

    signer: str
    nonce: int
    operation_hash: str
    succeeded: bool
    events: list[DecodedEvent]
    error: ContractError | None = None
    mixed: bool = False  # a contract called the forwarder: its own events may stand before these


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
    to = (receipt.to or "").lower()
    for event in events:
        if event.name == EXECUTED and event.contract == FORWARDER:
            said = event.arguments
            outcomes.append(
                Outcome(
                    signer=str(said["signer"]).lower(),
                    nonce=int(said["nonce"]),
                    operation_hash=str(said["operation"]).lower(),
                    succeeded=bool(said["succeeded"]),
                    events=segment,
                    mixed=to != event.address.lower(),
                )
            )
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


def result_of(events: list[DecodedEvent], *, mixed: bool = False) -> dict[str, Any]:
    """What an operation did: its events, and the ids in them that callers ask for.

    Where events of somebody else's may be `mixed` in, only an id that all of them agree on is
    named: who draws a loan must not be told of another's, and repay that.
    """
    result: dict[str, Any] = {
        "events": [
            {"contract": event.contract, "name": event.name, "arguments": event.arguments}
            for event in events
        ]
    }
    found: dict[str, dict[int, None]] = {}
    for event in events:
        for name in _IDS:
            if name in event.arguments:
                found.setdefault(name, {}).setdefault(event.arguments[name])
        of_receipts = event.contract == RECEIPTS
        tokens = found.setdefault("receiptIds" if of_receipts else "claimIds", {})
        for name in _RECEIPTS if of_receipts else _CLAIMS:
            if event.arguments.get(name):
                tokens.setdefault(event.arguments[name])
    for name, values in found.items():
        if values and not (mixed and len(values) > 1):
            result[name] = next(iter(values)) if name in _IDS else list(values)
    return result


def told_of(connection: Connection, receipts: list[RelayReceipt]) -> list[RelayReceipt]:
    """Receipts that carried intents, whoever signed them, and those of our relay accounts.

    None is passed over as somebody else's: a store that was laid back twice from one backup knows
    neither its nonce space of in between nor, before its relayer starts, its relay accounts.
    """
    accounts = _relay_accounts(connection)
    return [one for one in receipts if one.outcomes or one.sender in accounts]


def _relay_accounts(connection: Connection) -> set[str]:
    return {str(row[0]) for row in run(connection, "SELECT address FROM relay_accounts")}


def record(
    connection: Connection, receipts: list[RelayReceipt], *, final_number: int
) -> list[Operation]:
    """Moves the operations of these transactions to what the chain says; returns those changed.

    An outcome that belongs to no operation is noted as an execution that the store does not know:
    this gateway's own of before a restore, or another gateway's.
    """
    if not receipts:
        return []
    accounts = _relay_accounts(connection)
    signers = signing_here(connection, {one.signer for each in receipts for one in each.outcomes})
    changed: list[Operation] = []
    now = time.time()
    for receipt in receipts:
        settled: set[str] = set()
        for outcome in receipt.outcomes:
            operation = _operation_of(connection, outcome)
            if operation is not None:
                _settle(operation, outcome, receipt, now=now, final_number=final_number)
                changed.append(operation)
                settled.add(operation.id)
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
        _close_slot(connection, receipt, account=slot[0], nonce=slot[1])
        rows = run(
            connection,
            "SELECT id FROM operations WHERE relay_account = ? AND relay_nonce = ? "
            "AND state = 'submitted'",
            tuple(slot),
        )
        passed_over = [str(row[0]) for row in rows if row[0] not in settled]
        if passed_over:
            put_back(connection, passed_over)
    _write(connection, changed)
    if changed:
        announce(connection, CHANGED_TOPIC, changed)
    return changed


def _operation_of(connection: Connection, outcome: Outcome) -> Operation | None:
    """The operation whose intent this was, whoever sent it and whatever was thought of it here.

    By hash and signer: a store laid back from a backup may have another nonce for it.
    """
    row = run(
        connection,
        f"SELECT {COLUMNS} FROM operations WHERE hash = ? AND signer = ?",
        (outcome.operation_hash, outcome.signer),
    ).first()
    return None if row is None else operation_of(row)


def _note(connection: Connection, outcome: Outcome, receipt: RelayReceipt, *, ours: bool) -> None:
    """What ran and belongs to no operation that we know."""
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
        signer=outcome.signer,
        nonce=outcome.nonce,
        operation_hash=outcome.operation_hash,
        succeeded=outcome.succeeded,
        transaction_hash=receipt.hash,
        block_number=receipt.block_number,
        block_hash=receipt.block_hash,
        ours=ours,
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
) -> None:
    operation.error = operation.result = None
    operation.transaction_hash = receipt.hash
    operation.block_number = receipt.block_number
    operation.block_hash = receipt.block_hash
    operation.gas_used = receipt.gas_used
    operation.included_at = now
    if receipt.block_number <= final_number:
        operation.final_at = now
    if outcome.succeeded and not nothing_paid(operation, outcome.events):
        operation.state = INCLUDED if operation.final_at is None else FINAL
        operation.result = result_of(outcome.events, mixed=outcome.mixed)
        return
    operation.state = REJECTED
    if outcome.succeeded:
        operation.error = why_unpaid(outcome.events)
        return
    operation.error = error_of(outcome.error or ContractError("", "Reverted", {}))


def nothing_paid(operation: Operation, events: list[DecodedEvent]) -> bool:
    """Whether a payment went through without a revert and moved nothing."""
    if operation.kind not in PAYMENTS:
        return False
    name, argument = PAYMENTS[operation.kind]
    expected = str(operation.subject.get(argument, operation.signer))
    return not any(
        event.name == name and str(event.arguments[argument]).lower() == expected
        for event in events
    )


def why_unpaid(events: list[DecodedEvent]) -> OperationError:
    """The error of a payment that moved nothing."""
    for event in events:
        if event.name in UNPAID:
            return OperationError(
                event.name,
                UNPAID[event.name],
                event.arguments,
                event.contract or "",
                "bid in the auction, or wait for its end",
            )
    message = "the currency stands still: its issuer paused it, and nothing was paid"
    fix = "wait until its issuer lets it move, then pay again"
    return OperationError(STOPPED, message, fix=fix)


def error_of(error: ContractError) -> OperationError:
    """A contract's error as an operation keeps it."""
    return OperationError(error.name, error.message, error.arguments, error.contract, error.fix)


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


def put_back(connection: Connection, identifiers: Sequence[str]) -> None:
    """Operations on their way whose transaction did not carry them out go out again.

    Under the nonce that they have. The second time and later they wait first, ever longer: what
    passed them over may do so for long.
    """
    now = time.time()
    for identifier in identifiers:
        attempts = run(
            connection,
            "UPDATE operations SET state = 'accepted', claimed_by = NULL, relay_account = NULL, "
            "relay_nonce = NULL, batch_index = NULL, transaction_hash = NULL, "
            "submitted_at = NULL, attempts = attempts + 1 WHERE id = ? AND state = 'submitted' "
            "RETURNING attempts",
            (identifier,),
        ).scalar()
        if attempts is not None and attempts > 1:
            run(
                connection,
                "UPDATE operations SET claimed_by = ?, claimed_until = ? WHERE id = ?",
                (LATER, now + min(LONGEST_PAUSE, 2.0 ** min(attempts, 10) / 4), identifier),
            )
    announce(connection, ACCEPTED_TOPIC, "")


def put_back_strays(connection: Connection) -> None:
    """Operations that are said to be on their way and that no stored transaction carries go out.

    A reorganisation leaves such: those that ran in a transaction that was not ours.
    """
    rows = run(
        connection,
        "SELECT id FROM operations WHERE state = 'submitted' AND NOT EXISTS (SELECT 1 FROM "
        "relay_transactions WHERE relay_transactions.account = operations.relay_account AND "
        "relay_transactions.nonce = operations.relay_nonce AND "
        "relay_transactions.state = 'stored')",
    ).all()
    if rows:
        put_back(connection, [str(row[0]) for row in rows])


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
