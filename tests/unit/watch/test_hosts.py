"""Where webhooks may go, and where not: whatever only the gateway can reach is refused."""

from __future__ import annotations

import asyncio
import base64
import socket
import threading
from typing import Any

import pytest

from app.gateway.workers import Workers
from app.oversight.watch import hosts
from app.oversight.watch.hosts import HostRefused, Target
from app.oversight.watch.sending import signature

PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    ("url", "host", "port", "resource", "header"),
    [
        ("https://risk.example.com/a?b=c", "risk.example.com", 443, "/a?b=c", "risk.example.com"),
        ("https://risk.example.com", "risk.example.com", 443, "/", "risk.example.com"),
        ("https://risk.example.com:8443/", "risk.example.com", 8443, "/", "risk.example.com:8443"),
        (f"https://{PUBLIC}/", PUBLIC, 443, "/", PUBLIC),
        ("https://[2002:5db8:d70e::1]/", "2002:5db8:d70e::1", 443, "/", "[2002:5db8:d70e::1]"),
        ("https://168.63.129.17/", "168.63.129.17", 443, "/", "168.63.129.17"),
        (
            *("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/x",),
            *("2606:2800:21f:cb07:6820:80da:af6b:8b2c", 443, "/x"),
            "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]",
        ),
    ],
)
def test_public_https_address_is_taken(
    url: str, host: str, port: int, resource: str, header: str
) -> None:
    target = Target(url, loopback=False)
    assert (target.host, target.port, target.resource) == (host, port, resource)
    assert target.host_header == header


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://risk.example.com/", "https"),
        ("ftp://risk.example.com/", "https"),
        ("file:///etc/passwd", "https"),
        ("risk.example.com", "https"),
        ("https://", "no host"),
        ("https://user:secret@risk.example.com/", "user or a password"),
        ("https://risk.example.com/#here", "fragment"),
        ("https://risk.example.com:0/", "port"),
        ("https://risk.example.com:99999/", "no URL"),
        ("https://[::1/", "no URL"),
        ("https://risk.example.com/a b", "blanks"),
        ("https://r\u00efsk.example.com/", "ASCII"),
        ("https://risk.example.com/\r\nHost: x", "ASCII"),
        *(
            (f"https://{host}/", "public internet")
            for host in (
                *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
                *("169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255"),
                *("[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[ff02::1]"),
                *("[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]"),
                *("[2002:7f00:1::]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]"),
                *("[2002:c058:6301::1]", "[2001:10::1]", "[2001:20::1]", "[2001:2::1]"),
                *("[2001:db8::1]", "[3fff::1]", "[3fff:fff::1]", "[64:ff9b::808:808]"),
                *("[64:ff9b:1::1]", "[100::1]", "[5f00::1]", "[4000::1]", "[1::1]", "[e000::1]"),
                *("[fec0::1]", "[::808:808]", "[fd00:ec2::254]", "[2620:4f:8000::1]"),
                *("192.88.99.1", "168.63.129.16", "100.100.100.200", "192.0.0.192", "198.18.0.1"),
                *("192.0.2.1", "198.51.100.1", "203.0.113.1", "240.0.0.1", "192.175.48.1"),
            )
        ),
    ],
)
def test_other_address_is_refused_with_its_reason(url: str, words: str) -> None:
    with pytest.raises(HostRefused, match=words):
        Target(url, loopback=False)


def named(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Lets every name resolve to these addresses."""

    def found(*_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def resolved(url: str, *, loopback: bool = False) -> str:
    """The address that the gateway would connect to."""

    async def main() -> str:
        lookups = Workers("lookup", threads=1, queue=1)
        try:
            return await Target(url, loopback=loopback).resolve(lookups)
        finally:
            lookups.close()

    return asyncio.run(main())


def test_request_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, PUBLIC)
    target = Target("https://risk.example.com/a?b=c", loopback=False)
    address = resolved("https://risk.example.com/a?b=c")
    assert target.url_at(address) == f"https://{PUBLIC}:443/a?b=c"
    assert target.url_at("2606:2800::1") == "https://[2606:2800::1]:443/a?b=c"


@pytest.mark.parametrize("addresses", [("127.0.0.1",), (PUBLIC, "10.0.0.1"), ("fe80::1%2",), ()])
def test_name_of_a_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    named(monkeypatch, *addresses)
    with pytest.raises(HostRefused) as refusal:
        resolved("https://risk.example.com/")
    assert str(refusal.value) == "its host has no address on the public internet"


def test_name_that_nobody_knows_is_refused_in_the_same_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(HostRefused, match=r"^its host has no address on the public internet$"):
        resolved("https://vault.internal/")


def test_slow_lookup_is_refused_in_the_same_words_and_delays_no_other_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()

    def slow(*_: Any, **__: Any) -> list[Any]:
        answered.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    monkeypatch.setattr(hosts, "LOOKUP_SECONDS", 0.05)

    async def main() -> None:
        lookups = Workers("lookup", threads=1, queue=8)
        target = Target("https://slow.example.com/", loopback=False)
        try:
            for _ in range(3):
                with pytest.raises(HostRefused, match="no address on the public internet"):
                    await target.resolve(lookups)
            assert await asyncio.to_thread(lambda: "other work") == "other work"
        finally:
            answered.set()
            lookups.close()

    asyncio.run(main())


def test_setting_of_tests_allows_this_machine_and_no_other_private_one() -> None:
    assert resolved("http://127.0.0.1:9/", loopback=True) == "127.0.0.1"
    for host in ("10.0.0.1", "169.254.169.254"):
        with pytest.raises(HostRefused, match="public internet"):
            Target(f"http://{host}/", loopback=True)


def test_signature_is_that_of_standard_webhooks() -> None:
    # The published example, which receivers' libraries test themselves with.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    example: dict[str, Any] = {
        "identifier": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "body": b'{"test": 2432232314}',
    }
    first = signature(secret, timestamp=1_614_265_330, **example)
    assert first == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
