"""Where webhooks may go: https, on hosts of the public internet.

A webhook must not reach what only the gateway can reach. So its host's addresses are checked each
time before a request goes out, and the request goes to the address that was checked: a name that
resolves to another address a moment later changes nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from functools import partial
from urllib.parse import SplitResult, urlsplit

from app.domain.texts import say
from app.gateway.workers import Workers
from app.oversight.watch.addresses import Address, is_public

_HTTPS = 443
_HTTP = 80
LOOKUP_SECONDS = 5.0
# One answer for a name without an address and for one that leads inside: the difference would tell
# which names the gateway's own network has.
_NOWHERE = say("its host has no address on the public internet")


class HostRefused(ValueError):
    """A webhook may not go there; the message says why."""


class Target:
    """The address of a webhook, checked as far as its text goes.

    Args:
        loopback: allows http, and the machine itself; for tests.

    Raises:
        HostRefused.
    """

    def __init__(self, url: str, *, loopback: bool) -> None:
        parts = _parts(url)
        if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
            raise HostRefused("it does not begin with https://")
        if parts.username is not None or parts.password is not None:
            raise HostRefused("it has a user or a password")
        if parts.fragment:
            raise HostRefused("it has a fragment (#)")
        if not parts.hostname:
            raise HostRefused("it has no host")
        self.host = parts.hostname
        self.port = parts.port or (_HTTPS if parts.scheme == "https" else _HTTP)
        self.scheme = parts.scheme
        self.resource = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._loopback = loopback
        literal = _literal(self.host)
        if literal is not None:
            self._check(literal)

    @property
    def host_header(self) -> str:
        """The host as the request names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _HTTPS if self.scheme == "https" else _HTTP
        return host if self.port == usual else f"{host}:{self.port}"

    def url_at(self, address: str) -> str:
        """The address as a URL whose host is one of its IP addresses."""
        host = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{host}:{self.port}{self.resource}"

    async def resolve(self, lookups: Workers) -> str:
        """An IP address of the host; all of them were checked.

        Args:
            lookups: the pool that asks for addresses, in the caller's turns: so slow names delay
                nobody else.

        Raises:
            HostRefused.
            TooManyRequests, Unavailable: the pool is full.
        """
        find = partial(socket.getaddrinfo, self.host, self.port, type=socket.SOCK_STREAM)
        try:
            entries = await asyncio.wait_for(lookups.run(find), LOOKUP_SECONDS)
        except (OSError, UnicodeError) as error:  # a TimeoutError too
            raise HostRefused(_NOWHERE) from error
        addresses = [str(item[4][0]).partition("%")[0] for item in entries]
        if not addresses:
            raise HostRefused(_NOWHERE)
        for address in addresses:
            self._check(ipaddress.ip_address(address))
        return addresses[0]

    def _check(self, address: Address) -> None:
        if self._loopback and address.is_loopback:
            return
        if not is_public(address):
            raise HostRefused(_NOWHERE)


def _parts(url: str) -> SplitResult:
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise HostRefused("it has characters that are not ASCII, or blanks")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise HostRefused("it is no URL") from error
    if port == 0:
        raise HostRefused("its port is 0")
    return parts


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
