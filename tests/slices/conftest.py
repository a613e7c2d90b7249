"""All these tests share one gateway on a real anvil; none of them moves its clock.

The tests of the pages share it too, and two of those move it: by two hours, and by a minute.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.chain.nodes import engines
from app.embedded import RECORD
from tests.support.served import served_world
from tests.support.world import World

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def world(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A gateway with the demo's parties, over HTTP on loopback."""
    folder = shutil.copytree(prepared, tmp_path_factory.mktemp("shared") / "gateway")
    with served_world(Path(folder)) as world:
        yield world
        kill(world)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a stopped gateway: contracts deployed, parties registered, money for two."""
    folder = tmp_path_factory.mktemp("prepared") / "gateway"
    with pytest.MonkeyPatch.context() as patch:
        for name in [item for item in os.environ if item.startswith("CESSION_")]:
            patch.delenv(name)
        with served_world(folder) as world:
            _enrich(world)
    return folder


@pytest.fixture
def own_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A separate gateway for a test that moves the clock or breaks something."""
    folder = tmp_path / "gateway"
    other_store = "CESSION_DATABASE_URL" in os.environ  # it knows no party of a prepared ledger
    if not other_store:
        shutil.copytree(request.getfixturevalue("prepared"), folder)
    with served_world(folder) as world:
        if other_store:
            _enrich(world)
        yield world
        kill(world)


def kill(world: World) -> None:
    """Ends the chain at once: in order it would write the chain first."""
    assert isinstance(world.server.node, engines.RunningNode)
    if world.server.node.running:
        os.kill(world.server.node.process_id, signal.SIGKILL)


def _enrich(world: World) -> None:
    for name in ("buyer", "bank"):
        world.cash(name, "1000000.00")


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
