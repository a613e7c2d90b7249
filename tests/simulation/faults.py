"""What goes wrong in a run, when, and for how long: all of it out of the seed.

Each run switches on some kinds of faults and leaves out others (as swarm testing does), so that one
kind does not hide behind another.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulation.chain import GWEI
from tests.simulation.nodes import GROUPS, Freeze, Weather
from tests.simulation.process import Process

if TYPE_CHECKING:
    from tests.simulation.world import World

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
)


@dataclass
class Plan:
    """Which kinds of faults a run has, how often one happens, and until when (seconds)."""

    kinds: tuple[str, ...]
    interval: float
    until: float

    @classmethod
    def of(cls, source: random.Random, *, until: float) -> Plan:
        """Some kinds, most runs few of them, one run in twenty none."""
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

    async def run(self) -> None:
        """Faults, one after another, until the plan's end; then everything heals."""
        world, source = self.world, self.source
        while self.plan.kinds:
            await asyncio.sleep(source.expovariate(1 / self.plan.interval))
            if world.loop.now >= self.plan.until:
                break
            self.strike(source.choice(self.plan.kinds))
        await asyncio.sleep(max(0.0, self.plan.until - world.loop.now))
        self.heal()

    def strike(self, kind: str) -> None:
        """Lets one fault of this kind happen now."""
        self.happened[kind] = self.happened.get(kind, 0) + 1
        self.world.trace("fault", kind)
        getattr(self, "_" + kind.replace(" ", "_"))()

    def heal(self) -> None:
        """From now on nothing goes wrong."""
        world = self.world
        world.trace("heal")
        world.nodes.freezes.clear()
        world.nodes.weather = Weather()
        world.crashes.clear()
        world.disk.lost_answers, world.disk.away_until = 0.0, -1.0
        self._room()
        world.chain.base_fee = GWEI
        world.chain.empty.clear()
        self.slow_blocks_until = -1.0
        for process in world.processes:
            process.clock_error = 0.0

    def _later(self, seconds: float, function: object, *given: object) -> None:
        self.world.loop.call_later(seconds, function, *given)  # type: ignore[arg-type]

    def _alive(self) -> Process | None:
        living = [one for one in self.world.processes if not one.dead]
        return self.source.choice(living) if living else None

    def _span(self) -> float:
        """How long something lasts: mostly seconds, at times longer than any patience."""
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
        node = source.choice(("", *(url.split("/")[2].split(":")[0] for url in world.urls)))
        chance = source.choice((1.0, 1.0, 0.5))
        freeze = Freeze(node, frozenset(chosen), head, world.loop.now + self._span(), chance)
        world.nodes.freezes = [one for one in world.nodes.freezes if one.until > world.loop.now] + [
            freeze
        ]

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
        from tests.simulation.world import RELAYS

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

    # -- the disk

    def _power_loss(self) -> None:
        self.world.power_loss()

    def _full_disk(self) -> None:
        world = self.world
        storages = [one for process in world.processes for one in process.storages]
        world.disk.set_full(storages, True)
        self._later(self._span(), self._room)

    def _room(self) -> None:
        world = self.world
        storages = [one for process in world.processes for one in process.storages]
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
