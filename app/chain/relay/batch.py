"""The relayer's settings, and its decisions that need no node and no store."""

from __future__ import annotations

import msgspec

from app.chain.evm.signers import SignatureInvalid, recover
from app.chain.outbox.intents import Intent
from app.chain.outbox.outbox import Operation

_INTENT_OVERHEAD = 50_000  # gas of the forwarder around each call: checks, nonce, event
_TRANSACTION_GAS = 60_000
# 500,000 for the signer's contract; the rest covers the 64th that a caller keeps back.
_CONTRACT_SIGNATURE_GAS = 600_000
# Most nodes refuse a transaction above 128 KiB, and a refused one blocks its relay account.
MAX_BYTES = 120_000
MAX_CALL_BYTES = 100_000  # of one operation; its signature may add 8,192
HEADROOM = 1_000_000  # gas that a transaction may need beyond the gas of its only intent


class SignedOperation(msgspec.Struct, frozen=True):
    """An operation with its signed intent, ready to send; `alone`: in a transaction of its own."""

    operation: Operation
    intent: Intent
    signature: bytes
    alone: bool = False


class RelayerSettings(msgspec.Struct, frozen=True):
    """Settings of the relayer. Durations are seconds.

    Attributes:
        batch: maximum number of intents in one transaction.
        max_slots: maximum number of one relay account's transactions that are in no block yet.
        gas_cap: maximum gas of one transaction; EIP-7825 allows 2^24.
        intent_seconds: how long an intent signed in custody is valid.
        resend_after: age at which a stored transaction is sent again.
        bump_after: age at which it is replaced by one with a higher fee.
        lease: how long a gateway holds its relay accounts and claims without renewing them.
        fee_ceiling: maximum wei offered for a unit of gas, also by a replacement.
    """

    batch: int = 64
    max_slots: int = 2
    gas_cap: int = 2**24
    intent_seconds: int = 300
    resend_after: float = 2.0
    bump_after: float = 30.0
    lease: float = 15.0
    fee_ceiling: int = 1000 * 10**9


def max_gas(block_gas_limit: str, cap: int) -> int:
    """Maximum gas of one transaction, for this block gas limit (hexadecimal)."""
    return min(cap, int(block_gas_limit, 16) * 9 // 10)


def rides_alone(intent: Intent, signature: bytes, digest: bytes) -> bool:
    """Whether a contract must accept the signature (ERC-1271), so that the intent travels alone.

    The contract's code may use much gas, and may answer differently in a block.
    """
    try:
        return recover(digest, signature) != intent.signer
    except SignatureInvalid:
        return True


def fit(signed: list[SignedOperation], *, cap: int) -> tuple[list[SignedOperation], int]:
    """The first intents that fit into one transaction, at least one, and their gas.

    `cap` is the maximum gas; `MAX_BYTES` the maximum size. An intent that must travel alone is
    returned if it is the first; otherwise the others go before it.
    """
    if signed and signed[0].alone:
        intent = signed[0].intent
        gas = _TRANSACTION_GAS + _INTENT_OVERHEAD + _CONTRACT_SIGNATURE_GAS + intent.gas
        return signed[:1], gas + intent.gas // 32
    total, maximum, length = _TRANSACTION_GAS, 0, 0
    fitting: list[SignedOperation] = []
    for item in signed:
        if item.alone:
            continue
        intent = item.intent
        size = len(intent.data) + 512
        calldata = 16 * size
        new_total = total + intent.gas + _INTENT_OVERHEAD
        largest = max(maximum, intent.gas)
        if fitting and (new_total + largest // 32 + calldata > cap or length + size > MAX_BYTES):
            break
        total, maximum, length = new_total, largest, length + size
        cap -= calldata
        fitting.append(item)
    return fitting, total + maximum // 32


def in_order(
    signed: list[SignedOperation], together: dict[str, list[str]]
) -> list[SignedOperation]:
    """The operations whose predecessors (`together`) are in the same transaction, before them."""
    ordered: list[SignedOperation] = []
    ids: set[str] = set()
    for item in signed:
        if ids.issuperset(together.get(item.operation.id, ())):
            ordered.append(item)
            ids.add(item.operation.id)
    return ordered
