"""A node that disagrees with itself, limits the rate, mixes up answers: each command runs once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from app.chain.evm.signers import LocalSigner
from app.chain.relay.batch import RelayerSettings
from tests.support.fault_proxy import BLOCK_READS, STATE_READS, FaultProxy
from tests.support.harness import Anvil, Ledger, ledger_on

# Short times, so that the relayer reacts to each fault at once.
HASTY = RelayerSettings(resend_after=0.2, bump_after=1.0)


class Behind:
    """Stands for a node that is reached through a proxy."""

    def __init__(self, url: str) -> None:
        self.url = url


@contextlib.asynccontextmanager
async def ledger_behind(
    node: Anvil, storage_url: str, *, seed: int = 1
) -> AsyncIterator[tuple[Ledger, FaultProxy]]:
    async with FaultProxy(node.url, seed=seed) as proxy:
        behind: Anvil = Behind(proxy.url)  # type: ignore[assignment]
        async with ledger_on(behind, storage_url, relaying=HASTY) as ledger:
            yield ledger, proxy


async def run_each(
    ledger: Ledger, signers: list[LocalSigner], *, count: int, pause: float
) -> list[int]:
    """Sends 1, 2, 3 … to the issuer; returns the amounts that arrived."""
    waiting = []
    for number in range(count):
        signer = signers[number % len(signers)]
        waiting.append(
            await ledger.enqueue(signer, "transfer", [ledger.issuer.address, number + 1])
        )
        await asyncio.sleep(pause)
    done = [await ledger.operations.wait(operation.id, 60) for operation in waiting]
    assert [operation.error for operation in done] == [None] * count
    assert {operation.state for operation in done} == {"final"}
    rows = ledger.rows(
        f"SELECT amount FROM cash_transfers WHERE to_account = '{ledger.issuer.address}' "
        "ORDER BY amount"
    )
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    "methods",
    [BLOCK_READS, BLOCK_READS - {"eth_blockNumber"}, frozenset(("eth_getTransactionReceipt",))],
    ids=["block and receipt reads", "all but the head's number", "receipts"],
)
def test_operations_run_once_when_replicas_hang_for_ten_seconds(
    node: Anvil, storage_url: str, methods: frozenset[str]
) -> None:
    """Calls, counts and sends are current: the nonce is used, no transaction receipt shows it."""

    async def main() -> None:
        async with ledger_behind(node, storage_url) as (ledger, proxy):
            users = [await ledger.rich(1000) for _ in range(4)]
            seconds = 10 if methods == BLOCK_READS else 3
            async with proxy.frozen(seconds, methods=methods):
                arrived = await run_each(ledger, users, count=20, pause=seconds / 25)
            assert arrived == list(range(1, 21))
            assert [await ledger.balance(ledger.issuer.address)] == [sum(arrived)]

    asyncio.run(main())


def limits(proxy: FaultProxy) -> None:
    proxy.rate_limited = 0.2


def mixes_up(proxy: FaultProxy) -> None:
    proxy.wrong_ids = 0.2


def lags(proxy: FaultProxy) -> None:
    proxy.lag, proxy.lagging = 3, 0.4


def disagrees(proxy: FaultProxy) -> None:
    """Calls as of some blocks ago, everything else current."""
    proxy.lag, proxy.lagging, proxy.lagging_reads = 3, 0.4, STATE_READS


def loses(proxy: FaultProxy) -> None:
    proxy.dropped, proxy.lost_answers = 0.1, 0.1


@pytest.mark.parametrize("fault", [limits, mixes_up, lags, disagrees, loses])
def test_operations_run_exactly_once_through_passing_node_faults(
    node: Anvil, storage_url: str, fault: Callable[[FaultProxy], None]
) -> None:
    """Each sender has money only since the block before: a replica that lags says it has none."""

    async def main() -> None:
        async with ledger_behind(node, storage_url) as (ledger, proxy):
            users = [ledger.user() for _ in range(120)]
            mints = [await ledger.enqueue(ledger.issuer, "mint", [u.address, 200]) for u in users]
            sends = []
            fault(proxy)
            for number, (user, mint) in enumerate(zip(users, mints, strict=True)):
                sends.append(
                    await ledger.enqueue(
                        user, "transfer", [ledger.issuer.address, number + 1], after=[mint.id]
                    )
                )
            done = [await ledger.operations.wait(send.id, 90) for send in sends]
            assert [operation.error for operation in done] == [None] * 120
            assert {operation.state for operation in done} == {"final"}
            struck = proxy.counts.total()
            assert struck > 5, proxy.counts
            rows = ledger.rows(
                f"SELECT amount FROM cash_transfers WHERE to_account = '{ledger.issuer.address}' "
                "ORDER BY amount"
            )
            assert [row[0] for row in rows] == list(range(1, 121))

    asyncio.run(main())


def test_reverting_operation_is_rejected_through_node_faults(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_behind(node, storage_url) as (ledger, proxy):
            user = await ledger.rich(10)
            proxy.rate_limited, proxy.lag, proxy.lagging = 0.2, 2, 0.3
            refused = await ledger.do(user, "transfer", ledger.issuer.address, 11, timeout=60)
            assert refused.error is not None
            assert refused.error.name == "ERC20InsufficientBalance"

    asyncio.run(main())
