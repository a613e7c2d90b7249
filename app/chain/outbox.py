"""The outbox: every command is a row here first, in the same transaction as what belongs to it.

States: `prepared` (waits for a wallet's signature) → `accepted` → `submitted` → `included` →
`final`, or `rejected` with the contract's own error, decoded. When an operation says `included`,
the read tables already show what it did.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping

from app.chain.contracts import FORWARDER, ContractError, Contracts
from app.chain.crash import crash_point
from app.chain.intents import Intent, forward_request_digest, forward_request_typed_data
from app.chain.keys import recover
from app.chain.rpc import JsonRpc, RpcError
from app.chain.typed_data import forwarder_domain
from app.storage import Storage, announce, run

PREPARED, ACCEPTED, SUBMITTED = "prepared", "accepted", "submitted"
INCLUDED, FINAL, REJECTED = "included", "final", "rejected"
DONE = frozenset((INCLUDED, FINAL, REJECTED))
ACCEPTED_TOPIC = "operations.accepted"  # subject: the operation's id
CHANGED_TOPIC = "operations.changed"  # subject: list of Operation
WALLET_SECONDS = 3600
_SAFE_INTEGER = 2**53


class OutboxError(Exception):
    """A command cannot enter the outbox, or a signature does not fit it."""


class OperationUnknown(OutboxError):
    """There is no such operation."""


class OperationClosed(OutboxError):
    """The operation is past the state in which it can be signed."""


class SignatureMismatch(OutboxError):
    """The signature is sound but not by the operation's signer over its intent."""


class IntentRefused(OutboxError):
    """The chain would refuse the intent as things stand; `error` says why."""

    def __init__(self, error: ContractError) -> None:
        super().__init__(error.message)
        self.error = error


class OperationError(msgspec.Struct, frozen=True):
    """Why an operation was rejected: a contract's error, or the gateway's own (contract "")."""

    name: str
    message: str
    arguments: dict[str, Any] = {}
    contract: str = ""


class Operation(msgspec.Struct):
    """One command on its way. Times are UTC seconds; gas is that of the whole transaction."""

    id: str
    kind: str
    party_id: str | None
    signer: str
    contract: str
    function: str
    arguments: list[Any]
    subject: dict[str, Any]
    custody: bool
    state: str
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
    result: dict[str, Any] | None = None
    created_at: float = 0.0
    submitted_at: float | None = None
    included_at: float | None = None
    final_at: float | None = None


COLUMNS = (
    "id, kind, party_id, signer, contract, function, arguments_json, subject_json, custody, state, "
    "nonce, gas, deadline, data, signature, transaction_hash, block_number, block_hash, gas_used, "
    "error_json, result_json, created_at, submitted_at, included_at, final_at"
)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_decode_error = msgspec.json.Decoder(OperationError).decode


def to_json(value: Any) -> str:
    """JSON text in which whole numbers above 2^53-1 are decimal text: exact for any reader."""
    return _encode(_exact(value)).decode()


def arguments_json(arguments: dict[str, Any]) -> str:
    """`to_json` of an event's arguments, quick for those with neither structs nor large numbers."""
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


def operation_of(row: RowMapping | Any) -> Operation:
    """The operation in a row that was read with `COLUMNS`."""
    values = list(row)
    values[6], values[7] = _decode(values[6]), _decode(values[7])
    values[8] = bool(values[8])
    values[19] = None if values[19] is None else _decode_error(values[19])
    values[20] = None if values[20] is None else _decode(values[20])
    return Operation(*values)


_last = 0
_lock = threading.Lock()


def new_id() -> str:
    """A UUIDv7 that is greater than every one made before in this process."""
    global _last
    with _lock:
        stamp = (time.time_ns() // 1_000_000 << 12) | int.from_bytes(os.urandom(1), "big")
        _last = stamp = max(stamp, _last + 1)
    number = (stamp >> 12 << 80) | 0x7 << 76 | (stamp & 0xFFF) << 64
    number |= 0x2 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def enqueue(
    connection: Connection,
    *,
    kind: str,
    party_id: str | None,
    signer: str,
    contract: str,
    function: str,
    arguments: Sequence[Any],
    custody: bool = True,
    subject: dict[str, Any] | None = None,
    after: Sequence[str] = (),
    signature: str | None = None,
    nonce: int | None = None,
    gas: int | None = None,
    deadline: int | None = None,
    data: str | None = None,
    state: str = ACCEPTED,
) -> Operation:
    """Writes an operation; the relayer takes it up once the transaction is committed.

    Args:
        arguments: of `function` (name, or full signature where overloaded) in order; JSON values,
            whole numbers also as decimal text, bytes as 0x text, structs as dicts.
        custody: the gateway signs with the signer's key; else a wallet has signed or will.
        subject: what it is about (`{"receivableId": …}`), for lists and answers.
        after: operations that must be included before; when one is rejected so is this one.
    """
    identifier, now, signer = new_id(), time.time(), signer.lower()
    arguments_json, subject_json = to_json(list(arguments)), to_json(subject or {})
    row = (
        identifier,
        kind,
        party_id,
        signer,
        contract,
        function,
        arguments_json,
        subject_json,
        int(custody),
        ",".join(after) or None,
        state,
        nonce,
        gas,
        deadline,
        data,
        signature,
        now,
    )
    run(
        connection,
        "INSERT INTO operations (id, kind, party_id, signer, contract, function, arguments_json, "
        "subject_json, custody, depends_on, state, nonce, gas, deadline, data, signature, "
        "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )
    if state == ACCEPTED:
        announce(connection, ACCEPTED_TOPIC, identifier)
    return Operation(
        id=identifier,
        kind=kind,
        party_id=party_id,
        signer=signer,
        contract=contract,
        function=function,
        arguments=_decode(arguments_json),
        subject=_decode(subject_json),
        custody=custody,
        state=state,
        nonce=nonce,
        gas=gas,
        deadline=deadline,
        data=data,
        signature=signature,
        created_at=now,
    )


def operation(connection: Connection, identifier: str) -> Operation | None:
    """The operation, or None."""
    query = f"SELECT {COLUMNS} FROM operations WHERE id = ?"
    row = run(connection, query, (identifier,)).first()
    return None if row is None else operation_of(row)


def next_nonce(connection: Connection, *, signer: str, on_chain: int) -> int:
    """The forwarder nonce that the signer's next intent must carry."""
    waiting = run(
        connection,
        "SELECT max(nonce) FROM operations WHERE signer = ? AND state IN ('submitted', 'accepted') "
        "AND signature IS NOT NULL",
        (signer,),
    ).scalar()
    return on_chain if waiting is None else max(on_chain, int(waiting) + 1)


class Operations:
    """What the slices use: the outbox with its chain, wallets' intents, and waiting."""

    def __init__(
        self, *, storage: Storage, rpc: JsonRpc, contracts: Contracts, chain_id: int
    ) -> None:
        self.storage = storage
        self.rpc = rpc
        self.contracts = contracts
        self.domain = forwarder_domain(chain_id=chain_id, contract=contracts.address(FORWARDER))
        self._waiters: dict[str, list[asyncio.Future[Operation]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave = [
            storage.subscribe(CHANGED_TOPIC, self._changed),
            storage.subscribe(ACCEPTED_TOPIC, lambda _: crash_point("outbox.enqueued")),
        ]

    def close(self) -> None:
        """Stops listening to the store."""
        for leave in self._leave:
            leave()
        self._leave.clear()

    enqueue = staticmethod(enqueue)

    async def get(self, identifier: str) -> Operation:
        """The operation as it is.

        Raises:
            OperationUnknown.
        """
        found = await self.storage.read(lambda connection: operation(connection, identifier))
        if found is None:
            raise OperationUnknown(identifier)
        return found

    async def prepare(
        self,
        *,
        kind: str,
        party_id: str | None,
        signer: str,
        contract: str,
        function: str,
        arguments: Sequence[Any],
        subject: dict[str, Any] | None = None,
        seconds: int = WALLET_SECONDS,
    ) -> tuple[Operation, dict[str, Any]]:
        """An operation in state `prepared` and the typed data that the wallet must sign.

        The intent is tried on the chain first and lives for `seconds`.

        Raises:
            IntentRefused: the chain would refuse it now.
            ArgumentsInvalid, NodeUnreachable.
        """
        signer = signer.lower()
        target = self.contracts.address(contract)
        data = self.contracts.encode(contract, function, arguments)
        nonces = self.contracts.encode(FORWARDER, "nonces", [signer])
        forwarder = self.domain.contract
        call = {"from": forwarder, "to": target, "data": "0x" + data.hex() + signer[2:]}
        on_chain, gas, block = await self.rpc.batch(
            [
                ("eth_call", [{"to": forwarder, "data": "0x" + nonces.hex()}, "latest"]),
                ("eth_estimateGas", [call]),
                ("eth_getBlockByNumber", ["latest", False]),
            ]
        )
        for answer in (on_chain, block):
            if isinstance(answer, RpcError):
                raise answer
        if isinstance(gas, RpcError):
            raise IntentRefused(self.contracts.decode_error(gas.data))
        limit = int(gas, 16) * 3 // 2 + 30_000
        deadline = max(int(time.time()), int(block["timestamp"], 16)) + seconds

        def write(connection: Connection) -> Operation:
            return enqueue(
                connection,
                kind=kind,
                party_id=party_id,
                signer=signer,
                contract=contract,
                function=function,
                arguments=arguments,
                subject=subject,
                custody=False,
                nonce=next_nonce(connection, signer=signer, on_chain=int(on_chain, 16)),
                gas=limit,
                deadline=deadline,
                data="0x" + data.hex(),
                state=PREPARED,
            )

        draft = await self.storage.write(write)
        return draft, self.typed_data(draft)

    def intent(self, draft: Operation) -> Intent:
        """The intent of an operation whose nonce, gas and deadline are set."""
        if draft.data is None or draft.nonce is None or draft.gas is None or draft.deadline is None:
            raise OperationClosed(f"{draft.id} has no intent yet")
        return Intent(
            signer=draft.signer,
            target=self.contracts.address(draft.contract),
            data=bytes.fromhex(draft.data[2:]),
            gas=draft.gas,
            nonce=draft.nonce,
            deadline=draft.deadline,
            target_contract=draft.contract,
        )

    def typed_data(self, draft: Operation) -> dict[str, Any]:
        """What the wallet signs (`eth_signTypedData_v4`)."""
        return forward_request_typed_data(self.domain, self.intent(draft))

    async def submit_signature(self, identifier: str, signature: str) -> Operation:
        """Takes the wallet's signature over a prepared operation; taking it twice changes nothing.

        Raises:
            OperationUnknown, OperationClosed, SignatureMismatch.
            SignatureInvalid: not a signature at all.
        """
        draft = await self.get(identifier)
        signature = signature.lower()
        if draft.state != PREPARED:
            if draft.signature == signature:
                return draft
            raise OperationClosed(f"{identifier} is {draft.state}")
        raw = bytes.fromhex(signature.removeprefix("0x"))
        signed_by = recover(forward_request_digest(self.domain, self.intent(draft)), raw)
        if signed_by != draft.signer:
            raise SignatureMismatch(f"signed by {signed_by}, not by {draft.signer}")

        def write(connection: Connection) -> None:
            changed = run(
                connection,
                "UPDATE operations SET state = 'accepted', signature = ? "
                "WHERE id = ? AND state = 'prepared'",
                ("0x" + raw.hex(), identifier),
            )
            if changed.rowcount:
                announce(connection, ACCEPTED_TOPIC, identifier)

        await self.storage.write(write)
        return await self.get(identifier)

    async def wait(
        self, identifier: str, timeout: float, *, states: Collection[str] = DONE
    ) -> Operation:
        """The operation once it is in one of `states` or, after `timeout` seconds, as it is then.

        Raises:
            OperationUnknown.
        """
        self._loop = loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while True:
            waiter: asyncio.Future[Operation] = loop.create_future()
            self._waiters.setdefault(identifier, []).append(waiter)
            try:
                found = await self.get(identifier)
                left = end - loop.time()
                if found.state in states or left <= 0:
                    return found
                # Another gateway may be the one that carries it out: look again each second.
                try:
                    async with asyncio.timeout(min(left, 1.0)):
                        found = await waiter
                except TimeoutError:
                    continue
                if found.state in states:
                    return found
            finally:
                waiters = self._waiters[identifier]
                waiters.remove(waiter)
                if not waiters:
                    del self._waiters[identifier]

    def _changed(self, changed: list[Operation]) -> None:
        loop = self._loop
        if loop is None or not self._waiters:
            return
        try:
            loop.call_soon_threadsafe(self._resolve, changed)
        except RuntimeError:  # the loop has ended
            self._loop = None

    def _resolve(self, changed: list[Operation]) -> None:
        for found in changed:
            for waiter in self._waiters.get(found.id, ()):
                if not waiter.done():
                    waiter.set_result(found)
