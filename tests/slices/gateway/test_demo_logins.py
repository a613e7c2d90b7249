"""Only the embedded demo hands logins to its application."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest

from app.config import Settings
from app.demo.server import RunningServer, serve
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.gateway.demo_logins import DemoLogin
from app.gateway.gateway import Gateway
from app.main import build_app

LOGIN = DemoLogin("supplier", "Linghu Castings Co., Ltd.", ("supplier",), "a-key-of-a-supplier")


@contextlib.asynccontextmanager
async def never_opened() -> AsyncIterator[Gateway]:
    raise AssertionError("the application was not to be started")
    yield


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serve(engine="anvil", folder=tmp_path_factory.mktemp("chain")) as running:
        yield running


def test_an_application_has_no_demo_logins_unless_it_is_given_some() -> None:
    settings = Settings(
        ledger_key=DEVELOPMENT_LEDGER_KEY, master_key="m" * 32, keystore_password="k"
    )
    assert build_app(never_opened, settings=settings).state.demo_logins == ()
    app = build_app(never_opened, settings=settings, demo_logins=[LOGIN])
    assert app.state.demo_logins == (LOGIN,)


def test_a_served_application_has_no_demo_logins_until_they_are_offered(
    server: RunningServer,
) -> None:
    assert server.app.state.demo_logins == ()
    server.offer_logins([LOGIN])
    assert server.app.state.demo_logins == (LOGIN,)


def test_a_demo_login_never_shows_its_key() -> None:
    for text in (repr(LOGIN), str(LOGIN), f"{LOGIN!r}", repr((LOGIN,))):
        assert LOGIN.api_key not in text
        assert "Linghu" in text
