"""Whose word on a sender's address counts: that of the proxies in the settings alone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.config import SettingInvalid, Settings
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.gateway.server import configuration

REAL = "203.0.113.9"


def settings(proxies: str) -> Settings:
    return Settings(
        ledger_key=DEVELOPMENT_LEDGER_KEY,
        master_key="x" * 40,
        keystore_password="a password",
        trusted_proxies=proxies,
    )


def seen(proxies: str, *, peer: str, headers: list[tuple[str, str]]) -> tuple[str, str]:
    """Address and scheme that the application gets, from the server's own configuration."""
    scopes: list[Any] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        scopes.append(scope)

    config = configuration(application, settings=settings(proxies))
    config.load()
    scope = {
        "type": "http",
        "client": (peer, 40_000),
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    asyncio.run(config.loaded_app(scope, None, None))
    return scopes[0]["client"][0], scopes[0]["scheme"]


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.5", "198.51.100.1"])
@pytest.mark.parametrize("believed", [None, "*"])
def test_nobody_is_believed_without_the_setting(
    monkeypatch: pytest.MonkeyPatch, peer: str, believed: str | None
) -> None:
    if believed is not None:
        monkeypatch.setenv("FORWARDED_ALLOW_IPS", believed)
    headers = [("x-forwarded-for", REAL), ("x-forwarded-proto", "https")]
    assert seen("", peer=peer, headers=headers) == (peer, "http")


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ([REAL], REAL),
        ([f"{REAL}:51000"], REAL),
        # What a sender writes itself stands left of what the proxies append.
        ([f"6.6.6.6, {REAL}"], REAL),
        ([f"10.0.0.9, 127.0.0.1, {REAL}, 10.1.2.3"], REAL),
        (["6.6.6.6", REAL], REAL),
        (["2001:db8::7, 10.0.0.1"], "2001:db8::7"),
    ],
)
def test_the_last_hop_that_is_no_proxy_counts(sent: list[str], address: str) -> None:
    headers = [("x-forwarded-for", value) for value in sent] + [("x-forwarded-proto", "https")]
    assert seen("10.0.0.0/8, 192.0.2.1", peer="10.0.0.5", headers=headers) == (address, "https")
    assert seen("10.0.0.0/8, 192.0.2.1", peer="192.0.2.1", headers=headers) == (address, "https")


@pytest.mark.parametrize("peer", ["127.0.0.1", "192.0.2.2", "11.0.0.5", "2001:db8::1"])
def test_a_sender_that_is_no_proxy_cannot_name_an_address(peer: str) -> None:
    headers = [("x-forwarded-for", REAL), ("x-forwarded-proto", "https")]
    assert seen("10.0.0.0/8, 192.0.2.1", peer=peer, headers=headers) == (peer, "http")


def test_the_header_forwarded_counts_from_nobody() -> None:
    headers = [("forwarded", f"for={REAL};proto=https")]
    assert seen("10.0.0.0/8", peer="10.0.0.5", headers=headers) == ("10.0.0.5", "http")


@pytest.mark.parametrize("proxies", ["*", "proxy.example.com", "10.0.0.1/8", "0.0.0.0/0", "::/0"])
def test_what_is_no_block_of_addresses_is_refused(proxies: str) -> None:
    with pytest.raises(SettingInvalid, match="CESSION_TRUSTED_PROXIES"):
        settings(proxies)
