"""Periodic tasks of the gateway's own work, each of which goes on whatever one of its rounds meets.

A round that fails is logged with its task's name and comes again, after pauses that grow. Within a
round, an item that fails ends neither the round nor the other items, and is left alone for a while.
How each task stands is in `/readyz`.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import time
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterator
from typing import Any, Literal

import structlog

from app.chain.evm.rpc import ChainError, NodeUnreachable
from app.chain.evm.signers import PasswordWrong
from app.errors import Unavailable
from app.outage import Outage
from app.storage import StorageError, StorageFull, StorageUnavailable, WritesCollided
from app.storage.sealing import SealBroken

State = Literal["working", "failing", "ended"]
MANY = 3  # failed rounds in a row after which a task counts as failing
MAX_PAUSE = 30.0  # seconds between two rounds, unless the task's own are longer
FIRST_ITEM_PAUSE, MAX_ITEM_PAUSE = 60.0, 3_600.0  # seconds; each pause is four times the one before
_ITEM_PAUSE_GROWS = 4
_KNOWN = (StorageError, SealBroken, PasswordWrong, Unavailable, ChainError)
# What hits every item alike: the round ends, and its failure counts.
_COMMON = (StorageFull, StorageUnavailable, WritesCollided, Unavailable, NodeUnreachable)
log = structlog.get_logger(__name__)


class OwnTask:
    """How one task stands.

    Attributes:
        failures: rounds in a row that failed.
        since: UTC seconds of the first of them.
        error: kind of the last failure; the log has the rest.
    """

    def __init__(self) -> None:
        self.failures = 0
        self.since = 0.0
        self.error: str | None = None
        self.task: asyncio.Task[None] | None = None

    @property
    def state(self) -> State:
        """Whether the task still runs, and whether its rounds fail again and again."""
        if self.task is not None and self.task.done():
            return "ended"
        return "failing" if self.failures >= MANY else "working"

    def note(self, outage: Outage, error: Exception | None) -> None:
        """Takes over the outcome of a round."""
        self.failures, self.since = outage.failures, outage.since
        self.error = None if error is None else type(error).__name__


_CURRENT: contextvars.ContextVar[OwnTask | None] = contextvars.ContextVar("own_task", default=None)


class OwnTasks:
    """The tasks of one gateway, by name."""

    def __init__(self) -> None:
        self.tasks: dict[str, OwnTask] = {}

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Starts a task that runs until it is cancelled."""
        own = self.tasks[name] = OwnTask()
        context = contextvars.copy_context()
        context.run(_CURRENT.set, own)
        own.task = asyncio.create_task(_watched(work, own, name=name), name=name, context=context)

    async def end(self) -> None:
        """Cancels all tasks and waits for them."""
        running = [own.task for own in self.tasks.values() if own.task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _watched(work: Coroutine[Any, Any, None], own: OwnTask, *, name: str) -> None:
    """Logs the end of a task that should not have ended."""
    try:
        await work
    except Exception as error:
        own.error = type(error).__name__
        log.exception("own_work.ended", task=name)
    else:
        log.error("own_work.ended", task=name)


async def repeated(
    step: Callable[[], Awaitable[None]], *, every: float, log: Any, name: str
) -> None:
    """Takes a step every so many seconds until it is cancelled; a failed step comes again.

    The store logs its own outages; any other failure is logged once until it is over, with its
    trace if it is none of those that a store or a node causes.
    """
    outage, own = Outage(log, name), _CURRENT.get() or OwnTask()
    while True:
        failure: Exception | None = None
        try:
            await step()
            outage.over()
        except Exception as error:
            failure = error
            logged = isinstance(error, StorageFull | StorageUnavailable)
            outage.failed(error, known=isinstance(error, _KNOWN), logged=logged)
        own.note(outage, failure)
        await asyncio.sleep(max(every, min(MAX_PAUSE, every * 2 ** min(outage.failures, 10))))


class Items:
    """Independent items of a task: what is wrong with one of them does not end the others.

    Args:
        name: first word of the event `<name>.item_failed`.
    """

    def __init__(self, log: Any, name: str) -> None:
        self._log = log
        self._name = name
        self._failed: dict[Hashable, tuple[int, float]] = {}

    def paused(self) -> frozenset[Hashable]:
        """The items that failed and are left alone for a while."""
        now = time.monotonic()
        return frozenset(key for key, (_, until) in self._failed.items() if until > now)

    @contextlib.contextmanager
    def attempt(self, key: Hashable) -> Iterator[None]:
        """Works on an item; its failure is logged, and later failures come after longer pauses.

        Raises:
            StorageError, Unavailable, NodeUnreachable: every item would fail; the round ends.
        """
        try:
            yield
        except _COMMON:
            raise
        except Exception:
            failures = self._failed.get(key, (0, 0.0))[0] + 1
            pause = min(FIRST_ITEM_PAUSE * _ITEM_PAUSE_GROWS ** (failures - 1), MAX_ITEM_PAUSE)
            self._failed[key] = (failures, time.monotonic() + pause)
            self._log.exception(f"{self._name}.item_failed", item=str(key))
        else:
            self._failed.pop(key, None)
