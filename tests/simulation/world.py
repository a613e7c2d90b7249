"""The world of a run: loop, chain, nodes, disk, processes, and the trace of events."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import app.opening
import app.storage.opening
from app.chain.deployment.development import development_plan
from app.chain.deployment.record import Deployed, Deployment
from app.chain.evm.contracts import Contracts
from app.chain.evm.signers import LocalSigner
from app.chain.index.indexer import IndexerSettings
from app.chain.relay import store as relay_store
from app.config import Settings
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from scripts.compile import load_artifact
from tests.simulation.chain import Chain
from tests.simulation.clock import EPOCH, VirtualLoop
from tests.simulation.disk import Disk, SimulatedStorage
from tests.simulation.nodes import Nodes, SimulatedRpc
from tests.simulation.operator import Operator
from tests.simulation.process import PROCESS, Process, task_factory
from tests.simulation.rules import ADDRESSES, CHAIN_ID, Rules, rules_of_artifacts

if TYPE_CHECKING:
    from tests.simulation.setting import Setting

MASTER_KEY = "a master key for simulations only, long enough"
RELAYS = [LocalSigner(bytes([place]) * 32) for place in (11, 12)]
ISSUER = LocalSigner(bytes([21]) * 32)
PARTIES = [LocalSigner(bytes([place]) * 32) for place in (31, 32, 33, 34)]
SOURCES = sorted({name.partition(":")[0] for name in ADDRESSES})


@cache
def contracts() -> Contracts:
    """The contracts of the deployment; they are read once for all runs."""
    return Contracts(ADDRESSES, {name: load_artifact(name) for name in SOURCES})


class World:
    """One run's world. `stream` gives each concern randomness of its own, from the seed."""

    def __init__(
        self,
        *,
        seed: str,
        loop: VirtualLoop,
        folder: Path,
        template: Path,
        setting: Setting,
        rules: Rules | None = None,
        keep_trace: bool = False,
    ) -> None:
        self.seed, self.loop = seed, loop
        self._streams: dict[str, random.Random] = {}
        self._hash = hashlib.blake2b(digest_size=16)
        self.lines: list[str] | None = [] if keep_trace else None
        self.events: dict[str, int] = {}
        self.finality = setting.finality
        self.chain = Chain(
            rules=rules or rules_of_artifacts(),
            issuer=ISSUER.address,
            now=EPOCH - 10,
            final_depth=setting.final_depth,
            source=self.stream("chain"),
        )
        self.nodes = Nodes(self.chain, self.stream("nodes"))
        self.disk = Disk(folder, template, self.stream("disk-faults"), now=lambda: loop.now)
        self.urls = [f"http://node{place}:8545" for place in range(setting.node_urls)]
        self.agreement = setting.agreement
        self.crashes: list[tuple[str, str, str]] = []
        self.restart_after = 1.0
        self.calm = False
        self.problems: list[str] = []
        loop.set_task_factory(task_factory)
        loop.set_exception_handler(self._unhandled)
        self.asleep = 0.0  # seconds that the clocks jumped over
        self.contracts = contracts()
        self.deployment = deployment(self.chain)
        self.processes = [Process(self, f"gateway-{place}") for place in range(setting.gateways)]
        self.operator = Operator(self)

    @property
    def now(self) -> int:
        """The true time, whole UTC seconds."""
        return EPOCH + int(self.loop.now)

    def stream(self, name: str) -> random.Random:
        """The randomness of one concern."""
        if name not in self._streams:
            self._streams[name] = random.Random(f"{self.seed}/{name}")
        return self._streams[name]

    # -- the record of the run

    def trace(self, kind: str, *details: object) -> None:
        """Adds to the trace; two runs of one seed have traces with the same hash."""
        line = f"{self.loop.now:.6f} {kind} " + " ".join(map(str, details))
        self._hash.update(line.encode())
        self.events[kind] = self.events.get(kind, 0) + 1
        if self.lines is not None:
            self.lines.append(line)

    @property
    def trace_hash(self) -> str:
        """The hash of everything that happened."""
        return self._hash.hexdigest()

    def _unhandled(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None and type(error).__name__ == "ProcessDied":
            return
        self.trace("unhandled", context.get("message"), repr(error))
        self.problems.append(f"unhandled: {context.get('message')}: {error!r}")

    # -- processes

    def crash_due(self, process: Process, place: str) -> str | None:
        """Whether the process ends at this place: "before", "after" or None."""
        for crashe in self.crashes:
            if crashe[0] == process.name and crashe[1] == place:
                self.crashes.remove(crashe)
                return crashe[2]
        return None

    def process_died(self, process: Process) -> None:
        """Its files stay as they are; a gateway is started again after a while."""
        if all(item.dead for item in (*self.processes, self.operator.process)):
            self.disk.keep()
        if not self.calm and process is not self.operator.process:
            delay = self.stream("restarts").uniform(0.2, 2.0) * self.restart_after
            self.loop.call_later(delay, self._start, process)

    def _start(self, process: Process) -> None:
        if not self.calm:
            process.start()

    def power_loss(self, *, keep: int | None = None) -> None:
        """The machine with the store and all gateways loses power."""
        living = [item for item in (*self.processes, self.operator.process) if not item.dead]
        self.trace("lost commits", self.disk.power_loss(keep=keep))
        for process in living:
            process.kill("power loss")

    def jump(self, seconds: float) -> None:
        """All clocks jump forward, as after a machine's sleep; the chain stood still meanwhile."""
        self.loop.now += seconds
        self.asleep += seconds
        self.trace("jump", seconds)

    def gateway_arguments(self) -> dict[str, Any]:
        """What `open_gateway` is given."""
        return {
            "settings": Settings(
                rpc_agreement=self.agreement,
                database_url=self.disk.url,
                rpc_url=",".join(self.urls),
                ledger_key=DEVELOPMENT_LEDGER_KEY,
                master_key=MASTER_KEY,
                keystore_password="a password",
                scrypt_cost=2,
                finality=self.finality,
            ),
            "deployment": self.deployment,
            "artifacts": {},
            "relay_accounts": RELAYS,
            "keys": [ISSUER, *PARTIES],
        }

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Puts the simulated seams where the gateway is wired together."""
        world = self

        def storage(url: str, **arguments: Any) -> SimulatedStorage:
            process = PROCESS.get()
            assert process is not None
            return SimulatedStorage(url, process=process, world=world, **arguments)

        class Rpc(SimulatedRpc):
            def __init__(self, url: str, **arguments: Any) -> None:
                super().__init__(url, **arguments)
                process = PROCESS.get()
                assert process is not None
                self.world, self.process = world, process

        replaced: list[Any] = [
            patch.object(app.storage.opening, "create_storage", storage),
            patch.object(app.opening, "JsonRpc", Rpc),
            patch.object(app.opening, "Contracts", lambda *_: contracts()),
            patch.object(app.opening, "IndexerSettings", _indexer_settings),
        ]
        if len(self.processes) > 1:
            # As on PostgreSQL, which several gateways share: leases end by time, not by a start.
            replaced.append(patch.object(relay_store, "release_all", lambda _connection: None))
        with contextlib.ExitStack() as stack:
            for item in replaced:
                stack.enter_context(item)
            yield


def _indexer_settings(**arguments: Any) -> IndexerSettings:
    return IndexerSettings(**{"poll_busy": 0.4, "poll_idle": 1.2, **arguments})


def deployment(chain: Chain) -> Deployment:
    """The record of the deployment: all contracts stand since block 2."""
    block = chain.head.ancestor(2)
    assert block is not None
    return Deployment(
        chain_id=CHAIN_ID,
        version="simulation",
        engine="simulation",
        deployer=RELAYS[0].address,
        first_block=1,
        contracts={name: Deployed(address, "0x", [], {}) for name, address in ADDRESSES.items()},
        roles={},
        parameters=development_plan().parameters.as_json(),
        block=block.number,
        block_hash=block.hash,
        complete=True,
    )
