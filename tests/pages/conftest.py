"""One browser for each module, before the gateway that all tests of a process share.

The browser's loop runs in the thread of the tests, so the gateway starts before it and it closes
with its module: until then nothing else may run a loop here.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from app.pages import api
from app.pages.views import money
from tests.slices import conftest as slices
from tests.support.desk import Desk, browser, chromium
from tests.support.world import World

prepared, world = slices.prepared, slices.world
WAIT_SECONDS = 40  # less than browsers and visitors wait


@pytest.fixture(scope="module", autouse=True)
def patient_pages() -> Iterator[None]:
    """Pages wait longer for an operation's end: what they say after it is what tests look at."""
    with pytest.MonkeyPatch.context() as patch:
        for command in (api.Api.post, api.Api.delete):
            defaults = command.__kwdefaults__
            assert defaults is not None
            patch.setitem(defaults, "wait", WAIT_SECONDS)
        for module in (api, money):
            patch.setattr(module, "WAIT_SECONDS", WAIT_SECONDS)
        yield


@pytest.fixture(scope="module")
def opened_browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    chromium()  # no gateway starts where there is no browser
    request.getfixturevalue("world")
    with browser() as opened:
        yield opened


@pytest.fixture
def desk(opened_browser: Browser, world: World) -> Iterator[Desk]:
    opened = Desk(world, opened_browser)
    yield opened
    opened.leave()
