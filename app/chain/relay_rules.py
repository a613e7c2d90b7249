"""The relayer's settings, and its decisions that need neither node nor store."""

from __future__ import annotations

import msgspec

from app.chain.intents import Intent
from app.chain.outbox import Operation, OperationError
from app.chain.relay_store import Claim, Signed

_INTENT_OVERHEAD = 50_000  # gas of the forwarder around each call: checks, nonce, event
_TRANSACTION_GAS = 60_000
HEADROOM = 1_000_000  # what one transaction may need beyond the gas of its only intent


class RelayerSettings(msgspec.Struct, frozen=True):
    """How the relayer goes about it. Seconds, unless the name says otherwise.

    Attributes:
        batch: most intents in one transaction.
        most_slots: most transactions of one account on their way.
        gas_cap: most gas of one transaction; EIP-7825 allows 2^24.
        intent_seconds: how long an intent signed in custody is good for.
        resend_after: how old a stored transaction is before it is sent again.
        bump_after: how old before it is replaced by a dearer one.
        lease: how long a gateway holds its accounts and claims without a word.
        fee_ceiling: most wei offered for a unit of gas, also by a replacement.
    """

    batch: int = 64
    most_slots: int = 2
    gas_cap: int = 2**24
    intent_seconds: int = 900
    resend_after: float = 2.0
    bump_after: float = 30.0
    lease: float = 15.0
    fee_ceiling: int = 1000 * 10**9


def may_go_out(operation: Operation, *, expected: int, now: int, settled: bool) -> bool:
    """Whether an intent that is signed already may be sent: as it is when its nonce is next and its
    time not over; signed anew (custody only) when the old signature can never run again."""
    alive = operation.deadline is not None and operation.deadline >= now
    if operation.nonce == expected and alive:
        return True
    dead = not alive or (operation.nonce is not None and operation.nonce < expected)
    if operation.custody and dead and settled:
        operation.signature = operation.nonce = operation.deadline = None
        return True
    return False


def next_nonces(claim: Claim, on_chain: dict[str, int]) -> dict[str, int]:
    """Next nonce of each signer: the store's, or the chain's where nothing is on its way."""
    nonces = dict(claim.signer_nonces)
    for signer, nonce in on_chain.items():
        stored = nonces.get(signer, 0) if signer in claim.in_flight else 0
        nonces[signer] = max(nonce, stored)
    return nonces


def stale(operation: Operation, *, expected: int, now: int) -> OperationError | None:
    """Why a signed intent can never run, or None when its turn may still come."""
    if operation.deadline is None or operation.deadline < now:
        return OperationError(
            "IntentExpired",
            "the signature's time is over; prepare and sign the command again",
            {"deadline": operation.deadline},
        )
    if operation.nonce is None or operation.nonce < expected:
        return OperationError(
            "IntentNonceUsed",
            "another intent of this signer used the nonce; prepare and sign the command again",
            {"nonce": operation.nonce, "next": expected},
        )
    return None


def fit(
    signed: list[tuple[Operation, Intent, bytes]], *, cap: int
) -> tuple[list[tuple[Operation, Intent, bytes]], int]:
    """As many intents from the front as fit under `cap` gas, at least one; and their gas."""
    total, most = _TRANSACTION_GAS, 0
    kept: list[tuple[Operation, Intent, bytes]] = []
    for one in signed:
        intent = one[1]
        calldata = 16 * (len(intent.data) + 480)
        wanted = total + intent.gas + _INTENT_OVERHEAD
        largest = max(most, intent.gas)
        if kept and wanted + largest // 32 + calldata > cap:
            break
        total, most = wanted, largest
        cap -= calldata
        kept.append(one)
    return kept, total + most // 32


def signed_row(operation: Operation, intent: Intent, signature: bytes) -> Signed:
    """An operation's signed intent as it is stored."""
    return Signed(
        id=operation.id,
        signer=intent.signer,
        nonce=intent.nonce,
        gas=intent.gas,
        deadline=intent.deadline,
        data="0x" + intent.data.hex(),
        signature="0x" + signature.hex(),
    )
