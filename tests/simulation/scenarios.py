"""Stored scenarios: faults that once moved money twice, step by step.

The first three fail on the code before unordered nonces; docs/explanation/simulation.md says of
each how that was seen.
"""

from __future__ import annotations

import asyncio
from typing import Any

from tests.simulation.chain import Chain
from tests.simulation.clients import Clients, Order
from tests.simulation.disk import select
from tests.simulation.faults import Nemesis, Plan
from tests.simulation.nodes import Freeze, Impostor, Nodes
from tests.simulation.run import Outcome, Script, simulate
from tests.simulation.setting import Setting
from tests.simulation.world import World

_UNIT = 10_000
PAYMENTS = 20


def _setting(**changed: Any) -> Setting:
    setting: dict[str, Any] = {
        "gateways": 1,
        "finality": "instant",
        "final_depth": 0,
        "block_seconds": 1.0,
        "patience": 1.0,
        "node_urls": 1,
        "agreement": 1,
        "plan": Plan((), 1.0, 0.0),
        "parties": 3,
        "steps": 1,
        "wallets": False,
    }
    return Setting(**setting | changed)


async def _funded(clients: Clients) -> None:
    """Every party gets money, and the money is final."""
    orders = [
        clients.order("issue", clients.issuer, party, 1_000 * _UNIT) for party in clients.parties
    ]
    await asyncio.gather(*(clients.perform(order) for order in orders))
    for order in orders:
        await clients.end_of(order, until=clients.world.loop.now + 120)


async def _payments(clients: Clients, *, pause: float) -> list[Order]:
    """Payments between the parties, one after another."""
    orders = []
    for place in range(PAYMENTS):
        payer = clients.parties[place % len(clients.parties)]
        payee = clients.parties[(place + 1) % len(clients.parties)]
        order = clients.order("transfer", payer, payee, _UNIT)
        orders.append(order)
        await clients.perform(order)
        await asyncio.sleep(pause)
    return orders


async def disagreeing_node(world: World, clients: Clients, _nemesis: Nemesis) -> None:
    """Blocks and receipts stand still for ten seconds; calls, counts and sends are current."""
    await _funded(clients)
    for _ in range(3):
        paying = world.loop.create_task(_payments(clients, pause=0.2))
        await asyncio.sleep(1.5)
        groups = frozenset(("blocks", "receipts"))
        until = world.loop.now + 10
        world.nodes.freezes.append(Freeze("", groups, world.chain.head, until, 1.0))
        await asyncio.sleep(12.0)
        await paying


async def power_loss(world: World, clients: Clients, nemesis: Nemesis) -> None:
    """Payments are accepted and sent; then the machine goes off.

    If the engine does not wait for the disk, all that was stored since they were accepted is lost.
    """
    await _funded(clients)
    nemesis.slow_blocks_until = world.loop.now + 30
    await _payments(clients, pause=0.0)
    commits = world.disk.commits
    while not world.chain.pool:
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    world.power_loss(keep=commits)
    nemesis.slow_blocks_until = -1.0
    await asyncio.sleep(30.0)


async def restored_backup(world: World, clients: Clients, nemesis: Nemesis) -> None:
    """A backup is restored. Payments that it knows as accepted have run since, and others too.

    Some payments from before the restore are still in the pool.
    """
    await _funded(clients)
    orders = await _payments(clients, pause=0.0)
    world.operator.backup()
    for order in orders:
        await clients.end_of(order, until=world.loop.now + 120)
    for order in await _payments(clients, pause=0.0):
        await clients.end_of(order, until=world.loop.now + 120)
    nemesis.slow_blocks_until = world.loop.now + 20
    await _payments(clients, pause=0.0)
    await asyncio.sleep(5.0)
    await world.operator.restore(0)
    await asyncio.sleep(60.0)
    await world.operator.reconcile()


async def backup_restored_twice(world: World, clients: Clients, _nemesis: Nemesis) -> None:
    """A backup is restored, payments run, and the same backup is restored once more.

    It knows neither those payments nor the nonce space that the store had in between.
    """
    await _funded(clients)
    world.operator.backup()
    for _ in range(2):
        await world.operator.restore(0)
        await world.operator.reconcile()
        for order in await _payments(clients, pause=0.0):
            await clients.end_of(order, until=world.loop.now + 120)


async def new_store_led_astray(world: World, clients: Clients, _nemesis: Nemesis) -> None:
    """The first connection shows the right chain, and soon leads to another one.

    The index has not read its first block by then.
    """
    while not select(world.disk.path, "SELECT 1 FROM checkpoints"):
        await asyncio.sleep(0.001)
    other = Chain(
        rules=world.chain.rules,
        issuer=world.chain.issuer,
        now=world.now - 1000,
        final_depth=0,
        source=world.stream("another chain"),
    )
    while other.head.number < 20:
        other.mine(world.now)
    node = Nodes.host(world.urls[0])
    world.nodes.impostors[node] = Impostor(other, world.loop.now, world.loop.now + 10)
    await asyncio.sleep(10.0)
    del world.nodes.impostors[node]
    await _funded(clients)


SCENARIOS: dict[str, tuple[Script, Setting]] = {
    "a node that disagrees with itself": (disagreeing_node, _setting()),
    "power loss": (power_loss, _setting()),
    "a restored backup": (restored_backup, _setting()),
    "a backup restored twice": (backup_restored_twice, _setting()),
    "a new store led astray": (new_store_led_astray, _setting()),
}


def play(name: str, *, seed: int = 0, keep_trace: bool = False) -> Outcome:
    """Runs one scenario."""
    script, setting = SCENARIOS[name]
    outcome = simulate(f"{name}/{seed}", script=script, setting=setting, keep_trace=keep_trace)
    return outcome


__all__ = ["SCENARIOS", "play"]
