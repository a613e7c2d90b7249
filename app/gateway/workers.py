"""Heavy work in bounded thread pools, shared fairly: no caller can fill one."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from app.errors import TooManyRequests, Unavailable
from app.storage.turns import Turns, acting

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
_RETRY_SECONDS = 5


class Workers:
    """One pool of threads for one kind of work.

    Args:
        name: names the kind of work in errors, for example `pdf`.
        threads: jobs at the same time. One caller has at most half of them, and at least one.
        queue: jobs that may wait, of all callers together. One caller has at most half of the
            places.
    """

    def __init__(self, name: str, *, threads: int, queue: int) -> None:
        self.name = name
        self._places = threads + queue
        self._each = max(1, self._places // 2)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"workers-{name}")
        self._turns = Turns(max(1, threads // 2))
        self.jobs = 0

    async def run(
        self,
        function: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Runs `function` in the pool when its turn has come.

        Raises:
            TooManyRequests: this caller has too many jobs waiting here.
            Unavailable: the pool's queue is full.
        """
        owner = acting.get()
        if owner is not None and self._turns.waiting(owner) >= self._each:
            raise TooManyRequests(
                f"this caller already has {self._each} jobs of the kind {self.name} waiting",
                name="too-many-at-once",
                fix="wait for their answers, then send the request again",
                retryAfter=_RETRY_SECONDS,
            )
        if self.jobs >= self._places:
            raise Unavailable(
                f"{self._places} jobs of the kind {self.name} are waiting already",
                name="busy",
                fix=f"try again in {_RETRY_SECONDS} seconds",
                retryAfter=_RETRY_SECONDS,
            )
        self.jobs += 1
        try:
            async with self._turns.turn():
                call = partial(contextvars.copy_context().run, function, *args, **kwargs)
                return await asyncio.get_running_loop().run_in_executor(self._pool, call)
        finally:
            self.jobs -= 1

    def close(self) -> None:
        """Ends the pool; jobs that have not begun are dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
