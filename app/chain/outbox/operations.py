"""What the slices use: enqueue an operation, prepare one for a wallet, wait for an outcome."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection

from sqlalchemy import Connection

from app.chain.evm.contracts import FORWARDER, Contracts
from app.chain.evm.crash import crash_point
from app.chain.evm.rpc import JsonRpc, RpcError
from app.chain.evm.typed_data import TypedData, forwarder_domain
from app.chain.outbox import transitions
from app.chain.outbox.errors import IntentRefused, OperationClosed, OperationUnknown
from app.chain.outbox.intents import Intent, intent_typed_data
from app.chain.outbox.operation import ACCEPTED, DONE, PREPARED, WALLET_SECONDS, Operation
from app.chain.outbox.outbox import (
    ACCEPTED_TOPIC,
    CHANGED_TOPIC,
    Call,
    Plan,
    draft,
    enqueue,
    operation,
)
from app.chain.outbox.signatures import check_signature
from app.storage import Storage, announce


class Operations:
    """The outbox of one ledger, on one store."""

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

    draft = staticmethod(draft)
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

    async def plan(self, call: Call, *, seconds: int = WALLET_SECONDS) -> Plan:
        """Simulates a wallet's intent, to be valid for `seconds`. It writes nothing.

        Raises:
            IntentRefused: the chain would refuse it now.
            ArgumentsInvalid, NodeUnreachable, RpcError.
        """
        target = self.contracts.address(call.contract)
        data = self.contracts.encode(call.contract, call.function, call.arguments)
        request = {
            "from": self.domain.contract,
            "to": target,
            "data": "0x" + data.hex() + call.signer.lower()[2:],
        }
        gas, block = await self.rpc.batch(
            [("eth_estimateGas", [request]), ("eth_getBlockByNumber", ["latest", False])]
        )
        if isinstance(block, RpcError):
            raise block
        if isinstance(gas, RpcError):
            if not gas.is_revert:
                raise gas
            error = self.contracts.decode_error(gas.data, called=call.contract, call=data)
            raise IntentRefused(error, call=call)
        return Plan(
            call=call,
            data=data,
            gas=int(gas, 16) * 3 // 2 + 30_000,
            deadline=max(int(time.time()), int(block["timestamp"], 16)) + seconds,
        )

    async def prepare(
        self, call: Call, *, seconds: int = WALLET_SECONDS
    ) -> tuple[Operation, TypedData]:
        """`plan` and `draft` in one; returns the operation and the typed data for the wallet.

        Raises:
            IntentRefused, ArgumentsInvalid, NodeUnreachable, RpcError.
        """
        plan = await self.plan(call, seconds=seconds)
        prepared = await self.storage.write(lambda connection: draft(connection, plan))
        return prepared, self.typed_data(prepared)

    def intent(self, prepared: Operation) -> Intent:
        """The intent of an operation that has calldata, nonce, gas and deadline.

        Raises:
            OperationClosed: it lacks one of them.
        """
        if (
            prepared.data is None
            or prepared.nonce is None
            or prepared.gas is None
            or prepared.deadline is None
        ):
            raise OperationClosed(f"operation {prepared.id} has nothing to sign yet")
        return Intent(
            signer=prepared.signer,
            target=self.contracts.address(prepared.contract),
            data=bytes.fromhex(prepared.data[2:]),
            gas=prepared.gas,
            nonce=prepared.nonce,
            deadline=prepared.deadline,
            operation=bytes.fromhex(prepared.hash[2:]),
            target_contract=prepared.contract,
        )

    def typed_data(self, prepared: Operation) -> TypedData:
        """The typed data that the wallet signs (`eth_signTypedData_v4`)."""
        return intent_typed_data(self.domain, self.intent(prepared))

    async def submit_signature(self, identifier: str, signature: str) -> Operation:
        """Accepts the wallet's signature over a prepared operation; a second time changes nothing.

        The signature is a key's, or one that the signer's contract accepts (ERC-1271).

        Raises:
            OperationUnknown, OperationClosed, SignatureMismatch.
            SignatureInvalid: it is not a signature, or one of a wallet that is not deployed.
            NodeUnreachable, RpcError: the node did not say whether the contract accepts it.
        """
        prepared = await self.get(identifier)
        signature = signature.lower()
        if prepared.state != PREPARED:
            if prepared.signature == signature:
                return prepared
            raise OperationClosed(
                f"operation {identifier} is {prepared.state}, so it cannot be signed"
            )
        raw = bytes.fromhex(signature.removeprefix("0x"))
        await check_signature(self.rpc, self.domain, self.intent(prepared), raw)

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
