"""One gateway as a process: started as `cession serve` starts it, killed as kill -9 kills it."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from app.chain.evm.rpc import ChainError
from app.chain.outbox import operation
from app.gateway.gateway import Gateway
from app.opening import open_gateway
from app.storage import StorageError
from tests.simulation.clock import CLOCK_ERROR

if TYPE_CHECKING:
    from tests.simulation.disk import SimulatedStorage
    from tests.simulation.world import World

Result = TypeVar("Result")
PROCESS: contextvars.ContextVar[Process | None] = contextvars.ContextVar("process", default=None)


class ProcessDied(BaseException):
    """Ends the process; no code of the process may catch this."""


class ConnectionLost(Exception):
    """The gateway that was asked has ended, or has not started yet."""


class Process:
    """A gateway's process, which is started again and again."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.dead = True
        self.starts = 0
        self.clock_error = 0.0
        self.gateway: Gateway | None = None
        self.storages: list[SimulatedStorage] = []
        self.said: str | None = None  # why it stopped by itself
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stop = asyncio.Event()
        self._main: asyncio.Task[Any] | None = None

    def require_alive(self) -> None:
        """Checks that the process lives.

        Raises:
            ProcessDied: code of a process that was killed reaches the outside.
        """
        if self.dead:
            raise ProcessDied(self.name)

    def spawn(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Starts a task that belongs to the process, as do all that it starts."""
        context = contextvars.copy_context()
        context.run(PROCESS.set, self)
        context.run(CLOCK_ERROR.set, lambda: self.clock_error)
        return self.world.loop.create_task(work, context=context)

    def own(self, task: asyncio.Task[Any]) -> None:
        """Notes a task that dies with the process."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- life

    def start(self) -> None:
        """Starts the process."""
        if not self.dead:
            return
        self.dead, self.starts = False, self.starts + 1
        operation._stamps = operation._Stamps()
        self._stop = asyncio.Event()
        self.world.trace("start", self.name)
        self._main = self.spawn(self._run(self._stop))

    async def _run(self, stop: asyncio.Event) -> None:
        try:
            async with open_gateway(**self.world.gateway_arguments()) as gateway:
                self.gateway = gateway
                await stop.wait()
        except (ChainError, StorageError, TimeoutError) as error:
            self.world.trace("failed", self.name, type(error).__name__)
        except Exception as error:  # as the process would end, with this as its last words
            self.world.trace("failed", self.name, type(error).__name__)
            self.said = f"{type(error).__name__}: {error}"
        self.gateway = None
        if not self.dead:
            self.kill("ended")

    async def end(self) -> None:
        """Ends the process as SIGTERM does."""
        self._stop.set()
        if self._main is not None:
            await asyncio.wait([self._main], timeout=120)

    def kill(self, reason: str) -> None:
        """Ends the process at once; unwritten data is lost."""
        if self.dead:
            return
        self.dead, self.gateway = True, None
        self.world.trace("death", self.name, reason)
        self.world.process_died(self)
        storages, self.storages = self.storages, []
        tasks = [task for task in self._tasks if not task.done()]

        def clear() -> None:
            for task in tasks:
                task.cancel()
            for storage in storages:
                storage.kill()

        self.world.loop.call_soon(clear)

    def die(self, reason: str) -> None:
        """Ends it from within.

        Raises:
            ProcessDied.
        """
        self.kill(reason)
        raise ProcessDied(reason)

    # -- clients

    async def serve(
        self, make: Callable[[Gateway], Coroutine[Any, Any, Result]], *, patience: float
    ) -> Result:
        """The gateway's answer to `make(gateway)`; the work goes on even if nobody waits for it.

        Raises:
            ConnectionLost: it died or took too long. Any error of the service.
        """
        gateway = self.gateway
        if self.dead or gateway is None:
            raise ConnectionLost(self.name)
        task = self.spawn(make(gateway))
        done, _ = await asyncio.wait([task], timeout=patience)
        if not done:
            task.add_done_callback(_forget)
            raise ConnectionLost("no answer")
        if task.cancelled() or isinstance(task.exception(), ProcessDied):
            raise ConnectionLost(self.name)
        return task.result()


def _forget(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()


def task_factory(
    loop: asyncio.AbstractEventLoop, work: Any, context: contextvars.Context | None = None
) -> asyncio.Task[Any]:
    """Makes tasks that belong to the process in whose code they are made."""
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, context=context)
    process = PROCESS.get() if context is None else context.run(PROCESS.get)
    if process is not None:
        process.own(task)
    return task
