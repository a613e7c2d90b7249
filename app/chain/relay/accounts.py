"""Upkeep of the relay accounts: leases, resending, fee bumps, nonce gaps, drift.

A node may forget transactions, so a stored transaction that is in no block is sent again. A
node may also lag. An account's nonce counts as used only if it is used at the index's block, which
the index has verified, so a lagging replica's answer undoes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from typing import Any

import structlog

from app.chain.evm.rpc import JsonRpc, RpcError
from app.chain.evm.signers import Signer
from app.chain.evm.transactions import Transaction, read_raw
from app.chain.index.recording import put_back_strays
from app.chain.outbox.nonces import unreconciled
from app.chain.relay import settling as relay_settling
from app.chain.relay import slots as relay_slots
from app.chain.relay import store as relay_store
from app.chain.relay.batch import RelayerSettings
from app.chain.relay.slots import Slot
from app.storage import RowConflict, Storage
from app.storage.checkpoint import Checkpoint

log = structlog.get_logger(__name__)
_KNOWN = ("already known", "already imported", "known transaction", "nonce too low", "same hash")
_UNDERPRICED = ("underpriced", "less than block base fee", "fee too low", "gas price too low")
_PRICE_AGE = 2.0
_FILL_GAS = 21_000


class Sent(Enum):
    """The node's answer to a raw transaction."""

    TAKEN = "taken"  # or already known
    UNDERPRICED = "underpriced"
    REFUSED = "refused"  # for another reason, such as an empty account


async def send(rpc: JsonRpc, raw: str) -> Sent:
    """Sends stored bytes. They stay stored whatever the node answers, and are sent again.

    Raises:
        NodeUnreachable.
    """
    try:
        await rpc.call("eth_sendRawTransaction", raw)
    except RpcError as error:
        text = error.message.lower()
        if any(words in text for words in _KNOWN):
            return Sent.TAKEN
        log.warning("relayer.refused", error=error.message, code=error.code)
        cheap = any(words in text for words in _UNDERPRICED)
        return Sent.UNDERPRICED if cheap else Sent.REFUSED
    return Sent.TAKEN


class Upkeep:
    """Regular work on one gateway's relay accounts."""

    def __init__(
        self,
        *,
        storage: Storage,
        rpc: JsonRpc,
        accounts: Mapping[str, Signer],
        chain_id: int,
        me: str,
        settings: RelayerSettings,
        on_sent: Callable[[], None],
    ) -> None:
        self.storage = storage
        self.rpc = rpc
        self.accounts = accounts
        self.chain_id = chain_id
        self.me = me
        self.settings = settings
        self.on_sent = on_sent
        self._owned: list[str] = []
        self._leased_at = float("-inf")
        self._checked_at = float("-inf")
        self._started = False
        self._price = 0
        self._priced_at = float("-inf")
        self._missing: dict[tuple[str, int], float] = {}

    async def owned(self) -> list[str]:
        """Addresses of the relay accounts that this gateway holds now."""
        return self._owned

    async def gas_price(self) -> int:
        """Wei to offer for a unit of gas: a quarter above the node's price, at most the ceiling."""
        if time.monotonic() - self._priced_at > _PRICE_AGE:
            suggested = int(await self.rpc.call("eth_gasPrice"), 16) * 5 // 4
            if suggested > self.settings.fee_ceiling:
                log.warning(
                    "relayer.fee_ceiling", suggested=suggested, ceiling=self.settings.fee_ceiling
                )
            self._price = min(suggested, self.settings.fee_ceiling)
            self._priced_at = time.monotonic()
        return self._price

    async def run_when_due(self) -> None:
        """Renews leases and checks stored transactions, each when it is due."""
        now = time.monotonic()
        if not self._started:
            await self._start()
        if now - self._leased_at > self.settings.lease / 3:
            await self._lease()
            self._leased_at = now
        if now - self._checked_at > self.settings.resend_after:
            await self._check(first=self._checked_at == float("-inf"))
            self._checked_at = now

    async def _start(self) -> None:
        """Registers the accounts; on SQLite no other gateway holds any, so all are freed."""
        on_chain = await self._nonces(list(self.accounts))

        def write(connection: Any) -> None:
            for address, nonce in on_chain.items():
                relay_store.add_account(connection, address=address, on_chain=nonce)
            put_back_strays(connection)
            if connection.dialect.name == "sqlite":
                relay_store.release_all(connection)

        await self.storage.write(write)
        self._started = True

    async def _lease(self) -> None:
        leased = await self.storage.write(
            partial(
                relay_store.lease_accounts,
                me=self.me,
                accounts=list(self.accounts),
                seconds=self.settings.lease,
            )
        )
        self._owned = list(leased)

    async def _nonces(self, addresses: list[str], *, tag: str = "latest") -> dict[str, int]:
        answers = await self.rpc.batch(
            [("eth_getTransactionCount", [address, tag]) for address in addresses]
        )
        nonces = {}
        for address, answer in zip(addresses, answers, strict=True):
            if isinstance(answer, RpcError):
                raise answer
            nonces[address] = int(answer, 16)
        return nonces

    async def _check(self, *, first: bool) -> None:
        if not self._owned or await self.storage.read(unreconciled) > 0:
            return
        if await self.storage.read(relay_settling.may_settle):
            await self.storage.write(relay_settling.settle)
        on_chain = await self._nonces(self._owned)
        for address in self._owned:
            slots, following, at = await self.storage.read(
                partial(relay_slots.account_state, account=address)
            )
            used = None if at is None else await self._used(address, at)
            if at is not None and used is not None:
                await self._repair(address, used, slots, following)
                await self._give_up(address, used, at, slots)
            await self._resend(max(on_chain[address], used or 0), slots, first=first)

    async def _used(self, address: str, at: Checkpoint) -> int | None:
        """The account's next nonce at block `at`; None if the node has another block there."""
        header, count = await self.rpc.batch(
            [
                ("eth_getBlockByNumber", [hex(at.block_number), False]),
                ("eth_getTransactionCount", [address, hex(at.block_number)]),
            ]
        )
        if not isinstance(header, dict) or header.get("hash") != at.block_hash:
            return None
        return int(count, 16) if isinstance(count, str) else None

    async def _repair(self, address: str, used: int, slots: list[Slot], following: int) -> None:
        """Repairs drift (the chain is ahead of the store) and gaps (a nonce that nothing fills)."""
        if used > following:
            log.warning("relayer.drift", account=address, stored=following, chain=used)
            await self.storage.write(
                partial(relay_store.add_account, address=address, on_chain=used)
            )
        held = {slot.nonce for slot in slots}
        for nonce in range(used, following):
            if nonce not in held and await self._is_gap(address, nonce):
                log.warning("relayer.gap", account=address, nonce=nonce)
                await self._fill(address, nonce)

    async def _give_up(self, address: str, used: int, at: Checkpoint, slots: list[Slot]) -> None:
        """Gives up nonces that the chain used for a transaction that is not ours.

        The slots were read together with `at`. Had a block up to `at` held one of their
        transactions, the index would have closed the slot.
        """
        for nonce in sorted({slot.nonce for slot in slots if slot.nonce < used}):
            log.warning("relayer.nonce_taken", account=address, nonce=nonce)
            await self.storage.write(
                partial(relay_slots.give_up_slot, account=address, nonce=nonce, at=at)
            )

    async def _is_gap(self, address: str, nonce: int) -> bool:
        """Whether the nonce was missing `resend_after` ago too: the indexer may be at work."""
        missing_since = self._missing.setdefault((address, nonce), time.monotonic())
        return time.monotonic() - missing_since >= self.settings.resend_after

    async def _fill(self, address: str, nonce: int) -> None:
        """Uses up a nonce with an empty transaction from the account to itself."""
        transaction = Transaction(
            nonce=nonce,
            gas_price=await self.gas_price(),
            gas_limit=_FILL_GAS,
            to=address,
            data=b"",
            chain_id=self.chain_id,
        )
        attempts = await self.storage.read(
            partial(relay_slots.attempts, account=address, nonce=nonce)
        )
        raw, hash_ = transaction.sign(self.accounts[address])
        slot = Slot(address, nonce, attempts, hash_, raw, transaction.gas_price, time.time())
        await self._store_and_send(slot, transaction)

    async def _resend(self, passed: int, slots: list[Slot], *, first: bool) -> None:
        """Sends stored transactions again; below nonce `passed` the index finds the outcome."""
        now, latest = time.time(), {slot.nonce: slot for slot in slots}
        for slot in latest.values():
            age = now - slot.created_at
            if not first and age < self.settings.resend_after:
                continue
            if slot.nonce < passed:
                self.on_sent()
                continue
            answer = await send(self.rpc, slot.raw)
            self.on_sent()
            if answer is Sent.UNDERPRICED or (
                answer is Sent.TAKEN and age > self.settings.bump_after
            ):
                await self._bump(slot)

    async def _bump(self, slot: Slot) -> None:
        """Sends the same call with the same nonce for at least an eighth more, up to the ceiling.

        A transaction at the ceiling stays as it is and is sent again until fees fall.
        """
        transaction = read_raw(slot.raw, chain_id=self.chain_id)
        price = max(transaction.gas_price * 9 // 8 + 1, await self.gas_price())
        if price > self.settings.fee_ceiling:
            log.warning("relayer.fee_ceiling", account=slot.account, nonce=slot.nonce, price=price)
            return
        transaction = transaction.with_price(price)
        raw, hash_ = transaction.sign(self.accounts[slot.account])
        log.info("relayer.bump", account=slot.account, nonce=slot.nonce, gas_price=price)
        replacement = Slot(
            slot.account, slot.nonce, slot.attempt + 1, hash_, raw, price, time.time()
        )
        await self._store_and_send(replacement, transaction)

    async def _store_and_send(self, slot: Slot, transaction: Transaction) -> None:
        try:
            await self.storage.write(
                partial(relay_slots.replace_attempt, slot=slot, gas_limit=transaction.gas_limit)
            )
        except RowConflict:  # another check of the same transaction stored it
            return
        await send(self.rpc, slot.raw)
        self.on_sent()
