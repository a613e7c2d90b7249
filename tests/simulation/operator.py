"""The operator makes backups, restores them, and reconciles the store until it is released.

The shipped code makes and restores backups; the store is reconciled by the code behind
`cession reconcile`, which runs beside the gateways as a process of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import app.opening
from app.chain.evm.rpc import ChainError
from app.chain.index.blocks import ReceiptsIncomplete
from app.chain.index.indexer import Indexer, IndexerSettings
from app.chain.outbox.restored import mark_restored
from app.config import Settings
from app.recovery import reconcile as recovery
from app.storage import StorageError
from app.storage.backups import make_backup
from tests.simulation.disk import SimulatedStorage, select
from tests.simulation.process import Process

if TYPE_CHECKING:
    from tests.simulation.world import World

_FINAL = "SELECT final_number FROM checkpoints WHERE name = 'index'"
_TROUBLE = (ChainError, StorageError, ReceiptsIncomplete, TimeoutError)


class Interrupted(Exception):
    """The operator's command was killed."""


@dataclass(frozen=True)
class Backup:
    """A backup's file, when it was made, and the newest final block that it knows (-1: none)."""

    file: Path
    made_at: float
    final_number: int


class Operator:
    """Whoever runs the gateways."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.process = Process(world, "operator")
        self.backups: list[Backup] = []
        self.laid_back: list[Backup] = []
        self.released = 0  # how many restores have come to their end
        self.task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether a restore is under way."""
        return len(self.laid_back) > self.released or (
            self.task is not None and not self.task.done()
        )

    def final_number(self) -> int:
        """Newest final block of the store, -1 for none."""
        rows = select(self.world.disk.path, _FINAL)
        return int(rows[0]["final_number"]) if rows else -1

    def backup(self) -> None:
        """`cession backup` while the gateways run."""
        world = self.world
        file = world.disk.folder / f"backup-{len(self.backups)}.cession"
        manifest = make_backup(world.disk.url, file)
        self.backups.append(Backup(file, world.loop.now, self.final_number()))
        world.trace("backup", len(self.backups), manifest.counts["operations"])

    async def restore(self, which: int, *, start: bool = True) -> None:
        """Ends all gateways, restores a backup, and starts them again where `start` is set."""
        world = self.world
        world.calm = True
        for process in world.processes:
            await process.end()
            process.kill("SIGKILL")
        backup = self.backups[which]
        mark = partial(mark_restored, backup_made_at=backup.made_at, backup_sha256=None)
        world.disk.restore(backup.file, mark)
        self.laid_back.append(backup)
        world.trace("restored", which)
        if start:
            self.start()

    def start(self) -> None:
        """Starts all gateways."""
        self.world.calm = False
        for process in self.world.processes:
            process.start()

    async def reconcile(self, *, every: float = 60.0) -> None:
        """Runs `cession reconcile --accept` again and again until the store is released.

        The clocks jump over most of the hour for which it has to wait, once.
        """
        world, slept = self.world, False
        while True:
            try:
                left = await self.run(_reconciled)
                if left <= 0:
                    break
                if not slept and left > every:
                    slept = True
                    world.jump(left - every)
            except (Interrupted, *_TROUBLE) as error:
                world.trace("reconcile failed", type(error).__name__)
            await asyncio.sleep(every)
        self.released += 1
        world.trace("reconciled")

    def begin(self, which: int, *, start: bool, hold: float) -> None:
        """Restores and reconciles while everything else goes on.

        Args:
            start: the gateways run while the store is held; else they start when it is released.
            hold: seconds until the operator first reconciles.
        """

        async def work() -> None:
            await self.restore(which, start=start)
            await asyncio.sleep(hold)
            await self.reconcile(every=20.0)
            self.start()

        self.task = self.world.loop.create_task(work())

    async def run(self, work: Callable[[SimulatedStorage, Indexer], Awaitable[Any]]) -> Any:
        """Runs a command of the operator beside the gateways, on the same store.

        Raises:
            Interrupted. Any error of the command.
        """
        world, process = self.world, self.process
        process.dead = False

        async def command() -> Any:
            storage = SimulatedStorage(world.disk.url, process=process, world=world)
            arguments = world.gateway_arguments()
            settings: Settings = arguments["settings"]
            rpc = app.opening.nodes_of(settings)
            try:
                guard = await app.opening.guard_of(storage, rpc, arguments["deployment"])
                indexer = Indexer(
                    storage=storage,
                    rpc=rpc,
                    contracts=world.contracts,
                    projections=app.opening.projections(0),
                    settings=IndexerSettings(start_block=1, finality=world.finality),
                    guard=guard,
                )
                return await work(storage, indexer)
            finally:
                if not process.dead:
                    await rpc.close()
                    storage.close()

        task = process.spawn(command())
        await asyncio.wait([task])
        if process.dead:
            raise Interrupted
        process.dead = True
        process.storages.clear()
        return task.result()


async def _reconciled(storage: SimulatedStorage, indexer: Indexer) -> int:
    """Reconciles, and releases the store if it may; else returns the seconds until it may."""
    report = await recovery.reconcile(storage, indexer)
    if report is None:
        return 0
    if not report.quiet:
        return report.quiet_until - report.timestamp + 1
    await recovery.accept(storage, report)
    return 0
