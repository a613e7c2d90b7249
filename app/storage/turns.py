"""Limits how many jobs of a pool one caller may run at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass

# The party (or other caller) that made this task's request; None: the gateway itself.
acting: ContextVar[str | None] = ContextVar("acting", default=None)


@contextlib.contextmanager
def acting_as(caller: str) -> Iterator[None]:
    """Lets what the gateway does for a caller take that caller's turns."""
    token = acting.set(caller)
    try:
        yield
    finally:
        acting.reset(token)


@dataclass
class _Seats:
    semaphore: asyncio.Semaphore
    users: int = 0


class Turns:
    """Lets each caller run `limit` jobs in a pool at once; its other jobs wait for those.

    The gateway's own work (relayer, indexer) never waits here.
    """

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError(f"turns: the limit is {limit}, it must be at least 1")
        self._limit = limit
        self._seats: dict[tuple[int, str], _Seats] = {}

    def waiting(self, owner: str) -> int:
        """Number of this caller's jobs that run or wait in this event loop."""
        seats = self._seats.get((id(asyncio.get_running_loop()), owner))
        return 0 if seats is None else seats.users

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits until this task's caller may run one more job."""
        end = await self.begin()
        try:
            yield
        finally:
            end()

    async def begin(self) -> Callable[[], None]:
        """As `turn`, for a job that may outlast its task: returns what ends the turn, once."""
        owner = acting.get()
        if owner is None:
            return lambda: None
        mark = (id(asyncio.get_running_loop()), owner)
        seats = self._seats.get(mark)
        if seats is None:
            seats = self._seats[mark] = _Seats(asyncio.Semaphore(self._limit))
        seats.users += 1
        try:
            await seats.semaphore.acquire()
        except BaseException:
            self._leave(mark, seats)
            raise

        def end() -> None:
            seats.semaphore.release()
            self._leave(mark, seats)

        return end

    def _leave(self, mark: tuple[int, str], seats: _Seats) -> None:
        seats.users -= 1
        if not seats.users:
            self._seats.pop(mark, None)
