"""What happens to gateways, node and database while the clients work, at random times."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from app.chain.nodes.nodes import NodeError
from tests.torture.proxy import FaultProxy
from tests.torture.stores import PostgresStore, SqliteStore, let_write
from tests.torture.wire import Lost
from tests.torture.world import CONFIRMATIONS, GatewayProcess, Miner, TortureFailed

SLOWEST = 6.0
START_SECONDS = 4.0  # until a gateway answers, on a machine with nothing else to do
DEEPEST_REORGANISATION = CONFIRMATIONS - 2  # above what was called final


class Pace(msgspec.Struct, frozen=True):
    """Mean seconds between two of a kind.

    `life` is for how long a gateway runs once it answers, `freeze` for how long blocks stand still,
    and `full` how often the store's disk is full.
    """

    life: float = 7.0
    freeze_every: float = 35.0
    freeze: float = 11.0
    outage_every: float = 23.0
    reorganise: float = 13.0
    database: float = 27.0
    full: float = 31.0

    @classmethod
    def of(cls, count: int, *, start_seconds: float) -> Pace:
        """The pace for `count` commands, on a machine that starts a gateway in `start_seconds`.

        A long run has more of each, and a slow machine has time to work between them.
        """
        slower = max(1.0, (count / 4000) ** 0.5, start_seconds / START_SECONDS)
        slower = min(SLOWEST, slower)
        plain = cls()
        return cls(
            life=plain.life * slower,
            freeze_every=plain.freeze_every * slower,
            outage_every=plain.outage_every * slower,
            reorganise=plain.reorganise * slower,
            database=plain.database * slower,
            full=plain.full * slower,
        )


class Chaos:
    """Runs until told to stop; `events` counts what it did."""

    def __init__(
        self,
        *,
        proxies: Sequence[FaultProxy],
        gateways: Sequence[GatewayProcess],
        miner: Miner,
        store: SqliteStore | PostgresStore,
        pace: Pace,
        seed: int,
    ) -> None:
        self.proxies, self.gateways, self.store, self.pace = proxies, gateways, store, pace
        self._miner = miner
        self.events: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._tasks: list[asyncio.Task[None]] = []
        self._database_busy = asyncio.Lock()

    def start(self) -> None:
        """Begins."""
        pace = self.pace
        works: list[tuple[float, Callable[[], Awaitable[None]]]] = [
            (pace.freeze_every, self._freeze),
            (pace.outage_every, self._outage),
            (pace.reorganise, self._reorganise),
            (pace.full, self._fill),
        ]
        if isinstance(self.store, PostgresStore):
            works.append((pace.database, self._database))
        for proxy in self.proxies:
            proxy.calm = False
        self._tasks = [asyncio.create_task(self._repeat(mean, work)) for mean, work in works]
        self._tasks += [asyncio.create_task(self._hunt(gateway)) for gateway in self.gateways]
        self._tasks.append(asyncio.create_task(self.revive()))

    async def stop(self) -> None:
        """Ends all faults; gateways and store go on, and are still started again when they end."""
        for proxy in self.proxies:
            proxy.calm, proxy.away = True, False
        async with self._database_busy:  # what is half-way there goes on in a thread
            for task in self._tasks:
                task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        for error in ended:
            if not isinstance(error, asyncio.CancelledError):
                raise TortureFailed(f"the faults ended early: {error!r}")
        await asyncio.to_thread(self.store.room)

    async def revive(self) -> None:
        """Starts gateways again that have ended."""
        while True:
            await asyncio.sleep(0.3)
            for gateway in self.gateways:
                gateway.revive()

    async def _repeat(self, mean: float, work: Callable[[], Awaitable[None]]) -> None:
        # The first one comes soon, so that a short run has one of each.
        await asyncio.sleep(self._random.uniform(0.1, 0.5) * mean)
        while True:
            with contextlib.suppress(Lost, NodeError):  # the node is slow: leave this one out
                await work()
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * mean)

    async def _hunt(self, gateway: GatewayProcess) -> None:
        """Kills a gateway at random times, but gives it time to start."""
        while True:
            while not await asyncio.to_thread(gateway.answers):
                await asyncio.sleep(0.3)
            await asyncio.sleep(self._random.uniform(0.05, 2) * self.pace.life)
            if self._random.randrange(4) == 0:
                self.events["SIGTERM"] += 1
                gateway.end(signal.SIGTERM)
                await asyncio.to_thread(gateway.wait_for_end)
            else:
                self.events["kill -9"] += 1
                gateway.end(signal.SIGKILL)
                # Sometimes kill it again before it answers.
                if self._random.randrange(4) == 0:
                    await asyncio.sleep(self._random.uniform(0, 2))
                    gateway.end(signal.SIGKILL)

    async def _freeze(self) -> None:
        self.events["freezes"] += 1
        # In half of the cases for one gateway only: two gateways then see two different chains.
        chosen = self.proxies
        if self._random.random() < 0.5:
            chosen = [self._random.choice(self.proxies)]
        await asyncio.gather(*(proxy.freeze(self.pace.freeze) for proxy in chosen))

    async def _outage(self) -> None:
        self.events["outages"] += 1
        seconds = self._random.uniform(1, 4)
        await asyncio.gather(*(proxy.outage(seconds) for proxy in self.proxies))

    async def _reorganise(self) -> None:
        depth = self._random.randint(1, DEEPEST_REORGANISATION)
        await asyncio.to_thread(self._miner.reorganise, depth)
        self.events["reorganisations"] += 1

    async def _fill(self) -> None:
        """The disk of the store is full for a while: each write of a file fails."""
        self.events["full disks"] += 1
        async with self._database_busy:
            await self._fill_for(self._random.uniform(1, 4))

    async def _fill_for(self, seconds: float) -> None:
        limited = [gateway.pid for gateway in self.gateways]
        try:
            for pid in limited:
                let_write(pid, False)
            await asyncio.to_thread(self.store.full)
            await asyncio.sleep(seconds)
        finally:
            for pid in limited:
                let_write(pid, True)
            await asyncio.shield(asyncio.to_thread(self.store.room))

    async def _database(self) -> None:
        crash = self._random.random() < 0.5
        async with self._database_busy:
            await asyncio.to_thread(self.store.restart, crash=crash)
        self.events["database restarts"] += 1
