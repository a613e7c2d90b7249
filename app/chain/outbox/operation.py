"""An operation as the store holds it: its states, fields, JSON and id.

Which state may follow which: `app.chain.outbox.transitions`.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from app.chain.evm.abi import DecodedValues
from app.storage.records import record_of

State = Literal["prepared", "accepted", "submitted", "included", "final", "rejected"]
PREPARED: State = "prepared"
ACCEPTED: State = "accepted"
SUBMITTED: State = "submitted"
INCLUDED: State = "included"
FINAL: State = "final"
REJECTED: State = "rejected"
DONE: frozenset[State] = frozenset((INCLUDED, FINAL, REJECTED))
WALLET_SECONDS = 3600  # how long an intent that a party's own wallet signs stays valid
_SAFE_INTEGER = 2**53


class OperationError(msgspec.Struct, frozen=True):
    """Why an operation was rejected: a contract's error, or the gateway's own (contract "").

    Attributes:
        message: what is wrong, in words, with the values.
        fix: what to do about it.
    """

    name: str
    message: str
    arguments: DecodedValues = {}
    contract: str = ""
    fix: str = ""


class Operation(msgspec.Struct):
    """One command and its progress. Times are UTC seconds; `gas_used` is the transaction's."""

    id: str
    kind: str
    party_id: str | None
    signer: str
    contract: str
    function: str
    arguments: list[Any]
    subject: Mapping[str, Any]
    custody: bool
    state: State
    nonce: int | None
    gas: int | None
    deadline: int | None
    data: str | None
    signature: str | None
    transaction_hash: str | None = None
    block_number: int | None = None
    block_hash: str | None = None
    gas_used: int | None = None
    error: OperationError | None = None
    result: Mapping[str, Any] | None = None
    created_at: float = 0.0
    submitted_at: float | None = None
    included_at: float | None = None
    final_at: float | None = None
    hash: str = ""  # identifies the operation on the chain: `operation_hash`, 0x and 64 digits


COLUMNS = (
    "id, kind, party_id, signer, contract, function, arguments_json, subject_json, custody, state, "
    "nonce, gas, deadline, data, signature, transaction_hash, block_number, block_hash, gas_used, "
    "error_json, result_json, created_at, submitted_at, included_at, final_at, hash"
)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_decode_error = msgspec.json.Decoder(OperationError).decode


def to_json(value: Any) -> str:
    """JSON text; whole numbers above 2^53-1 become decimal text, exact for every reader."""
    return _encode(_exact(value)).decode()


def arguments_json(arguments: DecodedValues) -> str:
    """`to_json` of an event's arguments; fast if they hold no structs and no large numbers."""
    for value in arguments.values():
        kind = type(value)
        if kind is int:
            if value >= _SAFE_INTEGER or value <= -_SAFE_INTEGER:
                return to_json(arguments)
        elif kind is not str and kind is not bool:
            return to_json(arguments)
    return _encode(arguments).decode()


def _exact(value: Any) -> Any:
    kind = type(value)
    if kind is int:
        return value if -_SAFE_INTEGER < value < _SAFE_INTEGER else str(value)
    if kind is dict:
        return {key: _exact(inner) for key, inner in value.items()}
    if kind is list or kind is tuple:
        return [_exact(inner) for inner in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return value


def operation_of(row: Any) -> Operation:
    """The operation in a row of `COLUMNS`.

    It has an error only while it is rejected. The store keeps the gateway's own rejection of an
    operation that ran after all, for the case that a reorganisation undoes the run.
    """
    rejected = row.state == REJECTED and row.error_json is not None
    return record_of(
        Operation,
        row,
        arguments=_decode(row.arguments_json),
        subject=_decode(row.subject_json),
        custody=bool(row.custody),
        nonce=None if row.nonce is None else int(row.nonce),
        error=_decode_error(row.error_json) if rejected else None,
        result=None if row.result_json is None else _decode(row.result_json),
        hash=row.hash or "",
    )


class _Stamps:
    """The first 60 bits of ids: milliseconds and 12 more bits, each greater than the last one."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        with self._lock:
            stamp = (time.time_ns() // 1_000_000 << 12) | int.from_bytes(os.urandom(1), "big")
            self._last = max(stamp, self._last + 1)
            return self._last


_stamps = _Stamps()


def new_id() -> str:
    """A UUIDv7, greater than every earlier one of this process."""
    stamp = _stamps.next()
    number = (stamp >> 12 << 80) | 0x7 << 76 | (stamp & 0xFFF) << 64
    number |= 0x2 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
