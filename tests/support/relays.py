"""Relayers in tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from app.chain.outbox.outbox import Operation
from tests.support.cash_ledger import CASH, send
from tests.support.harness import Anvil, Ledger


def counter(operation: Operation) -> int:
    """The signer's part of the nonce."""
    assert operation.nonce is not None
    return operation.nonce & (2**64 - 1)


@contextlib.asynccontextmanager
async def at_work(ledger: Ledger) -> AsyncIterator[None]:
    """Relayer and indexer of a ledger that was opened with `start=False`."""
    tasks = [
        asyncio.create_task(ledger.indexer.run()),
        asyncio.create_task(ledger.relayer.run()),
    ]
    try:
        yield
    finally:
        await ledger.relayer.stop()
        await ledger.indexer.stop()
        await asyncio.gather(*tasks)


async def give(ledger: Ledger, node: Anvil, to: str, amount: int) -> None:
    """Mints money without the relayer."""
    node.ask("anvil_setBalance", ledger.issuer.address, hex(10**20))
    data = ledger.contracts.encode(CASH, "mint", [to, amount])
    await send(ledger.rpc, ledger.issuer, to=ledger.contracts.address(CASH), data=data)
