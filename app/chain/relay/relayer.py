"""The relayer: takes accepted operations, signs and sends their intents, many in one transaction.

The order of the steps is: simulate → sign → store the signed transaction with its operations (one
database transaction) → send. A crash between two steps loses nothing and repeats nothing: after a
crash the stored bytes are sent again. Only the indexer records the outcome of an intent. An intent
may be sent many times: it keeps its nonce, which the forwarder accepts once.

The relayer sends nothing before the index has reached the head, and nothing while the chain shows
executions that the store does not know, because then the store is older than the chain.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial

import structlog
from sqlalchemy import Connection

from app.chain.evm.contracts import (
    FORWARDER,
    ArgumentsInvalid,
    Contracts,
    UnknownContract,
)
from app.chain.evm.crash import crash_point
from app.chain.evm.rpc import ChainError, JsonRpc
from app.chain.evm.signers import PasswordWrong, Signer
from app.chain.evm.transactions import Transaction
from app.chain.index.indexer import Indexer
from app.chain.index.outcomes import error_of
from app.chain.outbox.intents import batch_calldata
from app.chain.outbox.keys import Keystore, KeyUnknown
from app.chain.outbox.outbox import ACCEPTED_TOPIC, CHANGED_TOPIC, Operation, OperationError
from app.chain.outbox.restored import why_held
from app.chain.relay import store as relay_store
from app.chain.relay.accounts import Upkeep, send
from app.chain.relay.batch import (
    MAX_CALL_BYTES,
    RelayerSettings,
    SignedOperation,
    fit,
    in_order,
    max_gas,
)
from app.chain.relay.signing import Signing
from app.chain.relay.simulator import Simulator, Trial
from app.chain.relay.slots import Slot
from app.chain.relay.store import Claim, ClaimLost
from app.chain.relay.waiting import Waiting
from app.outage import Outage
from app.storage import Storage, StorageError, StorageFull, StorageUnavailable
from app.storage.checkpoint import Checkpoint

log = structlog.get_logger(__name__)
_BARE_PROOFS = 8  # proofs, some seconds apart, before a failure without revert data counts
_MAX_WAITING = 2000
Refusal = tuple[Operation, OperationError]


class Relayer:
    """One gateway's relayer.

    `accounts` pay the fees; `keystore` signs for parties in custody; `indexer` records outcomes.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        rpc: JsonRpc,
        contracts: Contracts,
        chain_id: int,
        accounts: Sequence[Signer],
        keystore: Keystore,
        indexer: Indexer,
        settings: RelayerSettings | None = None,
    ) -> None:
        if not accounts:
            raise ValueError("the relayer needs at least one account")
        self.storage = storage
        self.rpc = rpc
        self.contracts = contracts
        self.chain_id = chain_id
        self.settings = settings or RelayerSettings()
        self.accounts = {signer.address: signer for signer in accounts}
        self.me = secrets.token_hex(8)
        self.signing = Signing(
            rpc=rpc,
            contracts=contracts,
            chain_id=chain_id,
            keystore=keystore,
            seconds=self.settings.intent_seconds,
        )
        self.simulator = Simulator(rpc=rpc, contracts=contracts, gas_cap=self.settings.gas_cap)
        self.upkeep = Upkeep(
            storage=storage,
            rpc=rpc,
            accounts=self.accounts,
            chain_id=chain_id,
            me=self.me,
            settings=self.settings,
            on_sent=indexer.wake,
        )
        self.indexer = indexer
        self.held: str | None = None  # why nothing is sent
        self.sent_intents = 0
        self.sent_transactions = 0
        self.last_error: str | None = None
        self._waiting = Waiting()
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    # -- life

    def wake(self) -> None:
        """Makes the relayer look for operations at once."""
        self._wake.set()

    async def stop(self) -> None:
        """Makes `run` return after the current step and free what it holds."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Sends accepted operations until stopped; waits while the node or the store is away."""
        self._loop = asyncio.get_running_loop()
        unsubscribes = [
            self.storage.subscribe(ACCEPTED_TOPIC, lambda _: self._wake_from_thread()),
            self.storage.subscribe(CHANGED_TOPIC, self._changed),
        ]
        outage = Outage(log, "relayer")
        try:
            while not self._stopping:
                try:
                    self.held = await self._held()
                    if self.held is not None:
                        await self._rest(0.05)
                        continue
                    await self.upkeep.run_when_due()
                    worked = await self.step()
                    outage.over()
                    self.last_error = None
                except Exception as error:  # stored transactions stay, and are sent later
                    self.last_error = f"{type(error).__name__}: {error}"
                    known = isinstance(error, ChainError | StorageError | ClaimLost)
                    outage.failed(
                        error,
                        known=known,
                        logged=isinstance(error, StorageFull | StorageUnavailable),
                    )
                    await self._rest(min(5.0, 0.05 * 2 ** min(outage.failures, 7)))
                    continue
                if not worked:
                    await self._rest(0.5)
        finally:
            for unsubscribe in unsubscribes:
                unsubscribe()
            with contextlib.suppress(StorageError):
                await self.storage.write(partial(relay_store.release, me=self.me))

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        self._wake.clear()

    async def _held(self) -> str | None:
        """Why nothing may be sent, or None."""
        if not self.indexer.reached_head:
            return "the index has not reached the chain's head yet"
        held = await self.storage.read(why_held)
        return None if held is None else f"{held}; run `cession reconcile`"

    def _wake_from_thread(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    def _changed(self, changed: list[Operation]) -> None:
        if self._waiting and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._waiting.changed, changed)
        self._wake_from_thread()

    # -- one step

    async def step(self) -> bool:
        """Sends the operations of one transaction; returns False if there is nothing to do.

        Raises:
            NodeUnreachable, RpcError, StorageError.
            ClaimLost: another gateway took them first; nothing was stored.
        """
        waiting = self._waiting.ids()
        owned = await self.upkeep.owned()
        if not owned or len(waiting) > _MAX_WAITING:
            return False
        claim = await self.storage.write(
            partial(
                relay_store.claim,
                me=self.me,
                accounts=owned,
                waiting=waiting,
                limit=self.settings.batch,
                max_slots=self.settings.max_slots,
                seconds=self.settings.lease,
            )
        )
        if claim is None:
            return False
        crash_point("relayer.claimed")
        return await self._relay(claim)

    async def _relay(self, claim: Claim) -> bool:
        trials, refused = self._trials(claim)
        head = await self.simulator.run([trial for _, trial in trials])
        crash_point("relayer.simulated")
        cap = max_gas(head.gas_limit, self.settings.gas_cap)
        refused += await self._refusals(claim, trials)
        now = int(head.timestamp, 16)
        ready = [
            (operation, trial)
            for operation, trial in trials
            if trial.error is None and trial.trouble is None and self._is_alive(operation, now)
        ]
        await self._put_off_crowd(claim)
        signed = await self._sign(ready, now=now, refused=refused)
        signed = await self._without_unwilling(in_order(signed, claim.together), claim)
        fitting, gas_limit = fit(signed, cap=cap)
        # Those that travel alone are tried anew each time, so they do not count as new again.
        left_out = [item.operation for item in signed if item not in fitting and not item.alone]
        signed = fitting
        account = self.accounts[claim.account]
        if not signed:
            await self._refuse(refused)
            return bool(refused) or len(claim.operations) >= self.settings.batch
        calldata = batch_calldata([(item.intent, item.signature) for item in signed])
        transaction = Transaction(
            nonce=claim.account_nonce,
            gas_price=await self.upkeep.gas_price(),
            gas_limit=gas_limit + 16 * len(calldata),
            to=self.contracts.address(FORWARDER),
            data=calldata,
            chain_id=self.chain_id,
        )
        raw, hash_ = transaction.sign(account)
        slot = Slot(
            claim.account, claim.account_nonce, 0, hash_, raw, transaction.gas_price, time.time()
        )

        def store(connection: Connection) -> None:
            relay_store.store(
                connection, me=self.me, slot=slot, gas_limit=transaction.gas_limit, signed=signed
            )
            relay_store.give_back(connection, me=self.me, operations=left_out)
            for operation, error in refused:
                relay_store.reject(connection, operation, error)

        await self.storage.write(store)
        self._waiting.forget(item.operation for item in signed)
        self._waiting.forget(operation for operation, _ in refused)
        crash_point("relayer.stored")
        await send(self.rpc, raw)
        self.sent_intents += len(signed)
        self.sent_transactions += 1
        crash_point("relayer.broadcast")
        self.indexer.wake()
        return True

    async def _refuse(self, refused: list[Refusal]) -> None:
        if not refused:
            return

        def write(connection: Connection) -> None:
            for operation, error in refused:
                relay_store.reject(connection, operation, error)

        await self.storage.write(write)
        self._waiting.forget(operation for operation, _ in refused)

    def _trials(self, claim: Claim) -> tuple[list[tuple[Operation, Trial]], list[Refusal]]:
        """Encodes the calls; refuses those that cannot be encoded."""
        trials: list[tuple[Operation, Trial]] = []
        refused: list[Refusal] = []
        for operation in claim.operations:
            try:
                if operation.data is not None:
                    data = bytes.fromhex(operation.data[2:])
                else:
                    data = self.contracts.encode(
                        operation.contract, operation.function, operation.arguments
                    )
                self.contracts.address(operation.contract)
                if len(data) > MAX_CALL_BYTES:
                    raise ArgumentsInvalid(
                        f"the call has {len(data):,} bytes; the maximum is {MAX_CALL_BYTES:,}"
                    )
            except (ArgumentsInvalid, UnknownContract) as error:
                fix = "correct the values; if they are correct, tell the operator"
                reason = OperationError(type(error).__name__, str(error), fix=fix)
                refused.append((operation, reason))
                continue
            trial = Trial(operation.signer, operation.contract, operation.function, data)
            if not operation.custody:
                trial.gas, trial.fixed = operation.gas, True
            trials.append((operation, trial))
        return trials, refused

    async def _refusals(self, claim: Claim, trials: list[tuple[Operation, Trial]]) -> list[Refusal]:
        """The operations whose failure is proved; the other failures are tried again later.

        An operation waits while an earlier sibling is not done, unless this step refuses the
        sibling. An operation that was sent before is refused only after its deadline, because
        anybody may hold a copy of its signature.
        """
        for operation, trial in trials:
            if trial.trouble is not None:
                log.info("relayer.try_again", operation=operation.id, reason=trial.trouble)
                self._waiting.add(operation)
        failing = [(operation, trial) for operation, trial in trials if trial.error is not None]
        if not failing:
            return []
        at, earlier = await self.storage.read(
            partial(relay_store.standing, operations=[operation for operation, _ in failing])
        )
        refused: list[Refusal] = []
        ended: Counter[str] = Counter()  # refusals of this step, by signer
        for operation, trial in failing:
            assert trial.error is not None
            if earlier[operation.id] > ended[operation.signer]:
                self._waiting.add(operation, for_sibling=True)
                continue
            proved = (
                at is not None
                and not self._may_run_elsewhere(claim, operation, at)
                and await self.simulator.prove(trial, at)
            )
            if not proved:
                self._waiting.add(operation)
            elif trial.bare and self._waiting.add(operation).count_bare() < _BARE_PROOFS:
                continue
            else:
                refused.append((operation, error_of(trial.error)))
                ended[operation.signer] += 1
        return refused

    @staticmethod
    def _may_run_elsewhere(claim: Claim, operation: Operation, at: Checkpoint) -> bool:
        """Whether somebody else may still use a signature that was sent before."""
        if claim.attempts[operation.id] == 0 or operation.deadline is None:
            return False
        return operation.deadline >= at.timestamp

    def _is_alive(self, operation: Operation, now: int) -> bool:
        """Whether a wallet's intent is still in time; custody signs again for each attempt."""
        if operation.custody or (operation.deadline is not None and operation.deadline >= now):
            return True
        self._waiting.add(operation)
        return False

    async def _put_off_crowd(self, claim: Claim) -> None:
        """Puts a signer's waiting operations off in the store if it has too many in memory.

        Otherwise each step would try them first, and above `_MAX_WAITING` nothing would be sent.
        """
        crowd = self._waiting.crowding(claim.operations)
        if crowd:
            await self.storage.write(partial(relay_store.put_off, me=self.me, operations=crowd))
            self._waiting.forget(crowd)

    async def _without_unwilling(
        self, signed: list[SignedOperation], claim: Claim
    ) -> list[SignedOperation]:
        """Leaves out the operations of a contract that does not accept its first signature now.

        They are put off in the store, and the others are sent in this step. Otherwise one wallet
        that rejects many of its own operations would delay everybody's.
        """
        unwilling: list[Operation] = []
        while (
            signed
            and signed[0].alone
            and not await self.signing.goes_through(signed[0], sender=claim.account)
        ):
            signer = signed[0].operation.signer
            dropped = [item for item in signed if item.alone and item.operation.signer == signer]
            unwilling += [item.operation for item in dropped]
            signed = [item for item in signed if item not in dropped]
        if unwilling:
            await self.storage.write(partial(relay_store.put_off, me=self.me, operations=unwilling))
        return signed

    async def _sign(
        self, ready: list[tuple[Operation, Trial]], *, now: int, refused: list[Refusal]
    ) -> list[SignedOperation]:
        """Signs all for one deadline; adds to `refused` what nobody can sign here."""
        signed: list[SignedOperation] = []
        deadline = self.signing.deadline(now)
        for operation, trial in ready:
            try:
                signed.append(await self.signing.sign(operation, trial, deadline=deadline))
            except KeyUnknown:
                message = f"the gateway has no key of {operation.signer}"
                fix = "ask the operator to add the key, or sign with the party's own wallet"
                refused.append((operation, OperationError("KeyUnknown", message, fix=fix)))
            except PasswordWrong:
                log.error("relayer.password_wrong", signer=operation.signer)
                self._waiting.add(operation)
        return signed
