"""One seed gives virtual time, and everything else that would differ from run to run.

The event loop jumps from timer to timer; nothing waits for real. Inside `determined`, clocks,
randomness and threads of the process under simulation belong to the loop and the seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any
from unittest.mock import patch

EPOCH = 1_780_000_000
# How many seconds the clock of the process that runs at this moment is wrong.
CLOCK_ERROR: ContextVar[Callable[[], float]] = ContextVar("clock_error", default=lambda: 0.0)


_MAX_TURNS = 1_500_000  # of the loop; a usual run takes some thousands


class Deadlock(Exception):
    """Nothing is ready and nothing is scheduled, or the run does not come to an end."""


class _Jump:
    """Stands in for a selector: waiting moves the clock."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        self._loop.turns += 1
        if timeout is None:
            raise Deadlock("nothing is scheduled")
        if self._loop.turns > _MAX_TURNS:
            raise Deadlock(f"no end after {self._loop.now:.0f} simulated seconds")
        if timeout > 0:
            self._loop.now += timeout
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """An event loop whose time is a number. Work for other threads is done at once, in order."""

    def __init__(self) -> None:
        self.now = 0.0
        self.turns = 0
        super().__init__()
        self._selector = _Jump(self)

    def time(self) -> float:
        """Seconds since the start of the run."""
        return self.now

    def _process_events(self, _events: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    def run_in_executor(  # type: ignore[override]
        self, _executor: Any, function: Callable[..., Any], *arguments: Any
    ) -> asyncio.Future[Any]:
        """Runs the function in the loop, a moment later."""
        future = self.create_future()

        def work() -> None:
            if future.cancelled():
                return
            try:
                result = function(*arguments)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        self.call_later(0.0005, work)
        return future


async def _to_thread(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    await asyncio.sleep(0)
    return function(*arguments, **named)


@contextlib.contextmanager
def determined(loop: VirtualLoop, seed: str) -> Iterator[None]:
    """Until the end of the block, loop and seed decide clocks, randomness and threads."""
    source = random.Random(f"{seed}/system")

    def wall() -> float:
        return EPOCH + loop.now + CLOCK_ERROR.get()()

    def token_bytes(count: int | None = None) -> bytes:
        return source.randbytes(32 if count is None else count)

    replaced = (
        patch.object(time, "time", wall),
        patch.object(time, "time_ns", lambda: int(wall() * 1_000_000_000)),
        patch.object(time, "monotonic", loop.time),
        patch.object(time, "perf_counter", loop.time),
        patch.object(os, "urandom", source.randbytes),
        patch.object(secrets, "token_bytes", token_bytes),
        patch.object(secrets, "randbits", source.getrandbits),
        patch.object(secrets, "randbelow", source.randrange),
        patch.object(secrets, "choice", source.choice),
        patch.object(asyncio, "to_thread", _to_thread),
    )
    with contextlib.ExitStack() as stack:
        for item in replaced:
            stack.enter_context(item)
        yield
