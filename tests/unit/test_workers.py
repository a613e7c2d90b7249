"""Pools of threads: no caller fills one, not even with jobs for which it waits no longer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from app.errors import Unavailable
from app.gateway.workers import Workers
from app.storage.turns import acting_as


def with_pool(
    test: Callable[[Workers, threading.Event], Awaitable[None]],
    *,
    threads: int,
    queue: int,
    each: int | None = None,
) -> None:
    """Runs a test with a pool whose hanging jobs end with it."""

    async def main() -> None:
        workers, over = (
            Workers("lookup", threads=threads, queue=queue, each=each),
            threading.Event(),
        )
        try:
            await test(workers, over)
        finally:
            over.set()
            workers.close()

    asyncio.run(main())


async def given_up(workers: Workers, over: threading.Event, *, caller: str) -> None:
    """A job of a caller that hangs, or waits for its turn; the caller gives up on it."""
    with acting_as(caller):
        job = asyncio.create_task(workers.run(over.wait, 60))
    await asyncio.sleep(0.05)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job


async def idle(workers: Workers) -> None:
    """Waits until the pool has no job."""
    async with asyncio.timeout(30):
        while workers.jobs:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(("each", "hanging"), [(None, 2), (1, 1), (3, 3)])
def test_caller_that_gives_up_on_jobs_that_hang_leaves_threads_to_others(
    each: int | None, hanging: int
) -> None:
    async def test(workers: Workers, over: threading.Event) -> None:
        for _ in range(6):
            await given_up(workers, over, caller="one")
        assert workers.jobs == hanging
        with acting_as("other"):
            assert await workers.run(lambda: "other work") == "other work"
        over.set()
        with acting_as("one"):
            assert await workers.run(lambda: "own work") == "own work", "its places are free again"
        await idle(workers)

    with_pool(test, threads=4, queue=8, each=each)


def test_job_that_nobody_waits_for_takes_a_place_of_the_pool_until_its_thread_is_free() -> None:
    async def test(workers: Workers, over: threading.Event) -> None:
        runs = threading.Event()

        def hang() -> None:
            runs.set()
            over.wait(60)

        job = asyncio.create_task(workers.run(hang))
        assert await asyncio.to_thread(runs.wait, 60)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        with pytest.raises(Unavailable):
            await workers.run(lambda: "own work of the gateway")
        over.set()
        await idle(workers)
        assert await workers.run(lambda: "own work of the gateway") == "own work of the gateway"

    with_pool(test, threads=1, queue=0)


def test_job_that_waits_for_a_thread_and_is_given_up_never_runs() -> None:
    async def test(workers: Workers, over: threading.Event) -> None:
        first = asyncio.create_task(workers.run(over.wait, 60))
        await asyncio.sleep(0.05)
        ran = threading.Event()
        second = asyncio.create_task(workers.run(ran.set))
        await asyncio.sleep(0.05)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        over.set()
        assert await first
        assert await workers.run(lambda: "third") == "third"
        assert not ran.is_set()

    with_pool(test, threads=1, queue=2)
