"""A gateway behind a proxy: limits by the sender's address, and no limit of connections for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.demo.server import RunningServer
from tests.support.served import served

SETTINGS = {
    "TRUSTED_PROXIES": "127.0.0.1",
    "ADDRESS_CONNECTION_LIMIT": "2",
    "RATE_LIMIT": "0.01",
    "RATE_BURST": "3",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A gateway whose only senders come through a proxy on this machine."""
    with contextlib.ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in SETTINGS.items():
                patch.setenv(f"CESSION_{name}", value)
            folder: Path = tmp_path_factory.mktemp("proxied")
            server = stack.enter_context(served(folder))
        yield server


def attempts(server: RunningServer, forwarded: list[str], *, key: str = "ck_none") -> list[int]:
    """The statuses of attempts, each with this list of senders."""
    return [
        httpx.get(
            f"{server.url}/v1/caller",
            headers={"X-API-Key": key, "X-Forwarded-For": senders},
            timeout=60,
            trust_env=False,
        ).status_code
        for senders in forwarded
    ]


def test_failed_attempts_count_by_the_sender_that_the_proxy_names(server: RunningServer) -> None:
    assert attempts(server, ["203.0.113.1"] * 4) == [401, 401, 401, 429]
    assert attempts(server, ["203.0.113.2"]) == [401]
    # Another address that the sender writes itself helps it nothing.
    assert attempts(server, ["6.6.6.6, 203.0.113.1", "7.7.7.7, 203.0.113.1"]) == [429, 429]
    # Nor does it take the attempts of the address that it names.
    assert attempts(server, ["198.51.100.5, 203.0.113.1", "198.51.100.5"]) == [429, 401]


def test_a_valid_key_is_let_in_whoever_fails_at_its_address(server: RunningServer) -> None:
    assert attempts(server, ["203.0.113.3"] * 4)[-1] == 429
    assert attempts(server, ["203.0.113.3"], key=server.keys["registrar"]) == [200]


def test_a_proxy_may_have_more_connections_than_one_sender(server: RunningServer) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(6):
            client = stack.enter_context(
                httpx.Client(base_url=server.url, timeout=60, trust_env=False)
            )
            assert client.get("/livez").status_code == 200
