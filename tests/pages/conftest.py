"""One gateway on a real chain and one browser for each module.

The browser's loop runs in the thread of the tests, so the gateway starts before it and it closes
with its module: until then nothing else may run a loop here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.slices.conftest import started
from tests.support.desk import Desk, browser, chromium
from tests.support.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The gateway with the demo's parties; nothing starts where there is no browser."""
    chromium()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CESSION_RPC_TIMEOUT", "60")
        folder: Path = tmp_path_factory.mktemp("pages") / "gateway"
        with started(folder) as world:
            world.cash("buyer", "1000000.00")
            yield world


@pytest.fixture(scope="module")
def opened_browser(world: World) -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def desk(world: World, opened_browser: Browser) -> Iterator[Desk]:
    opened = Desk(world, opened_browser)
    yield opened
    opened.leave()
