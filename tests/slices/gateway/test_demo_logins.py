"""Only the embedded demo hands logins to its application."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
import uvicorn
from fastapi import FastAPI

from app.config import SettingInvalid, Settings, settings_from
from app.demo.server import RunningServer
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.gateway.demo_logins import DemoLogin
from app.gateway.gateway import Gateway
from app.main import build_app
from app.serving import listen, serve_gateway
from tests.support.served import served

SETTINGS = Settings(ledger_key=DEVELOPMENT_LEDGER_KEY, master_key="m" * 32, keystore_password="k")
LOGIN = DemoLogin("supplier", "Linghu Castings Co., Ltd.", ("supplier",), "a-key-of-a-supplier")


@contextlib.asynccontextmanager
async def never_opened() -> AsyncIterator[Gateway]:
    raise AssertionError("the application was not to be started")
    yield


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with served(tmp_path_factory.mktemp("chain")) as running:
        yield running


def test_an_application_has_no_demo_logins_unless_it_is_given_some() -> None:
    assert build_app(never_opened, settings=SETTINGS).state.demo_logins == ()
    app = build_app(never_opened, settings=SETTINGS, demo_logins=[LOGIN])
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


class Recorder(uvicorn.Server):
    """A server that ends at once."""

    applications: list[object]

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        self.applications.append(self.config.app)


def test_the_gateway_of_a_network_has_no_demo_logins(server: RunningServer) -> None:
    @contextlib.asynccontextmanager
    async def opening() -> AsyncIterator[Gateway]:
        yield server.gateway

    server.offer_logins([LOGIN])
    Recorder.applications = []
    with listen("127.0.0.1", 0) as listener:  # as `cession gateway` calls it
        serve_gateway(opening, settings=SETTINGS, listener=listener, server=Recorder)
    (application,) = Recorder.applications
    assert isinstance(application, FastAPI)
    assert application.state.demo_logins == ()


def test_no_setting_gives_an_application_demo_logins() -> None:
    with pytest.raises(SettingInvalid, match="there is no such setting"):
        settings_from({"CESSION_DEMO_LOGINS": "supplier"})
