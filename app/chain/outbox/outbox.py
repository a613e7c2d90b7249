"""The outbox: every command is a row here first, in the same transaction as what belongs to it.

Each operation gets its nonce and its hash here, once: see `app.chain.outbox.nonces`.

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

from app.chain.evm.contracts import FORWARDER, Contracts
from app.chain.evm.crash import crash_point
from app.chain.evm.rpc import JsonRpc, RpcError
from app.chain.evm.typed_data import forwarder_domain
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
    new_id,
    operation_of,
    to_json,
)
from app.chain.outbox.signatures import check_signature
from app.storage import Storage, announce, run

ACCEPTED_TOPIC = "operations.accepted"  # subject: the operation's id
CHANGED_TOPIC = "operations.changed"  # subject: list of Operation
GATEWAY = "gateway"  # owner of what no caller's command asked for
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
    subject: dict[str, Any] | None = None,
    after: Sequence[str] = (),
    owner: str = GATEWAY,
    key: str | None = None,
    place: int = 0,
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
        after: operations that must be included before; when one is rejected so is this one. With
            `~` ahead of the id it must only be done before, whatever became of it.
        owner, key, place: what its hash is made of (`operation_hash`): whose command it belongs to,
            the command's idempotency key (None: its own id), and its place in the command.

    Raises:
        RanBeforeRestore: the chain has carried it out; the store lost it.
        RowConflict: there is an operation of the same owner, key and place.
    """
    identifier, now, signer = new_id(), time.time(), signer.lower()
    digest = "0x" + operation_hash(owner, key or identifier, place=place).hex()
    if key is not None:
        execution = unknown_execution(connection, digest, signer=signer)
        if execution is not None:
            raise RanBeforeRestore(execution)
    nonce = give_nonce(connection, signer=signer)
    arguments_json, subject_json = to_json(list(arguments)), to_json(subject or {})
    run(
        connection,
        "INSERT INTO operations (id, kind, party_id, signer, contract, function, arguments_json, "
        "subject_json, custody, depends_on, state, nonce, gas, deadline, data, created_at, hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(identifier, kind, party_id, signer, contract, function, arguments_json),
            *(subject_json, int(custody), ",".join(after) or None, state, str(nonce)),
            *(gas, deadline, data, now, digest),
        ),
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
    """An intent for a wallet that the chain would carry out now; `Operations.draft` writes it."""

    kind: str
    party_id: str | None
    signer: str
    contract: str
    function: str
    arguments: Sequence[Any]
    subject: dict[str, Any] | None
    data: bytes
    gas: int
    deadline: int


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
        self._ending = False
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

    async def plan(
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
    ) -> Plan:
        """Tries a wallet's intent on the chain; it will live for `seconds`. Nothing is written.

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
        """Writes a planned intent as an operation in state `prepared`; see `enqueue`.

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

    async def prepare(self, **wanted: Any) -> tuple[Operation, dict[str, Any]]:
        """`plan` and `draft` in one: the operation and the typed data that the wallet must sign.

        Raises:
            IntentRefused, ArgumentsInvalid, NodeUnreachable, RpcError.
        """
        plan = await self.plan(**wanted)
        draft = await self.storage.write(lambda connection: self.draft(connection, plan))
        return draft, self.typed_data(draft)

    def intent(self, draft: Operation) -> Intent:
        """The intent of an operation whose gas and deadline are set."""
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

    def typed_data(self, draft: Operation) -> dict[str, Any]:
        """What the wallet signs (`eth_signTypedData_v4`)."""
        return intent_typed_data(self.domain, self.intent(draft))

    async def submit_signature(self, identifier: str, signature: str) -> Operation:
        """Takes the wallet's signature over a prepared operation; taking it twice changes nothing.

        The signature is a key's, or what the signer's contract accepts (ERC-1271).

        Raises:
            OperationUnknown, OperationClosed, SignatureMismatch.
            SignatureInvalid: not a signature at all.
            NodeUnreachable, RpcError: whether a contract accepts it could not be asked.
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

    def answer_waiters(self) -> None:
        """The gateway ends: whoever waits gets the operation as it is, now and from now on."""
        self._ending = True
        for waiters in self._waiters.values():
            for waiter in waiters:
                if not waiter.done():
                    waiter.cancel()

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
                left = 0.0 if self._ending else end - loop.time()
                if found.state in states or left <= 0:
                    return found
                # Another gateway may be the one that carries it out: look again each second.
                try:
                    async with asyncio.timeout(min(left, 1.0)):
                        await asyncio.wait((waiter,))
                except TimeoutError:
                    continue
                if waiter.cancelled():  # the gateway ends: look once more
                    continue
                found = waiter.result()
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
