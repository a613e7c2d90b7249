"""Heavy work in bounded thread pools, shared fairly: no caller can fill one.

No thread can be stopped. So a job has its place until its thread is free, even if nobody waits for
it any more: a caller whose jobs hang cannot begin others by giving up on them.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from app.domain.texts import say
from app.errors import TooManyRequests, Unavailable
from app.storage.turns import Turns, acting

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
_RETRY_SECONDS = 5


class Workers:
    """One pool of threads for one kind of work.

    Args:
        name: names the kind of work in errors, for example `pdf`.
        threads: jobs at the same time.
        each: how many of them one caller has at most; None: half of them, and at least one.
        queue: jobs that may wait, of all callers together. One caller has at most half of the
            places.
    """

    def __init__(self, name: str, *, threads: int, queue: int, each: int | None = None) -> None:
        self.name = name
        self._places = threads + queue
        self._each = max(1, self._places // 2)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"workers-{name}")
        self._turns = Turns(each or max(1, threads // 2))
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
                say(
                    "this caller already has {each} jobs of the kind {name} waiting",
                    each=self._each,
                    name=self.name,
                ),
                name="too-many-at-once",
                fix="wait for their answers, then send the request again",
                retryAfter=_RETRY_SECONDS,
            )
        if self.jobs >= self._places:
            raise Unavailable(
                say(
                    "{places} jobs of the kind {name} are waiting already",
                    places=self._places,
                    name=self.name,
                ),
                name="busy",
                fix=say("try again in {retry_seconds} seconds", retry_seconds=_RETRY_SECONDS),
                retryAfter=_RETRY_SECONDS,
            )
        self.jobs += 1
        try:
            end_turn = await self._turns.begin()
        except BaseException:
            self.jobs -= 1
            raise
        loop = asyncio.get_running_loop()

        def end() -> None:
            self.jobs -= 1
            end_turn()

        def ended(_: Future[Result]) -> None:
            # The loop may have closed while the thread went on.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(end)

        try:
            call = partial(contextvars.copy_context().run, function, *args, **kwargs)
            job = self._pool.submit(call)
        except BaseException:  # the pool is closed
            end()
            raise
        job.add_done_callback(ended)
        return await asyncio.wrap_future(job)

    def close(self) -> None:
        """Ends the pool; jobs that have not begun are dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
