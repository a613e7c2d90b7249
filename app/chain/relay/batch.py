"""The relayer's settings, and its decisions that need neither node nor store."""

from __future__ import annotations

import msgspec

from app.chain.evm.signers import SignatureInvalid, recover
from app.chain.outbox.intents import Intent
from app.chain.outbox.outbox import Operation

_INTENT_OVERHEAD = 50_000  # gas of the forwarder around each call: checks, nonce, event
_TRANSACTION_GAS = 60_000
_CONTRACT_SIGNATURE_GAS = 600_000  # 500,000 for the signer's contract, and what keeps a 64th
# Most nodes take no transaction above 128 KiB, and one that they refuse holds up its account.
MOST_BYTES = 120_000
MOST_CALL_BYTES = 100_000  # of one operation; its signature may have 8,192 more
HEADROOM = 1_000_000  # what one transaction may need beyond the gas of its only intent


class SignedOperation(msgspec.Struct, frozen=True):
    """An operation with its signed intent, ready to go out."""

    operation: Operation
    intent: Intent
    signature: bytes
    alone: bool = False


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
    intent_seconds: int = 300
    resend_after: float = 2.0
    bump_after: float = 30.0
    lease: float = 15.0
    fee_ceiling: int = 1000 * 10**9


def most_gas(block_gas_limit: str, cap: int) -> int:
    """Most gas of one transaction, with this limit of a block (hexadecimal)."""
    return min(cap, int(block_gas_limit, 16) * 9 // 10)


def rides_alone(intent: Intent, signature: bytes, digest: bytes) -> bool:
    """Whether a contract has to accept the signature (ERC-1271): its code may use much gas, and may
    say one thing to us and another in a block, so no other intent shares its transaction."""
    try:
        return recover(digest, signature) != intent.signer
    except SignatureInvalid:
        return True


def fit(signed: list[SignedOperation], *, cap: int) -> tuple[list[SignedOperation], int]:
    """As many intents from the front as fit under `cap` gas and into a transaction that nodes take,
    at least one; and their gas.

    One whose signature a contract accepts stays alone: it goes when it is the first, and the others
    go before it when it is not.
    """
    if signed and signed[0].alone:
        intent = signed[0].intent
        gas = _TRANSACTION_GAS + _INTENT_OVERHEAD + _CONTRACT_SIGNATURE_GAS + intent.gas
        return signed[:1], gas + intent.gas // 32
    total, most, length = _TRANSACTION_GAS, 0, 0
    kept: list[SignedOperation] = []
    for one in signed:
        if one.alone:
            continue
        intent = one.intent
        size = len(intent.data) + 512
        calldata = 16 * size
        wanted = total + intent.gas + _INTENT_OVERHEAD
        largest = max(most, intent.gas)
        if kept and (wanted + largest // 32 + calldata > cap or length + size > MOST_BYTES):
            break
        total, most, length = wanted, largest, length + size
        cap -= calldata
        kept.append(one)
    return kept, total + most // 32


def in_order(
    signed: list[SignedOperation], together: dict[str, list[str]]
) -> list[SignedOperation]:
    """Those of a transaction whose forerunners are in it, ahead of them."""
    kept: list[SignedOperation] = []
    ids: set[str] = set()
    for one in signed:
        if ids.issuperset(together.get(one.operation.id, ())):
            kept.append(one)
            ids.add(one.operation.id)
    return kept
