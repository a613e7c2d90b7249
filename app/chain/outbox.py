"""The outbox: every command is a row here first, in the same transaction as what belongs to it.

States: `prepared` (waits for a wallet's signature) → `accepted` → `submitted` → `included` →
`final`, or `rejected` with the contract's own error, decoded. When an operation says `included`,
the read tables already show what it did.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.contracts import FORWARDER, ContractError, Contracts
from app.chain.crash import crash_point
from app.chain.intents import Intent, forward_request_digest, forward_request_typed_data
from app.chain.keys import recover
from app.chain.operation import (
    ACCEPTED,
    COLUMNS,
    DONE,
    FINAL,
    INCLUDED,
    PREPARED,
    REJECTED,
    SUBMITTED,
    Operation,
    OperationError,
    new_id,
    operation_of,
    to_json,
)
from app.chain.rpc import JsonRpc, RpcError
from app.chain.typed_data import forwarder_domain
from app.storage import Storage, announce, run

ACCEPTED_TOPIC = "operations.accepted"  # subject: the operation's id
CHANGED_TOPIC = "operations.changed"  # subject: list of Operation
WALLET_SECONDS = 3600
__all__ = [
    "ACCEPTED",
    "COLUMNS",
    "DONE",
    "FINAL",
    "INCLUDED",
    "PREPARED",
    "REJECTED",
    "SUBMITTED",
    "IntentRefused",
    "Operation",
    "OperationClosed",
    "OperationError",
    "OperationUnknown",
    "Operations",
    "OutboxError",
    "SignatureMismatch",
    "enqueue",
    "new_id",
    "next_nonce",
    "operation",
    "operation_of",
    "to_json",
]


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
        arguments=msgspec.json.decode(arguments_json),
        subject=msgspec.json.decode(subject_json),
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
