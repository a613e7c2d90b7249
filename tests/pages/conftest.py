"""One gateway on a real chain and one browser for each module.

The browser's loop runs in the thread of the tests, so the gateway starts before it and it closes
with its module: until then nothing else may run a loop here.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.slices.conftest import prepared, world
from tests.support.desk import Desk, browser, chromium
from tests.support.world import World


@pytest.fixture
def desk(world: World, opened_browser: Browser) -> Iterator[Desk]:
    opened = Desk(world, opened_browser)
    yield opened
    opened.leave()
