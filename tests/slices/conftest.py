"""All these tests share one gateway on a real anvil; none of them moves its clock."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.chain.nodes import engines
from app.demo.server import serve
from app.embedded import RECORD
from tests.support.world import World

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def world(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A gateway with the demo's parties, over HTTP on loopback."""
    folder = shutil.copytree(prepared, tmp_path_factory.mktemp("shared") / "gateway")
    with contextlib.ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            # On a busy machine the node is slow; none of these tests is about that.
            patch.setenv("CESSION_RPC_TIMEOUT", "60")
            world = stack.enter_context(started(Path(folder)))
        yield world
        kill(world)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a stopped gateway: contracts deployed, parties registered, money for two."""
    folder = tmp_path_factory.mktemp("prepared") / "gateway"
    with pytest.MonkeyPatch.context() as patch:
        for name in [item for item in os.environ if item.startswith("CESSION_")]:
            patch.delenv(name)
        with started(folder) as world:
            _enrich(world)
    _drop_old_states(folder / "anvil" / "anvil.json")
    return folder


@pytest.fixture
def own_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A separate gateway for a test that moves the clock or breaks something."""
    folder = tmp_path / "gateway"
    other_store = "CESSION_DATABASE_URL" in os.environ  # it knows no party of a prepared ledger
    if not other_store:
        shutil.copytree(request.getfixturevalue("prepared"), folder)
    with started(folder) as world:
        if other_store:
            _enrich(world)
        yield world
        kill(world)


def kill(world: World) -> None:
    """Ends the chain at once: in order it would write all of its history, up to gigabytes."""
    assert isinstance(world.server.node, engines.RunningNode)
    if world.server.node.running:
        os.kill(world.server.node.process_id, signal.SIGKILL)


def _drop_old_states(file: Path) -> None:
    """Leaves the newest state alone: tests ask for no state before their own.

    Each is megabytes, which anvil would read at the start of each chain.
    """
    chain = json.loads(file.read_bytes())
    assert chain["historical_states"]
    file.write_text(json.dumps(chain | {"historical_states": []}))


def _enrich(world: World) -> None:
    for name in ("buyer", "bank"):
        world.cash(name, "1000000.00")


@contextlib.contextmanager
def _saved_at_the_end() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "SAVE_SECONDS", 24 * 60 * 60)
        yield


@contextlib.contextmanager
def started(folder: Path) -> Iterator[World]:
    """A gateway on the chain of the folder, or on a new one, with the demo's parties.

    The chain is saved at the end only: it is whole each time.
    """
    with (
        _saved_at_the_end(),
        serve(engine="anvil", folder=folder) as server,
        httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http,
    ):
        yield World.on(server, http)


@pytest.fixture
def network_settings(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The environment of a gateway on the world's ledger, with a store of its own."""
    folder = world.server.ledger.folder
    secrets = json.loads((folder / "secrets.json").read_text())
    (tmp_path / "password").write_text(PASSWORD + "\n")
    settings = {
        "CESSION_RPC_URL": world.server.node.url,
        "CESSION_DEPLOYMENT": str(folder / RECORD),
        "CESSION_DATABASE_URL": f"sqlite:///{tmp_path / 'own.sqlite'}",
        "CESSION_LEDGER_KEY": world.server.gateway.settings.ledger_key,
        "CESSION_MASTER_KEY": secrets["master_key"],
        "CESSION_KEYSTORE_PASSWORD": PASSWORD,
        "CESSION_SCRYPT_COST": "2",
    }
    for name in [item for item in os.environ if item.startswith("CESSION_")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return settings
