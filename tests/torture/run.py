"""One torture from beginning to end, and its tally."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import msgspec

from tests.torture.chaos import Chaos, Pace
from tests.torture.clients import FINAL, OPEN, REFUSED, REFUSED_FALSELY, Clients, is_pauper
from tests.torture.counting import ChainCount
from tests.torture.proxy import FaultProxy
from tests.torture.stores import STORES, Store
from tests.torture.world import GatewayProcess, Miner, World, chain, deploy, environment_for, settle

SHOWN_SECONDS = 15.0


class Options(msgspec.Struct, frozen=True):
    """What is asked for.

    Attributes:
        count: commands; one in twenty must be refused.
        seconds: the commands are spread over at least so long.
        pace: how often each fault happens; None: as the count and the machine require.
        patience: after the faults, seconds in which no operation ends until the open ones count as
            stuck.
    """

    count: int = 10_000
    store: str = "sqlite"
    gateways: int = 1
    lanes: int = 192
    parties: int = 16
    seed: int = 1
    seconds: float = 0.0
    patience: float = 240.0
    pace: Pace | None = None


class Tally(msgspec.Struct, rename="camel"):
    """What became of all commands.

    `passed`: none lost, doubled, stuck or wrongly refused, and no key that gave another answer.
    """

    sent: int
    ran_once: int
    refused_rightly: int
    lost: int
    doubled: int
    stuck: int
    refused_falsely: int
    answers_changed: int
    seconds: float
    store: str
    gateways: int
    seed: int
    events: dict[str, int]
    faults: dict[str, int]
    answers: dict[str, int]
    reasons: list[str]

    @property
    def passed(self) -> bool:
        """Whether nothing went wrong."""
        wrong = self.lost + self.doubled + self.stuck + self.refused_falsely
        return wrong + self.answers_changed == 0 and self.sent > 0


def torture(options: Options, folder: Path) -> Tally:
    """Builds everything, runs commands under faults, and counts on the chain."""
    folder.mkdir(parents=True, exist_ok=True)
    store = STORES[options.store](folder)
    try:
        with chain(folder, count=options.count) as (node, miner):
            record = deploy(node, folder)
            environment = environment_for(
                folder, rpc_url=node.url, database_url=store.url, record=record, rpc_timeout=5
            )
            first = GatewayProcess(folder=folder, number=0, environment=environment)
            try:
                world = settle(
                    first,
                    folder=folder,
                    environment=environment,
                    record=record,
                    parties=options.parties,
                    cents=options.count * (options.count + 1) // 2,
                )
            finally:
                first.stop()
            return asyncio.run(
                _suffer(
                    options,
                    folder,
                    node_url=node.url,
                    miner=miner,
                    store=store,
                    world=world,
                    plain=environment,
                )
            )
    finally:
        store.stop()


async def _suffer(
    options: Options,
    folder: Path,
    *,
    node_url: str,
    miner: Miner,
    store: Store,
    world: World,
    plain: dict[str, str],
) -> Tally:
    proxies = [
        FaultProxy(node_url, seed=options.seed * 1000 + number)
        for number in range(options.gateways)
    ]
    for proxy in proxies:
        await proxy.start()
    gateways = [
        GatewayProcess(
            folder=folder,
            number=number,
            environment=plain | {"CESSION_RPC_URL": proxy.url},
        )
        for number, proxy in enumerate(proxies)
    ]
    chaos = Chaos(
        proxies=proxies,
        gateways=gateways,
        miner=miner,
        store=store,
        pace=options.pace or Pace(),
        seed=options.seed,
    )
    clients = Clients(
        world=world,
        urls=[gateway.url for gateway in gateways],
        count=options.count,
        lanes=options.lanes,
        seed=options.seed,
        pace=options.seconds / options.count,
    )
    chain_count = ChainCount(proxies[0], world, options.count)
    began = time.monotonic()
    try:
        for gateway in gateways:
            gateway.start()
        for gateway in gateways:
            await asyncio.to_thread(gateway.wait)
        if options.pace is None:
            chaos.pace = Pace.of(options.count, start_seconds=time.monotonic() - began)
        chaos.start()
        working = asyncio.create_task(clients.run())
        shown = asyncio.create_task(_show(clients, chaos))
        counting = asyncio.create_task(chain_count.follow())
        try:
            await _until_all_sent(clients, working)
            await chaos.stop()
            reviving = asyncio.create_task(chaos.revive())
            await _calm(clients, working, patience=options.patience)
            if OPEN in clients.ends:
                reports = [gateway.failing() for gateway in gateways]
                clients.reasons += [f"stuck: {report}" for report in reports]
            reviving.cancel()
        finally:
            shown.cancel()
        await _ended(counting)
        ran = await chain_count.finish()
        return _tally(options, clients, chaos, proxies, ran, seconds=time.monotonic() - began)
    finally:
        await asyncio.gather(*(asyncio.to_thread(gateway.stop) for gateway in gateways))
        for proxy in proxies:
            await proxy.stop()


async def _ended(task: asyncio.Task[None]) -> None:
    """Cancels a task that goes on for ever.

    Raises:
        Whatever ended it before.
    """
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _until_all_sent(clients: Clients, working: asyncio.Task[None]) -> None:
    """The faults go on until each command has been begun."""
    while clients.begun < clients.count and not working.done():
        await asyncio.sleep(0.2)


async def _calm(clients: Clients, working: asyncio.Task[None], *, patience: float) -> None:
    """Waits for the clients, until nothing has come to an end for `patience` seconds."""
    ended, since = clients.ended, time.monotonic()
    clients.give_up = lambda: time.monotonic() - since > patience
    while not working.done():
        if clients.ended != ended:
            ended, since = clients.ended, time.monotonic()
        await asyncio.sleep(0.2)
    await working


def _tally(
    options: Options,
    clients: Clients,
    chaos: Chaos,
    proxies: list[FaultProxy],
    ran: bytearray,
    *,
    seconds: float,
) -> Tally:
    once = refused = lost = doubled = stuck = falsely = 0
    for number, end in enumerate(clients.ends):
        times = ran[number]
        doubled += times > 1
        if end == OPEN:
            stuck += 1
        elif end == FINAL:
            lost += times == 0
            once += times == 1
            # These parties have no money, so a payment that runs would be wrong.
            falsely += is_pauper(number)
        elif end == REFUSED and times == 0:
            refused += 1
        else:
            falsely += 1
    faults: dict[str, int] = {}
    for proxy in proxies:
        for name, times in proxy.faults.items():
            faults[name] = faults.get(name, 0) + times
    assert len(clients.ends) == options.count and REFUSED_FALSELY not in (OPEN, FINAL, REFUSED)
    return Tally(
        sent=clients.begun,
        ran_once=once,
        refused_rightly=refused,
        lost=lost,
        doubled=doubled,
        stuck=stuck,
        refused_falsely=falsely,
        answers_changed=clients.changed,
        seconds=round(seconds, 1),
        store=options.store,
        gateways=options.gateways,
        seed=options.seed,
        events=dict(chaos.events),
        faults=faults,
        answers={str(status): times for status, times in sorted(clients.answers.items())},
        reasons=clients.reasons,
    )


async def _show(clients: Clients, chaos: Chaos) -> None:
    while True:
        await asyncio.sleep(SHOWN_SECONDS)
        done = ", ".join(f"{times} {name}" for name, times in sorted(chaos.events.items()))
        print(f"{clients.ended} of {clients.count} ended; {done}", flush=True)
