"""For whom work is done, and how much of a pool one caller may take at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass

# The party (or other caller) behind the request of this task; None: the gateway itself.
acting: ContextVar[str | None] = ContextVar("acting", default=None)


@dataclass
class _Seats:
    semaphore: asyncio.Semaphore
    users: int = 0


class Turns:
    """Lets each caller have so many jobs in a pool at once; its further jobs wait for its own.

    The gateway's own work (relayer, indexer) is never held back.
    """

    def __init__(self, each: int) -> None:
        if each < 1:
            raise ValueError("turns: each caller needs one at least")
        self._each = each
        self._seats: dict[tuple[int, str], _Seats] = {}

    def waiting(self, owner: str) -> int:
        """How many jobs of this caller run or wait in this event loop."""
        seats = self._seats.get((id(asyncio.get_running_loop()), owner))
        return 0 if seats is None else seats.users

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits until the caller behind this task may run one more job."""
        owner = acting.get()
        if owner is None:
            yield
            return
        mark = (id(asyncio.get_running_loop()), owner)
        seats = self._seats.get(mark)
        if seats is None:
            seats = self._seats[mark] = _Seats(asyncio.Semaphore(self._each))
        seats.users += 1
        try:
            async with seats.semaphore:
                yield
        finally:
            seats.users -= 1
            if not seats.users:
                self._seats.pop(mark, None)
