"""The faults of a run, their times and durations, all drawn from the seed.

Each run switches on some kinds of faults and leaves out others (as swarm testing does), so that one
kind does not hide behind another.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from tests.simulation.chain import GWEI, Chain
from tests.simulation.lies import WAYS
from tests.simulation.nodes import GROUPS, Freeze, Impostor, Lies, Weather
from tests.simulation.process import Process
from tests.simulation.world import RELAYS, World

KINDS = (
    "weather",
    "frozen reads",
    "process death",
    "death at a request",
    "death at a commit",
    "power loss",
    "full disk",
    "database restart",
    "lost commit answers",
    "reorganisation",
    "eviction",
    "fee spike",
    "empty relay account",
    "clock jump",
    "slow blocks",
    "restored backup",
    "another chain",
    "false receipts",
)


@dataclass
class Plan:
    """Which kinds of faults a run has, how often one happens, and until when (seconds)."""

    kinds: tuple[str, ...]
    interval: float
    until: float

    @classmethod
    def of(cls, source: random.Random, *, until: float) -> Plan:
        """Chooses some kinds of faults: few in most runs, none in one run of twenty."""
        chance = source.choice((0.1, 0.25, 0.25, 0.5))
        kinds = [kind for kind in KINDS if source.random() < chance]
        if source.random() >= 0.05 and not kinds:
            kinds = [source.choice(KINDS)]
        return cls(tuple(kinds), source.choice((1.5, 4.0, 8.0)), until)


class Nemesis:
    """Lets the faults of a plan happen."""

    def __init__(self, world: World, plan: Plan) -> None:
        self.world, self.plan = world, plan
        self.source = world.stream("faults")
        self.happened: dict[str, int] = {}
        self.slow_blocks_until = -1.0
        self.healing = False

    async def run(self) -> None:
        """Faults, one after another, until the plan's end; then everything heals.

        After a restore it waits for the release of the store. More faults may follow while
        clients repeat what they had sent.
        """
        await self._strikes(self.plan.until)
        task = self.world.operator.task
        if task is not None:
            self.heal()
            await task
            more = self.source.choice((0.0, 10.0, 30.0))
            await self._strikes(self.world.loop.now - self.world.asleep + more)
            if self.world.operator.task is not None:
                await self.world.operator.task
        self.heal()

    async def _strikes(self, until: float) -> None:
        world, source = self.world, self.source
        while self.plan.kinds:
            await asyncio.sleep(source.expovariate(1 / self.plan.interval))
            if world.loop.now - world.asleep >= until:
                break
            self.strike(source.choice(self.plan.kinds))
        await asyncio.sleep(max(0.0, until - world.loop.now + world.asleep))

    def strike(self, kind: str) -> None:
        """Lets one fault of this kind happen now."""
        self.world.trace("fault", kind)
        counted = getattr(self, "_" + kind.replace(" ", "_"))() or kind
        self.happened[counted] = self.happened.get(counted, 0) + 1

    def heal(self) -> None:
        """Ends all faults."""
        world = self.world
        world.trace("heal")
        self.healing = True
        world.nodes.freezes.clear()
        world.nodes.lies.clear()
        self._right_chain(sorted(world.nodes.impostors))
        world.nodes.weather = Weather()
        world.crashes.clear()
        world.disk.lost_answers, world.disk.away_until = 0.0, -1.0
        self._room()
        world.chain.base_fee = GWEI
        world.chain.empty.clear()
        self.slow_blocks_until = -1.0
        for process in world.processes:
            process.clock_error = 0.0

        self.healing = False

    def _later(self, seconds: float, function: object, *arguments: object) -> None:
        self.world.loop.call_later(seconds, function, *arguments)  # type: ignore[arg-type]

    def _alive(self) -> Process | None:
        world = self.world
        living = [item for item in (*world.processes, world.operator.process) if not item.dead]
        return self.source.choice(living) if living else None

    def _span(self) -> float:
        """How long a fault lasts: mostly seconds, sometimes longer than any client waits."""
        return self.source.choice((0.5, 2.0, 5.0, 10.0, 20.0, 60.0)) * self.source.uniform(0.7, 1.5)

    # -- the network and the nodes

    def _weather(self) -> None:
        source = self.source
        fields = Weather.__dataclass_fields__
        kinds = [name for name in fields if source.random() < 0.4] or ["lost_after"]
        strength = source.choice((0.05, 0.2, 0.5))
        self.world.nodes.weather = Weather(**{name: strength for name in kinds})
        self._later(self._span(), self._fair)

    def _fair(self) -> None:
        self.world.nodes.weather = Weather()

    def _frozen_reads(self) -> None:
        source, world = self.source, self.world
        chosen = [name for name in GROUPS if source.random() < 0.5] or ["receipts"]
        back = source.choice((0, 0, 1, 3))
        head = world.chain.head.ancestor(max(world.chain.head.number - back, 2))
        assert head is not None
        node = source.choice(("", *self._hosts()))
        chance = source.choice((1.0, 1.0, 0.5))
        freeze = Freeze(node, frozenset(chosen), head, world.loop.now + self._span(), chance)
        world.nodes.freezes = [
            item for item in world.nodes.freezes if item.until > world.loop.now
        ] + [freeze]

    def _false_receipts(self) -> None:
        source, world = self.source, self.world
        node = source.choice(("", *self._hosts()))
        chance = source.choice((1.0, 0.5, 0.1))
        lies = Lies(node, source.choice(WAYS), chance, world.loop.now + self._span())
        world.nodes.lies.append(lies)

    def _hosts(self) -> list[str]:
        return [self.world.nodes.host(url) for url in self.world.urls]

    def _another_chain(self) -> None:
        """Some nodes, or all, serve another chain with the same id.

        That chain is a separate one from block 0, or a fork from below our final block.
        Connections are cut, or redirected there unseen.
        """
        world, source = self.world, self.source
        hosts = self._hosts()
        if source.random() < 0.5:
            hosts = [source.choice(hosts)]
        final = min(
            [world.operator.final_number(), *(b.final_number for b in world.operator.backups)]
        )
        below = final - source.randrange(1, 6)
        name = f"another chain {world.loop.now}"
        if source.random() < 0.5 and below > world.deployment.block:
            chain = world.chain.fork(below, world.stream(name))
        else:
            chain = Chain(
                rules=world.chain.rules,
                issuer=world.chain.issuer,
                now=world.now - 1000,
                final_depth=world.chain.final_depth,
                source=world.stream(name),
            )
        # With a block of its own: without, it is a node of our chain that lags.
        height = max(world.chain.head.number + source.choice((-3, 0, 1, 10)), below + 1)
        while chain.head.number < height:
            chain.mine(world.now, patience=0.6)
        until = world.loop.now + self._span()
        for host in hosts:
            world.nodes.impostors[host] = Impostor(chain, world.loop.now, until)
        if source.random() < 0.7:
            world.nodes.cut(hosts)
        world.trace("another chain", hosts, chain.head.number)
        self._later(until - world.loop.now, self._right_chain, hosts)

    def _right_chain(self, hosts: list[str]) -> None:
        """These nodes serve the right chain again, unless a newer fault redirected them."""
        nodes, now = self.world.nodes, self.world.loop.now
        healed = [item for item in hosts if item in nodes.impostors]
        if not self.healing:
            healed = [item for item in healed if nodes.impostors[item].until <= now]
        for host in healed:
            del nodes.impostors[host]
        if healed and self.source.random() < 0.7:
            nodes.cut(healed)

    def _reorganisation(self) -> None:
        source, world = self.source, self.world
        done = world.chain.reorganise(
            source.randrange(1, 6),
            world.now,
            lost=source.choice((0.0, 0.0, 0.5)),
            longer=source.choice((0, 1, 2)),
        )
        world.trace("reorganised", done, world.chain.head.hash)

    def _eviction(self) -> None:
        pool = self.world.chain.pool
        for key in sorted(pool):
            if self.source.random() < 0.7:
                del pool[key]

    def _fee_spike(self) -> None:
        self.world.chain.base_fee = GWEI * self.source.choice((2, 5, 40))
        self._later(self._span(), self._usual_fee)

    def _usual_fee(self) -> None:
        self.world.chain.base_fee = GWEI

    def _empty_relay_account(self) -> None:
        self.world.chain.empty.add(self.source.choice(RELAYS).address)
        self._later(self._span(), self.world.chain.empty.clear)

    def _slow_blocks(self) -> None:
        self.slow_blocks_until = self.world.loop.now + self._span()

    # -- processes

    def _process_death(self) -> None:
        process = self._alive()
        if process is not None:
            process.kill("killed")

    def _death_at_a_request(self) -> None:
        self._death("request")

    def _death_at_a_commit(self) -> None:
        self._death("commit")

    def _death(self, place: str) -> None:
        process = self._alive()
        if process is not None:
            when = self.source.choice(("before", "after"))
            self.world.crashes.append((process.name, place, when))

    def _clock_jump(self) -> None:
        process = self._alive()
        if process is not None:
            process.clock_error = self.source.choice((-3600, -30, -2, 2, 30, 600, 3600))

    # -- the operator

    def _restored_backup(self) -> str:
        world, source = self.world, self.source
        operator = world.operator
        if operator.busy or not operator.backups or source.random() < 0.5:
            operator.backup()
            return "backup"
        which = source.randrange(len(operator.backups))
        hold = source.choice((1.0, 10.0, 60.0)) * source.uniform(0.5, 1.5)
        operator.begin(which, start=source.random() < 0.5, hold=hold)
        return "restore"

    # -- the disk

    def _power_loss(self) -> None:
        self.world.power_loss()

    def _full_disk(self) -> None:
        world = self.world
        storages = [storage for process in world.processes for storage in process.storages]
        world.disk.set_full(storages, True)
        self._later(self._span(), self._room)

    def _room(self) -> None:
        world = self.world
        storages = [storage for process in world.processes for storage in process.storages]
        if world.disk.full:
            world.disk.set_full(storages, False)

    def _database_restart(self) -> None:
        world = self.world
        world.disk.away_until = world.loop.now + self._span()

    def _lost_commit_answers(self) -> None:
        self.world.disk.lost_answers = self.source.choice((0.05, 0.3))
        self._later(self._span(), self._answers_again)

    def _answers_again(self) -> None:
        self.world.disk.lost_answers = 0.0
