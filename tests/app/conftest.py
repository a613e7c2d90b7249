"""One gateway on a real anvil for all these tests; its clock is not moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.demo.server import serve
from tests.app.world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A gateway with the demo's parties, over HTTP on loopback."""
    folder = tmp_path_factory.mktemp("gateway")
    with (
        serve(engine="anvil", folder=folder) as server,
        httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http,
    ):
        world = World.on(server, http)
        for name in ("buyer", "bank"):
            world.cash(name, "1000000.00")
        yield world


@pytest.fixture
def own_world(tmp_path: Path) -> Iterator[World]:
    """A gateway of its own, for a test that moves the clock or breaks something."""
    with (
        serve(engine="anvil", folder=tmp_path / "gateway") as server,
        httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http,
    ):
        world = World.on(server, http)
        for name in ("buyer", "bank"):
            world.cash(name, "1000000.00")
        yield world
