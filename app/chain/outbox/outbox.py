"""The outbox: each command is first a row here, written in one transaction with its other rows.

Each operation gets its nonce and its hash here, once: see `app.chain.outbox.nonces`.

States: `prepared` (waits for a wallet's signature) → `accepted` → `submitted` → `included` →
`final`, or `rejected` with the contract's own error, decoded. `app.chain.outbox.transitions` has
every change of state. Once an operation is `included`, the read tables show its effects.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.contracts import FORWARDER, Contracts
from app.chain.evm.crash import crash_point
from app.chain.evm.rpc import JsonRpc, RpcError
from app.chain.evm.typed_data import TypedData, forwarder_domain
from app.chain.outbox import transitions
from app.chain.outbox.errors import (
    IntentRefused,
    OperationClosed,
    OperationUnknown,
    OutboxError,
    RanBeforeRestore,
    SignatureMismatch,
)
from app.chain.outbox.intents import Intent, intent_typed_data, operation_hash
from app.chain.outbox.nonces import give_nonce, unknown_execution
from app.chain.outbox.operation import (
    ACCEPTED,
    COLUMNS,
    DONE,
    FINAL,
    INCLUDED,
    PREPARED,
    REJECTED,
    SUBMITTED,
    WALLET_SECONDS,
    Operation,
    OperationError,
    State,
    new_id,
    operation_of,
    to_json,
)
from app.chain.outbox.signatures import check_signature
from app.storage import Storage, announce, run

ACCEPTED_TOPIC = "operations.accepted"  # subject: the operation's id
CHANGED_TOPIC = "operations.changed"  # subject: list of Operation
GATEWAY = "gateway"  # owner of operations that no caller's command asked for
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
    "Plan",
    "RanBeforeRestore",
    "SignatureMismatch",
    "enqueue",
    "new_id",
    "operation",
    "operation_of",
    "to_json",
]


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
    subject: Mapping[str, Any] | None = None,
    after: Sequence[str] = (),
    owner: str = GATEWAY,
    key: str | None = None,
    place: int = 0,
    gas: int | None = None,
    deadline: int | None = None,
    data: str | None = None,
    state: State = ACCEPTED,
) -> Operation:
    """Writes an operation; the relayer takes it once the transaction is committed.

    Args:
        arguments: of `function` (its name, or its full signature if it is overloaded), in order:
            JSON values; whole numbers may be decimal text, bytes are 0x text, structs are dicts.
        custody: the gateway signs with the signer's key; otherwise a wallet has signed or will.
        subject: what the operation is about (`{"receivableId": …}`), for lists and answers.
        after: ids of operations that must be included first; if one is rejected, so is this one.
            `~` before an id: that operation must be done first, whatever its outcome.
        owner, key, place: parts of the operation's hash (`operation_hash`): who gave the command,
            the command's idempotency key (None: the operation's id), and the operation's place in
            the command.

    Raises:
        RanBeforeRestore: the chain has carried out the operation; the store lost it.
        RowConflict: an operation with the same owner, key and place exists.
    """
    identifier, now, signer = new_id(), time.time(), signer.lower()
    digest = "0x" + operation_hash(owner, key or identifier, place=place).hex()
    if key is not None:
        execution = unknown_execution(connection, digest, signer=signer)
        if execution is not None:
            raise RanBeforeRestore(execution)
    nonce = give_nonce(connection, signer=signer)
    arguments_json, subject_json = to_json(list(arguments)), to_json(subject or {})
    transitions.insert(
        connection,
        state,
        {
            "id": identifier,
            "kind": kind,
            "party_id": party_id,
            "signer": signer,
            "contract": contract,
            "function": function,
            "arguments_json": arguments_json,
            "subject_json": subject_json,
            "custody": int(custody),
            "depends_on": ",".join(after) or None,
            "nonce": str(nonce),
            "gas": gas,
            "deadline": deadline,
            "data": data,
            "created_at": now,
            "hash": digest,
        },
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
        signature=None,
        created_at=now,
        hash=digest,
    )


def operation(connection: Connection, identifier: str) -> Operation | None:
    """The operation, or None."""
    query = f"SELECT {COLUMNS} FROM operations WHERE id = ?"
    row = run(connection, query, (identifier,)).first()
    return None if row is None else operation_of(row)


class Plan(msgspec.Struct, frozen=True):
    """An intent for a wallet that the chain would carry out now; `Operations.draft` stores it."""

    kind: str
    party_id: str | None
    signer: str
    contract: str
    function: str
    arguments: Sequence[Any]
    subject: Mapping[str, Any] | None
    data: bytes
    gas: int
    deadline: int


class Operations:
    """What the slices use: enqueue an operation, prepare one for a wallet, wait for an outcome."""

    def __init__(
        self, *, storage: Storage, rpc: JsonRpc, contracts: Contracts, chain_id: int
    ) -> None:
        self.storage = storage
        self.rpc = rpc
        self.contracts = contracts
        self.domain = forwarder_domain(chain_id=chain_id, contract=contracts.address(FORWARDER))
        self._waiters: dict[str, list[asyncio.Future[Operation]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = False
        self._unsubscribe = [
            storage.subscribe(CHANGED_TOPIC, self._changed),
            storage.subscribe(ACCEPTED_TOPIC, lambda _: crash_point("outbox.enqueued")),
        ]

    def close(self) -> None:
        """Stops listening to the store."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()

    enqueue = staticmethod(enqueue)

    async def get(self, identifier: str) -> Operation:
        """The operation as stored now.

        Raises:
            OperationUnknown.
        """
        stored = await self.storage.read(lambda connection: operation(connection, identifier))
        if stored is None:
            raise OperationUnknown(identifier)
        return stored

    async def plan(
        self,
        *,
        kind: str,
        party_id: str | None,
        signer: str,
        contract: str,
        function: str,
        arguments: Sequence[Any],
        subject: Mapping[str, Any] | None = None,
        seconds: int = WALLET_SECONDS,
    ) -> Plan:
        """Simulates a wallet's intent, to be valid for `seconds`. It writes nothing.

        Raises:
            IntentRefused: the chain would refuse it now.
            ArgumentsInvalid, NodeUnreachable, RpcError.
        """
        signer = signer.lower()
        target = self.contracts.address(contract)
        data = self.contracts.encode(contract, function, arguments)
        call = {
            "from": self.domain.contract,
            "to": target,
            "data": "0x" + data.hex() + signer[2:],
        }
        gas, block = await self.rpc.batch(
            [("eth_estimateGas", [call]), ("eth_getBlockByNumber", ["latest", False])]
        )
        if isinstance(block, RpcError):
            raise block
        if isinstance(gas, RpcError):
            if not gas.is_revert:
                raise gas
            raise IntentRefused(self.contracts.decode_error(gas.data, called=contract))
        return Plan(
            kind=kind,
            party_id=party_id,
            signer=signer,
            contract=contract,
            function=function,
            arguments=arguments,
            subject=subject,
            data=data,
            gas=int(gas, 16) * 3 // 2 + 30_000,
            deadline=max(int(time.time()), int(block["timestamp"], 16)) + seconds,
        )

    def draft(
        self,
        connection: Connection,
        plan: Plan,
        *,
        owner: str = GATEWAY,
        key: str | None = None,
        place: int = 0,
    ) -> Operation:
        """Stores a planned intent as an operation in state `prepared`; see `enqueue`.

        Raises:
            RanBeforeRestore, RowConflict.
        """
        return enqueue(
            connection,
            kind=plan.kind,
            party_id=plan.party_id,
            signer=plan.signer,
            contract=plan.contract,
            function=plan.function,
            arguments=plan.arguments,
            subject=plan.subject,
            custody=False,
            owner=owner,
            key=key,
            place=place,
            gas=plan.gas,
            deadline=plan.deadline,
            data="0x" + plan.data.hex(),
            state=PREPARED,
        )

    async def prepare(self, **call: Any) -> tuple[Operation, TypedData]:
        """`plan` and `draft` in one; returns the operation and the typed data for the wallet.

        Raises:
            IntentRefused, ArgumentsInvalid, NodeUnreachable, RpcError.
        """
        plan = await self.plan(**call)
        draft = await self.storage.write(lambda connection: self.draft(connection, plan))
        return draft, self.typed_data(draft)

    def intent(self, draft: Operation) -> Intent:
        """The intent of an operation that has calldata, nonce, gas and deadline.

        Raises:
            OperationClosed: it lacks one of them.
        """
        if draft.data is None or draft.nonce is None or draft.gas is None or draft.deadline is None:
            raise OperationClosed(f"{draft.id} has no intent yet")
        return Intent(
            signer=draft.signer,
            target=self.contracts.address(draft.contract),
            data=bytes.fromhex(draft.data[2:]),
            gas=draft.gas,
            nonce=draft.nonce,
            deadline=draft.deadline,
            operation=bytes.fromhex(draft.hash[2:]),
            target_contract=draft.contract,
        )

    def typed_data(self, draft: Operation) -> TypedData:
        """The typed data that the wallet signs (`eth_signTypedData_v4`)."""
        return intent_typed_data(self.domain, self.intent(draft))

    async def submit_signature(self, identifier: str, signature: str) -> Operation:
        """Accepts the wallet's signature over a prepared operation; a second time changes nothing.

        The signature is a key's, or one that the signer's contract accepts (ERC-1271).

        Raises:
            OperationUnknown, OperationClosed, SignatureMismatch.
            SignatureInvalid: it is not a signature.
            NodeUnreachable, RpcError: the node did not say whether the contract accepts it.
        """
        draft = await self.get(identifier)
        signature = signature.lower()
        if draft.state != PREPARED:
            if draft.signature == signature:
                return draft
            raise OperationClosed(f"{identifier} is {draft.state}")
        raw = bytes.fromhex(signature.removeprefix("0x"))
        await check_signature(self.rpc, self.domain, self.intent(draft), raw)

        def write(connection: Connection) -> None:
            accepted = transitions.move(
                connection,
                ACCEPTED,
                start=(PREPARED,),
                changes="signature = ?",
                where="id = ?",
                values=("0x" + raw.hex(), identifier),
            )
            if accepted:
                announce(connection, ACCEPTED_TOPIC, identifier)

        await self.storage.write(write)
        return await self.get(identifier)

    def answer_waiters(self) -> None:
        """Ends all waiting: present and future waiters get the operation as it is. For shutdown."""
        self._ending = True
        for waiters in self._waiters.values():
            for waiter in waiters:
                if not waiter.done():
                    waiter.cancel()

    async def wait(
        self, identifier: str, timeout: float, *, states: Collection[str] = DONE
    ) -> Operation:
        """The operation once it is in one of `states`; after `timeout` seconds, whatever its state.

        Raises:
            OperationUnknown.
        """
        self._loop = loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while True:
            waiter: asyncio.Future[Operation] = loop.create_future()
            self._waiters.setdefault(identifier, []).append(waiter)
            try:
                current = await self.get(identifier)
                left = 0.0 if self._ending else end - loop.time()
                if current.state in states or left <= 0:
                    return current
                # Another gateway may carry the operation out, so read it again each second.
                try:
                    async with asyncio.timeout(min(left, 1.0)):
                        await asyncio.wait((waiter,))
                except TimeoutError:
                    continue
                if waiter.cancelled():  # the gateway ends: read the operation once more
                    continue
                current = waiter.result()
                if current.state in states:
                    return current
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
        for item in changed:
            for waiter in self._waiters.get(item.id, ()):
                if not waiter.done():
                    waiter.set_result(item)
