"""One run: a world from a seed, clients at work, faults, a quiet time, and the checks."""

from __future__ import annotations

import asyncio
import atexit
import gc
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import structlog

from app.parties.registry import repository
from app.storage import create_storage
from app.storage.sealing import Sealer
from tests.simulation.checker import Checker, at_once, fresh_index
from tests.simulation.clients import Clients, Party
from tests.simulation.clock import VirtualLoop, determined
from tests.simulation.disk import select
from tests.simulation.faults import Nemesis
from tests.simulation.process import Process
from tests.simulation.rules import Rules
from tests.simulation.setting import Setting
from tests.simulation.world import ISSUER, MASTER_KEY, PARTIES, World

# Seconds after the last fault in which everything must be done. An intent that a wallet signed is
# valid for an hour; only then is it certain that it never runs.
QUIET = 4800.0
FOLLOWS = 600.0  # seconds in which the index must reach the block that was then the newest
MEMORY = Path("/dev/shm")


@dataclass
class Outcome:
    """The outcome of a run."""

    seed: str
    problems: list[str]
    trace_hash: str
    tally: dict[str, int]
    faults: dict[str, int]
    virtual_seconds: float
    seconds: float
    lines: list[str] = field(default_factory=list)


Script = Callable[[World, Clients, Nemesis], Awaitable[None]]


@cache
def _template_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="cession-simulation-", dir=_memory()))
    atexit.register(shutil.rmtree, folder, True)
    return folder


def _memory() -> str | None:
    return str(MEMORY) if MEMORY.is_dir() else None


@cache
def template() -> tuple[Path, tuple[str, ...]]:
    """A migrated store with the parties in it, made once; and the parties' ids."""
    loop = VirtualLoop()
    with determined(loop, "template"):
        path = _make_template(_template_folder() / "template.sqlite")
    loop.close()
    return path


def _make_template(path: Path) -> tuple[Path, tuple[str, ...]]:
    storage = create_storage(f"sqlite:///{path}")
    storage.migrate()
    sealer = Sealer(MASTER_KEY)
    identifiers = tuple(f"00000000-0000-7000-8000-{place:012d}" for place in range(len(PARTIES)))

    def write(connection: object) -> None:
        for place, (identifier, signer) in enumerate(zip(identifiers, PARTIES, strict=True)):
            repository.add(
                connection,  # type: ignore[arg-type]
                repository.NewPartyRow(
                    id=identifier,
                    name=f"Party {place}",
                    name_skeleton=f"party {place}",
                    legal_id_scheme="LEI",
                    legal_id_encrypted=sealer.seal(b"X", about=identifier),
                    identity_hash="0x" + bytes([place]).hex() * 32,
                    roles=1,
                    account=signer.address,
                    custody=True,
                ),
            )

    storage.write_now(write)
    storage.close()
    return path, identifiers


def simulate(
    seed: int | str,
    *,
    script: Script | None = None,
    setting: Setting | None = None,
    rules: Rules | None = None,
    keep_trace: bool = False,
) -> Outcome:
    """One run, from a seed alone or with a script in place of the random faults."""
    began = time.perf_counter()
    path, identifiers = template()
    name = str(seed)
    setting = setting or Setting.of(name)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=_template_folder()))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    loop = VirtualLoop()
    gc.disable()
    try:
        with determined(loop, name):
            asyncio.set_event_loop(loop)
            world = World(
                seed=name,
                loop=loop,
                folder=folder,
                template=path,
                setting=setting,
                rules=rules,
                keep_trace=keep_trace,
            )
            parties = [
                Party(identifier, signer)
                for identifier, signer in zip(identifiers, PARTIES, strict=True)
            ][: setting.parties]
            if setting.wallets:
                parties[0].custody = False
            issuer = Party("issuer", ISSUER)
            clients = Clients(world, issuer=issuer, parties=parties)
            nemesis = Nemesis(world, setting.plan)
            with world.in_place():
                checker = loop.run_until_complete(
                    _live(world, clients, nemesis, setting=setting, script=script, template=path)
                )
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        gc.enable()
        shutil.rmtree(folder, ignore_errors=True)
    return Outcome(
        seed=name,
        problems=world.problems + checker.problems,
        trace_hash=world.trace_hash,
        tally=dict(checker.tally),
        faults=nemesis.happened,
        virtual_seconds=loop.now,
        seconds=time.perf_counter() - began,
        lines=world.lines or [],
    )


async def _mine(world: World, setting: Setting, nemesis: Nemesis) -> None:
    while True:
        await asyncio.sleep(setting.block_seconds)
        if world.loop.now >= nemesis.slow_blocks_until:
            block = world.chain.mine(world.now, patience=setting.patience)
            world.trace("block", block.number, block.hash)
            for other in {
                id(impostor.chain): impostor.chain for impostor in world.nodes.impostors.values()
            }.values():
                other.mine(world.now, patience=setting.patience)


async def _live(
    world: World,
    clients: Clients,
    nemesis: Nemesis,
    *,
    setting: Setting,
    script: Script | None,
    template: Path,
) -> Checker:
    miner = world.loop.create_task(_mine(world, setting, nemesis))
    for process in world.processes:
        process.start()
    if script is not None:
        await script(world, clients, nemesis)
        nemesis.heal()
        alive = await _follows(world)
    else:
        alive = await _business(world, clients, nemesis, setting)
    checker = Checker(world, clients)
    if alive:
        await _settle(world)
        await _repeat(world, checker)
    world.calm = True
    for process in world.processes:
        await process.end()
    miner.cancel()
    await asyncio.sleep(1.0)
    if world.problems and not alive:
        return checker
    await _index_rest(world)
    fresh = world.disk.folder / "fresh.sqlite"
    shutil.copyfile(template, fresh)
    await fresh_index(world, fresh)
    await asyncio.sleep(1.0)
    checker.commands(select(world.disk.path, "SELECT * FROM operations"))
    checker.tables(world.disk.path, fresh)
    world.trace("end", len(checker.problems), world.chain.head.hash)
    return checker


async def _business(world: World, clients: Clients, nemesis: Nemesis, setting: Setting) -> bool:
    """Clients at work, and faults; False if something stands still after the faults are over."""
    until = setting.plan.until + QUIET
    work = [
        world.loop.create_task(clients.business(party, steps=setting.steps, until=until))
        for party in clients.parties
    ]
    await nemesis.run()
    if world.operator.laid_back:
        work.append(world.loop.create_task(clients.repeat()))
    if not await _follows(world):
        return False
    _, waiting = await asyncio.wait(work, timeout=QUIET)
    for task in waiting:
        world.problems.append(f"stuck: a client still waits: {_where(task)}")
        task.cancel()
    for task in work:
        if task.done() and task.exception() is not None:
            world.problems.append(f"client: {task.exception()!r}")
    return not waiting


async def _follows(world: World) -> bool:
    """Whether the index is right at the block that is the newest when the faults are over."""
    head, until = world.chain.head.number, world.loop.now + FOLLOWS
    query = "SELECT block_number, block_hash FROM checkpoints WHERE name = 'index'"
    at = -1
    while world.loop.now < until:
        block = None
        for row in select(world.disk.path, query):
            at, block = int(row["block_number"]), world.chain.blocks.get(row["block_hash"])
        if at >= head and block is not None and world.chain.on_main(block):
            wrong = at_once(world)
            world.problems += wrong
            return not wrong
        await asyncio.sleep(1.0)
    said = {process.said for process in world.processes}
    world.problems.append(f"stuck: the index stands at block {at}, the chain was at {head}: {said}")
    return False


async def _repeat(world: World, checker: Checker) -> None:
    """All keys once more, at a gateway that runs."""
    world.trace("repeat")
    living: list[Process] = []
    until = world.loop.now + 60
    while not living and world.loop.now < until:
        living = [item for item in world.processes if item.gateway is not None]
        await asyncio.sleep(1.0)
    if living:
        await checker.repeated(living[0])
        await _settle(world)
    else:
        said = {process.said for process in world.processes}
        world.problems.append(f"stuck: no gateway runs: {said}")


def _where(task: asyncio.Task[None]) -> str:
    """The functions in which a task waits, outermost first."""
    names: list[str] = []
    at: Any = task.get_coro()
    while at is not None and hasattr(at, "cr_code"):
        names.append(f"{at.cr_code.co_name}:{at.cr_frame.f_lineno if at.cr_frame else 0}")
        at = at.cr_await
    return " ".join(names)


async def _settle(world: World) -> None:
    """Waits until every operation has ended, or the quiet time is over."""
    until = world.loop.now + QUIET
    waiting = "SELECT count(*) AS n FROM operations WHERE state NOT IN "
    waiting += "('prepared', 'final', 'rejected')"
    while world.loop.now < until:
        if select(world.disk.path, waiting)[0]["n"] == 0:
            return
        await asyncio.sleep(2.0)


async def _index_rest(world: World) -> None:
    """Brings the index to the chain's last block, after all gateways have ended."""
    await fresh_index(world, world.disk.path)
