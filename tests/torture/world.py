"""What a torture needs before it begins: a chain, gateway processes, parties with money."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import msgspec

from app.chain.deployment.development import development_key
from app.chain.deployment.plan import CASH_ISSUER_PLACE, REGISTRAR_PLACE, RELAYER_PLACES
from app.chain.nodes.engines import EngineOptions, RunningNode, free_port, start_node
from app.demo.client import Caller
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.embedded import RECORD, deployed
from scripts.compile import ROOT
from tests.support.bodies import Json

PASSWORD = "a password"
CONFIRMATIONS = 4
BLOCK_SECONDS = 0.25
NODE_SECONDS = 60.0
MANY, LONG_BLOCK_SECONDS = 100_000, 1.0
START_SECONDS = 120.0
MAX_LOG = 100_000_000  # bytes; a longer log is moved aside, over the one that was moved before
PYCACHE = ROOT / "build" / "pycache"
CESSION = str(Path(sys.executable).with_name("cession"))


class TortureFailed(Exception):
    """The harness could not do its work; this says nothing about the gateway."""


def process_environment(settings: dict[str, str]) -> dict[str, str]:
    """Ours and these settings; what Python compiled once is kept, since it starts many times."""
    merged = {**os.environ, **settings, "PYTHONPYCACHEPREFIX": str(PYCACHE)}
    merged.pop("PYTHONDONTWRITEBYTECODE", None)
    return merged


class GatewayProcess:
    """`cession gateway` under a keeper that starts it again after every end."""

    def __init__(self, *, folder: Path, number: int, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.starts = 0
        self._environment = process_environment(environment)
        self.log = folder / f"gateway-{number}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it; it may take seconds until it answers."""
        self.starts += 1
        if self.log.exists() and self.log.stat().st_size > MAX_LOG:
            self.log.replace(self.log.with_suffix(".before.log"))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [CESSION, "gateway", "--port", str(self.port)],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def revive(self) -> None:
        """Starts it when it has ended."""
        if self._process is None or self._process.poll() is not None:
            self.start()

    @property
    def pid(self) -> int | None:
        """Of the process that runs or ran last."""
        return None if self._process is None else self._process.pid

    def end(self, number: int = signal.SIGTERM) -> None:
        """Sends a signal to it, when it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def stop(self) -> None:
        """Ends it and waits."""
        if self._process is not None:
            self.end()
            self.wait_for_end()
            self._process.wait()

    def wait_for_end(self) -> None:
        """Waits until it has ended in order; after half a minute it is killed."""
        if self._process is not None:
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def answers(self) -> bool:
        """Whether anybody answers there."""
        try:
            return httpx.get(f"{self.url}/livez", timeout=5, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def ready(self) -> bool:
        """Whether it says so itself."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def failing(self) -> str:
        """What keeps it from being ready, in its own words; empty: nothing."""
        try:
            answer = httpx.get(f"{self.url}/readyz", timeout=10, trust_env=False)
            checks = answer.json()["checks"]
        except (httpx.HTTPError, ValueError, KeyError) as error:
            return repr(error)
        failing = {name: check for name, check in checks.items() if not check["holds"]}
        return json.dumps(failing) if failing else ""

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Waits until it is ready.

        Raises:
            TortureFailed.
        """
        until = time.monotonic() + seconds
        while not self.ready():
            if time.monotonic() > until:
                words = self.log.read_text(errors="replace")[-2000:]
                raise TortureFailed(f"the gateway is not ready after {seconds:g} s: {words}")
            self.revive()
            time.sleep(0.2)


class Party(msgspec.Struct):
    """One that pays: its API key and its id."""

    api_key: str
    party_id: str


class World(msgspec.Struct):
    """Who pays whom. `pauper` has no money, so that each of its transfers must be refused."""

    parties: list[Party]
    pauper: Party
    token: str  # address of the currency's contract
    first_block: int
    registrar: str  # API key


class Miner:
    """Makes a block every so often, and none during a reorganisation.

    anvil's own miner is not used: where `anvil_reorg` comes while it makes a block, the chain lacks
    a block for good (measured: one in 68 times under load), as no chain of a network does.
    """

    def __init__(self, node: RunningNode, *, seconds: float) -> None:
        self._node = node
        self._seconds = seconds
        self._one_at_a_time = threading.Lock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._mine, name="miner", daemon=True)
        self._failure: Exception | None = None

    def reorganise(self, depth: int) -> None:
        """Replaces the newest blocks.

        Raises:
            NodeError.
        """
        with self._one_at_a_time:
            self._node.ask("anvil_reorg", depth, [], timeout=NODE_SECONDS)

    def __enter__(self) -> Miner:
        self._node.ask("evm_setAutomine", False)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends.

        Raises:
            TortureFailed: the node made no more blocks.
        """
        self._ending.set()
        self._thread.join()
        if self._failure is not None:
            raise TortureFailed(f"no more blocks: {self._failure!r}") from self._failure

    def _mine(self) -> None:
        request = {"jsonrpc": "2.0", "id": 1, "method": "evm_mine", "params": []}
        try:
            with httpx.Client(trust_env=False, timeout=NODE_SECONDS) as http:
                while not self._ending.wait(self._seconds):
                    with self._one_at_a_time:
                        http.post(self._node.url, json=request).raise_for_status()
        except httpx.HTTPError as error:
            self._failure = error


@contextlib.contextmanager
def chain(folder: Path, *, count: int = 0) -> Iterator[tuple[RunningNode, Miner]]:
    """An anvil, and what makes its blocks as often as a run of `count` commands allows.

    It keeps what the chain held at each block, about a quarter of a megabyte, for as long as it
    runs.
    """
    seconds = BLOCK_SECONDS if count < MANY else LONG_BLOCK_SECONDS
    options = EngineOptions(base_fee=10**9)
    node = start_node("anvil", log_file=folder / "anvil.log", options=options)
    with node, Miner(node, seconds=seconds) as miner:
        yield node, miner


def environment_for(
    folder: Path, *, rpc_url: str, database_url: str, record: Path, rpc_timeout: int = 60
) -> dict[str, str]:
    """Settings of every gateway, which is patient with its node where nothing else is said."""
    relays = [keystore(folder, place) for place in (RELAYER_PLACES[0], RELAYER_PLACES[1])]
    return {
        "CESSION_RPC_URL": rpc_url,
        "CESSION_RPC_TIMEOUT": str(rpc_timeout),
        "CESSION_DEPLOYMENT": str(record),
        "CESSION_DATABASE_URL": database_url,
        "CESSION_LEDGER_KEY": DEVELOPMENT_LEDGER_KEY,
        "CESSION_MASTER_KEY": "torture " * 8,
        "CESSION_KEYSTORE_PASSWORD": PASSWORD,
        "CESSION_SCRYPT_COST": "2",
        "CESSION_FINALITY": str(CONFIRMATIONS),
        "CESSION_RELAY_KEYSTORES": ",".join(map(str, relays)),
        "CESSION_RATE_LIMIT": "0",
    }


def keystore(folder: Path, place: int) -> Path:
    """A development account's key as encrypted JSON."""
    file = folder / f"key-{place}.json"
    if not file.exists():
        file.write_text(json.dumps(development_key(place).keystore(PASSWORD, iterations=2)))
    return file


def deploy(node: RunningNode, folder: Path) -> Path:
    """Puts the contracts there; returns the record."""
    asyncio.run(deployed(node, folder=folder))
    return folder / RECORD


def official_key(role: str, place: int, *, folder: Path, environment: dict[str, str]) -> str:
    """An API key for an official whose account's key goes into custody."""
    words = [CESSION, "key", role, "--label", f"torture-{role}"]
    ended = subprocess.run(
        [*words, "--keystore", str(keystore(folder, place))],
        cwd=ROOT,
        env=process_environment(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise TortureFailed(f"cession key {role}: {ended.stderr}")
    return ended.stdout.strip().splitlines()[-1]


def settle(
    gateway: GatewayProcess,
    *,
    folder: Path,
    environment: dict[str, str],
    record: Path,
    parties: int,
    cents: int,
) -> World:
    """Registers parties through the gateway and gives each `cents` of money, the pauper none."""
    keys = {
        role: official_key(role, place, folder=folder, environment=environment)
        for role, place in (("registrar", REGISTRAR_PLACE), ("cash-issuer", CASH_ISSUER_PLACE))
    }
    gateway.start()
    gateway.wait()
    known = json.loads(record.read_text())
    token = known["contracts"]["SettlementToken:CNY"]["address"].lower()
    with httpx.Client(base_url=gateway.url, timeout=120, trust_env=False) as http:
        registrar = Caller(http, "registrar", keys["registrar"])
        issuer = Caller(http, "cash-issuer", keys["cash-issuer"])

        def registered(number: int) -> Party:
            answer = registrar.command(
                "/v1/parties",
                {
                    "name": f"Payer {number}",
                    "legalId": {"scheme": "LEI", "value": legal_entity_identifier(number)},
                    "roles": ["supplier"],
                },
            )
            party_id = str(answer.body["party"]["id"])
            registration = registrar.post(
                f"/v1/parties/{party_id}/api-keys",
                {"roles": ["supplier"], "label": f"payer-{number}"},
            )
            if number < parties:
                body = {"toPartyId": party_id, "amount": yuan(cents)}
                issuer.command("/v1/cash/CNY/mint", body)
            return Party(str(registration.body["apiKey"]), party_id)

        with ThreadPoolExecutor(8) as threads:
            registered_parties: Sequence[Party] = list(threads.map(registered, range(parties + 1)))
    first_block = int(known.get("firstBlock", 0))
    return World(
        list(registered_parties[:-1]), registered_parties[-1], token, first_block, keys["registrar"]
    )


def legal_entity_identifier(number: int) -> str:
    """An LEI with right check digits (ISO 7064 MOD 97-10)."""
    body = f"PAYER{number:013d}"
    digits = "".join(str(int(character, 36)) for character in body)
    return f"{body}{98 - int(digits + '00') % 97:02d}"


def yuan(cents: int) -> Json:
    """Money as the API takes it."""
    return {"amount": f"{cents // 100}.{cents % 100:02d}", "currency": "CNY"}
