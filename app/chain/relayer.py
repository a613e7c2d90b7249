"""The relayer: takes accepted operations, signs and sends their intents, many in one transaction.

Order of things, so that a crash between any two of them loses and doubles nothing: try → sign →
store the signed transaction with its operations (one database transaction) → send. After a crash
the stored bytes are sent again. What became of an intent is the indexer's to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import structlog

from app.chain import relay_store
from app.chain.attribution import error_of
from app.chain.checkpoint import read_checkpoint
from app.chain.contracts import (
    FORWARDER,
    ArgumentsInvalid,
    ContractError,
    Contracts,
    UnknownContract,
)
from app.chain.crash import crash_point
from app.chain.intents import Intent, batch_calldata, forward_request_digest
from app.chain.keys import Keystore, KeyUnknown, PasswordWrong, Signer
from app.chain.outbox import ACCEPTED_TOPIC, CHANGED_TOPIC, Operation, OperationError
from app.chain.relay_rules import (
    HEADROOM,
    RelayerSettings,
    fit,
    may_go_out,
    next_nonces,
    signed_row,
    stale,
)
from app.chain.relay_store import Claim, ClaimLost, Slot
from app.chain.relay_upkeep import Upkeep, send
from app.chain.rpc import ChainError, JsonRpc
from app.chain.simulation import Simulator, Trial
from app.chain.transactions import Transaction
from app.chain.typed_data import forwarder_domain
from app.storage import Storage, StorageError

log = structlog.get_logger(__name__)
_MOST_ATTEMPTS = 5


class Relayer:
    """One gateway's relayer. `accounts` pay the fees; `keystore` signs for parties in custody."""

    def __init__(
        self,
        *,
        storage: Storage,
        rpc: JsonRpc,
        contracts: Contracts,
        chain_id: int,
        accounts: Sequence[Signer],
        keystore: Keystore,
        settings: RelayerSettings | None = None,
        on_sent: Callable[[], None] = lambda: None,
    ) -> None:
        if not accounts:
            raise ValueError("the relayer needs at least one account")
        self.storage = storage
        self.rpc = rpc
        self.contracts = contracts
        self.chain_id = chain_id
        self.settings = settings or RelayerSettings()
        self.keystore = keystore
        self.accounts = {signer.address: signer for signer in accounts}
        self.domain = forwarder_domain(chain_id=chain_id, contract=contracts.address(FORWARDER))
        self.me = secrets.token_hex(8)
        self.simulator = Simulator(rpc=rpc, contracts=contracts)
        self.upkeep = Upkeep(
            storage=storage,
            rpc=rpc,
            accounts=self.accounts,
            chain_id=chain_id,
            me=self.me,
            settings=self.settings,
            on_sent=on_sent,
        )
        self.on_sent = on_sent
        self.sent_intents = 0
        self.sent_transactions = 0
        self.last_error: str | None = None
        self._blocked: dict[str, float] = {}
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    # -- life

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    async def stop(self) -> None:
        """Makes `run` return after the step it is in; gives back what it holds."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Sends what is accepted until stopped; waits and goes on when node or store is away."""
        self._loop = asyncio.get_running_loop()
        leave = [
            self.storage.subscribe(ACCEPTED_TOPIC, lambda _: self._wake_from_thread()),
            self.storage.subscribe(CHANGED_TOPIC, self._changed),
        ]
        failures = 0
        try:
            while not self._stopping:
                try:
                    await self.upkeep.run_when_due()
                    worked = await self.step()
                    failures, self.last_error = 0, None
                except Exception as error:  # whatever it is, what is stored stays and is sent
                    failures += 1
                    self.last_error = f"{type(error).__name__}: {error}"
                    known = isinstance(error, ChainError | StorageError | ClaimLost)
                    log.warning("relayer.failed", error=self.last_error, exc_info=not known)
                    await asyncio.sleep(min(5.0, 0.05 * 2**failures))
                    continue
                if not worked:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(0.5):
                            await self._wake.wait()
                    self._wake.clear()
        finally:
            for go in leave:
                go()
            with contextlib.suppress(StorageError):
                await self.storage.write(partial(relay_store.release, me=self.me))

    def _wake_from_thread(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    def _changed(self, changed: list[Operation]) -> None:
        for operation in changed:
            self._blocked.pop(operation.signer, None)
        self._wake_from_thread()

    # -- one step

    async def step(self) -> bool:
        """Sends one transaction's worth of operations; False when there was nothing to do.

        Raises:
            NodeUnreachable, RpcError, StorageError.
            ClaimLost: another gateway was quicker; nothing was stored.
        """
        now = time.monotonic()
        self._blocked = {signer: until for signer, until in self._blocked.items() if until > now}
        owned = await self.upkeep.owned()
        if not owned:
            return False
        claim = await self.storage.write(
            partial(
                relay_store.claim,
                me=self.me,
                accounts=owned,
                blocked=list(self._blocked),
                limit=self.settings.batch,
                most_slots=self.settings.most_slots,
                seconds=self.settings.lease,
            )
        )
        if claim is None:
            return False
        crash_point("relayer.claimed")
        await self._relay(claim)
        return True

    async def _relay(self, claim: Claim) -> None:
        trials, refused = self._trials(claim)
        unknown = sorted(
            {
                operation.signer
                for operation, _ in trials
                if operation.signer not in claim.signer_nonces
                or (operation.nonce is not None and operation.signer not in claim.in_flight)
            }
        )
        head, fetched = await self.simulator.run([trial for _, trial in trials], nonces_of=unknown)
        nonces = next_nonces(claim, fetched)
        crash_point("relayer.simulated")
        cap = min(self.settings.gas_cap, int(head.gas_limit, 16) * 9 // 10)
        for _, trial in trials:
            if trial.gas is not None and trial.gas > cap - HEADROOM:
                limits = {"gas": trial.gas, "limit": cap - HEADROOM}
                trial.error = trial.error or ContractError("", "GasAboveLimit", limits)
        again = any(operation.signature is not None for operation, _ in trials)
        settled = again and await self._index_is_at_head()
        now = int(head.timestamp, 16)
        ready, more = self._choose(claim, trials, nonces, now=now, settled=settled)
        refused += more
        signed = await self._sign(ready, nonces, now=now, refused=refused)
        if not signed:
            await self._refuse(refused)
            return
        signed, gas_limit = fit(signed, cap=cap)
        account = self.accounts[claim.account]
        calldata = batch_calldata(
            [(intent, signature) for _, intent, signature in signed],
            refund_receiver=claim.account,
        )
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
        after = {intent.signer: intent.nonce + 1 for _, intent, _ in signed}

        def store(connection: Any) -> None:
            relay_store.store(
                connection,
                me=self.me,
                slot=slot,
                gas_limit=transaction.gas_limit,
                signed=[signed_row(*one) for one in signed],
                next_nonces=after,
            )
            for operation, error in refused:
                relay_store.reject(connection, operation, error)

        await self.storage.write(store)
        crash_point("relayer.stored")
        await send(self.rpc, raw)
        self.sent_intents += len(signed)
        self.sent_transactions += 1
        crash_point("relayer.broadcast")
        self.on_sent()

    async def _refuse(self, refused: list[tuple[Operation, OperationError]]) -> None:
        if not refused:
            return

        def write(connection: Any) -> None:
            for operation, error in refused:
                relay_store.reject(connection, operation, error)

        await self.storage.write(write)

    def _trials(
        self, claim: Claim
    ) -> tuple[list[tuple[Operation, Trial]], list[tuple[Operation, OperationError]]]:
        """Encodes the calls; what cannot be encoded is refused."""
        trials: list[tuple[Operation, Trial]] = []
        refused: list[tuple[Operation, OperationError]] = []
        for operation in claim.operations:
            if claim.attempts[operation.id] >= _MOST_ATTEMPTS:
                text = f"the forwarder skipped the intent {_MOST_ATTEMPTS} times"
                refused.append((operation, OperationError("IntentSkipped", text)))
                continue
            try:
                if operation.data is not None:
                    data = bytes.fromhex(operation.data[2:])
                else:
                    data = self.contracts.encode(
                        operation.contract, operation.function, operation.arguments
                    )
                self.contracts.address(operation.contract)
            except (ArgumentsInvalid, UnknownContract) as error:
                refused.append((operation, OperationError(type(error).__name__, str(error))))
                continue
            gas = operation.gas if operation.signature is not None else None
            trials.append(
                (
                    operation,
                    Trial(operation.signer, operation.contract, operation.function, data, gas),
                )
            )
        return trials, refused

    def _choose(
        self,
        claim: Claim,
        trials: list[tuple[Operation, Trial]],
        nonces: dict[str, int],
        *,
        now: int,
        settled: bool,
    ) -> tuple[list[tuple[Operation, Trial]], list[tuple[Operation, OperationError]]]:
        """Splits tried intents into those to send, to refuse, and (left out) to try later.

        An intent that fails while an earlier one of its signer is on its way waits for that one,
        and so do the signer's later ones.
        """
        ready: list[tuple[Operation, Trial]] = []
        refused: list[tuple[Operation, OperationError]] = []
        waiting: set[str] = set()
        busy = set(claim.in_flight)
        expected = dict(nonces)
        for operation, trial in trials:
            signer = operation.signer
            if signer in waiting:
                continue
            if operation.signature is not None and not may_go_out(
                operation, expected=expected[signer], now=now, settled=settled
            ):
                problem = stale(operation, expected=expected[signer], now=now)
                if problem is not None and settled and not operation.custody:
                    refused.append((operation, problem))
                else:
                    waiting.add(signer)
                continue
            if trial.error is not None:
                if signer in busy:
                    waiting.add(signer)
                else:
                    refused.append((operation, error_of(trial.error)))
                continue
            ready.append((operation, trial))
            busy.add(signer)
            expected[signer] += 1
        until = time.monotonic() + 1.0
        for signer in waiting:
            self._blocked[signer] = until
        return ready, refused

    async def _index_is_at_head(self) -> bool:
        """Whether the tables know every block there is: only then is it sure that a signed intent
        whose nonce is used, or whose time is over, did not run."""
        head = await self.rpc.call("eth_blockNumber")
        at = await self.storage.read(read_checkpoint)
        return at is not None and at.block_number >= int(head, 16)

    async def _sign(
        self,
        ready: list[tuple[Operation, Trial]],
        nonces: dict[str, int],
        *,
        now: int,
        refused: list[tuple[Operation, OperationError]],
    ) -> list[tuple[Operation, Intent, bytes]]:
        """Signs custody intents with their nonces; wallets' intents have their signature."""
        signed: list[tuple[Operation, Intent, bytes]] = []
        following = dict(nonces)
        deadline = max(now, int(time.time())) + self.settings.intent_seconds
        for operation, trial in ready:
            signer = operation.signer
            intent = Intent(
                signer=signer,
                target=self.contracts.address(operation.contract),
                data=trial.data,
                gas=trial.gas or 0,
                nonce=following[signer],
                deadline=operation.deadline if operation.signature else deadline,  # type: ignore[arg-type]
                target_contract=operation.contract,
            )
            if operation.signature is not None:
                signature = bytes.fromhex(operation.signature[2:])
            else:
                try:
                    key = self.keystore.cached(signer)
                    if key is None:
                        key = await asyncio.to_thread(self.keystore.signer, signer)
                except (KeyUnknown, PasswordWrong) as error:
                    text = f"the gateway cannot sign for {signer}"
                    refused.append((operation, OperationError(type(error).__name__, text)))
                    continue
                signature = key.sign_hash(forward_request_digest(self.domain, intent))
            following[signer] += 1
            signed.append((operation, intent, signature))
        return signed
