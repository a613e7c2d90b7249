"""The outcome of each operation, read from the events of its transaction receipt.

The forwarder emits `IntentExecuted(signer, nonce, operation, succeeded)` right after each intent
that it carries out, so the logs between two of these events belong to the second one. If an intent
has no such event, the forwarder passed it over and its nonce is unused. Signer and operation hash
identify the operation. `app.chain.index.recording` writes what this module reads.
"""

from __future__ import annotations

from typing import Any

import msgspec

from app.chain.evm.contracts import FORWARDER, ContractError
from app.chain.evm.events import DecodedEvent
from app.chain.index.blocks import TransactionReceipt
from app.chain.index.event_keys import WAREHOUSE_RECEIPTS
from app.chain.outbox.operation import Operation, OperationError

EXECUTED = "IntentExecuted"
_CLAIMS = ("claimId", "soldClaimId", "toTokenId")
_WAREHOUSE_RECEIPTS = ("warehouseReceiptId", "toTokenId")

# The event that shows that money moved, and the argument that must equal the signer (the payer) or
# the operation's subject. While a currency is paused, a payment changes nothing and does not
# revert, so that the ledger can record the stop. The argument is compared because another party's
# transaction may emit events before the intent.
PAYMENTS = {
    "repay-loan": ("LoanRepaid", "payer"),
    "repay-loans": ("LoanRepaid", "payer"),
    "pay": ("PaymentReceived", "payer"),
    "bid": ("GoodsSold", "buyer"),
    "fund-campaign": ("CampaignFunded", "backer"),
    "call-buy-back": ("BoughtBack", "loanId"),
}
# Events that show why nothing was paid although the currency is not paused, with a message.
UNPAID = {"BuyBackFailed": "the undertaker could not pay, so the auction continues"}
STOPPED = "CurrencyStopped"


class Outcome(msgspec.Struct):
    """The outcome of one intent. `operation_hash` is 0x and 64 digits."""

    signer: str
    nonce: int
    operation_hash: str
    succeeded: bool
    events: list[DecodedEvent]
    error: ContractError | None = None
    mixed: bool = False  # a contract called the forwarder, so its own events may be among these


class RelayReceipt(msgspec.Struct):
    """The transaction receipt of a transaction with intents or from a relay account of ours."""

    hash: str
    sender: str
    succeeded: bool
    gas_used: int | None
    block_number: int
    block_hash: str
    outcomes: list[Outcome]


def outcomes_of(
    receipt: TransactionReceipt, events: list[DecodedEvent], *, number: int
) -> RelayReceipt:
    """A transaction receipt with the outcomes of its intents."""
    return RelayReceipt(
        hash=receipt.transaction_hash,
        sender=receipt.sender.lower(),
        succeeded=receipt.succeeded,
        gas_used=int(receipt.gas_used, 16),
        block_number=number,
        block_hash=receipt.block_hash,
        outcomes=outcomes_in(events, to=receipt.to or ""),
    )


def outcomes_in(events: list[DecodedEvent], *, to: str) -> list[Outcome]:
    """Splits the events of a transaction to `to`, in order, into the outcomes of its intents."""
    outcomes: list[Outcome] = []
    segment: list[DecodedEvent] = []
    for event in events:
        if event.name == EXECUTED and event.contract == FORWARDER:
            arguments = event.arguments
            outcomes.append(
                Outcome(
                    signer=str(arguments["signer"]).lower(),
                    nonce=int(arguments["nonce"]),
                    operation_hash=str(arguments["operation"]).lower(),
                    succeeded=bool(arguments["succeeded"]),
                    events=segment,
                    mixed=to.lower() != event.address.lower(),
                )
            )
            segment = []
        else:
            segment.append(event)
    return outcomes


_IDS = (
    *("receivableId", "partyId", "orderId", "productId", "facilityId", "loanId", "campaignId"),
    *("noticeId", "filingId"),
    "lotId",
)


def result_of(events: list[DecodedEvent], *, mixed: bool = False) -> dict[str, Any]:
    """The result of an operation: its events, and the ids in them that callers need.

    If events of others may be `mixed` in, an id is named only if all events agree on it: a borrower
    must not get the id of another party's loan, and repay that.
    """
    result: dict[str, Any] = {
        "events": [
            {"contract": event.contract, "name": event.name, "arguments": event.arguments}
            for event in events
        ]
    }
    ids: dict[str, dict[int, None]] = {}
    for event in events:
        for name in _IDS:
            if name in event.arguments:
                ids.setdefault(name, {}).setdefault(event.arguments[name])
        in_warehouse = event.contract == WAREHOUSE_RECEIPTS
        tokens = ids.setdefault("warehouseReceiptIds" if in_warehouse else "claimIds", {})
        for name in _WAREHOUSE_RECEIPTS if in_warehouse else _CLAIMS:
            if event.arguments.get(name):
                tokens.setdefault(event.arguments[name])
    for name, values in ids.items():
        if values and not (mixed and len(values) > 1):
            result[name] = next(iter(values)) if name in _IDS else list(values)
    return result


def nothing_paid(operation: Operation, events: list[DecodedEvent]) -> bool:
    """Whether a payment succeeded on the chain and moved no money."""
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
    message = "the issuer has paused the currency, so nothing was paid"
    fix = "wait until the issuer unpauses it, then pay again"
    return OperationError(STOPPED, message, fix=fix)


def error_of(error: ContractError) -> OperationError:
    """A contract's error as an operation stores it."""
    return OperationError(error.name, error.message, error.arguments, error.contract, error.fix)
