"""The HTTP server of `cession serve` and `cession gateway`: uvicorn with limits.

They limit time, bytes and connections. The server disconnects a caller who sends or reads slowly.
Nothing that a caller sends makes the gateway hold more than the limits allow.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from typing import Any, ClassVar

import msgspec
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.config import Settings

_KEEP_ALIVE_SECONDS = 5
_BACKLOG = 512
_REASONS = {
    408: ("Request Timeout", "request-timeout"),
    431: ("Request Header Fields Too Large", "headers-too-large"),
    503: ("Service Unavailable", "too-many-connections"),
}


def configuration(app: Any, *, settings: Settings, **more: Any) -> uvicorn.Config:
    """The uvicorn configuration that serves `app` within the limits of the settings."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        http=bounded_protocol(settings),
        ws="none",
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        server_header=False,
        # uvicorn on its own would believe any program on this machine.
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        **more,
    )


def bounded_protocol(settings: Settings) -> type[asyncio.Protocol]:
    """The protocol class of one server; all its connections share the counts."""
    proxies = tuple(ipaddress.ip_network(block) for block in settings.proxies)
    counts: Counter[str] = Counter()
    members = {"limits": settings, "addresses": counts, "proxies": proxies}
    return type("Bounded", (_Bounded,), members)


class _Bounded(HttpToolsProtocol):
    """One connection."""

    limits: ClassVar[Settings]
    addresses: ClassVar[Counter[str]]
    proxies: ClassVar[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._in_headers = False
        self._header_bytes = 0
        self._body_open = False
        self._refused = False
        self._address = ""

    # -- connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuses a connection above the limits; otherwise starts the deadline of its headers."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self.addresses[self._address] += 1
        everybody = len(self.connections) > self.limits.connection_limit
        many = self.addresses[self._address] > self.limits.address_connection_limit
        if everybody or (many and not self._is_proxy()):
            who = "all callers together" if everybody else "one address"
            self._refuse(503, f"the limit of connections for {who} is reached")
            return
        self._await_headers()

    def _is_proxy(self) -> bool:
        """Whether the connection is one of a proxy, which stands for many callers."""
        address = ipaddress.ip_address(self._address) if self._address else None
        return address is not None and any(address in block for block in self.proxies)

    def connection_lost(self, exc: Exception | None) -> None:
        """Removes the connection from the counts."""
        self._cancel()
        self._stop_write_timer()
        self.addresses[self._address] -= 1
        if self.addresses[self._address] <= 0:
            del self.addresses[self._address]
        super().connection_lost(exc)

    # -- what is read

    def data_received(self, data: bytes) -> None:
        """Feeds the parser while the request is within its limits."""
        if self._refused:
            return
        idle = self.cycle is None or self.cycle.response_complete
        if self._timer is None and idle and not self._body_open:
            self._await_headers()  # bytes that begin no request have a deadline too
        before = self._in_headers
        super().data_received(data)
        # Bytes that came with the end of an earlier request are not counted: at most one read.
        if self._in_headers and (before or self.cycle is None):
            self._header_bytes += len(data)
            if self._header_bytes > self.limits.header_limit:
                self._too_large()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_headers, self._header_bytes = True, 0
        if self._timer is None:
            self._await_headers()

    def on_headers_complete(self) -> None:
        """The headers are complete; the deadline of the body starts."""
        self._in_headers = False
        self._cancel()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.limits.header_limit:
            self._too_large()
        if self._refused:
            return
        self._body_open = True
        self._timer = self.loop.call_later(self.limits.body_seconds, self._body_late)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._body_open = False
        if self._refused:
            return
        self._cancel()
        super().on_message_complete()

    def _await_headers(self) -> None:
        self._timer = self.loop.call_later(self.limits.header_seconds, self._headers_late)

    def _headers_late(self) -> None:
        self._timer = None
        busy = self.cycle is not None and not self.cycle.response_complete
        if busy or (self.flow is not None and self.flow.read_paused):
            self._await_headers()  # an answer is on its way: the gateway is slow, not the caller
            return
        seconds = self.limits.header_seconds
        words = f"the headers were not complete after {seconds:g} seconds"
        self._refuse(408, words, silent=not self._in_headers)

    def _body_late(self) -> None:
        self._timer = None
        if self.flow.read_paused:  # the gateway reads slower than the caller sends
            self._timer = self.loop.call_later(self.limits.body_seconds, self._body_late)
            return
        seconds = self.limits.body_seconds
        words = f"the body was not complete after {seconds:g} seconds"
        answered = self.cycle is not None and self.cycle.response_complete
        self._refuse(408, words, silent=answered)

    def _too_large(self) -> None:
        limit = self.limits.header_limit
        self._refuse(431, f"the request line and the headers have more than {limit:,} bytes")

    # -- what is written

    def pause_writing(self) -> None:
        """The caller reads slowly."""
        super().pause_writing()
        self._start_write_timer()

    def resume_writing(self) -> None:
        """The caller has read enough."""
        super().resume_writing()
        self._stop_write_timer()

    def on_response_complete(self) -> None:
        """The gateway does not hold an answer for ever when the caller does not read it."""
        if self.transport.get_write_buffer_size() and self._write_timer is None:
            self._start_write_timer()
        super().on_response_complete()

    def _start_write_timer(self) -> None:
        self._stop_write_timer()
        self._write_timer = self.loop.call_later(self.limits.answer_seconds, self._not_read)

    def _stop_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _not_read(self) -> None:
        self._write_timer = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    # -- the end

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: int, detail: str, *, silent: bool = False) -> None:
        """Answers if no answer has begun, and closes the connection."""
        self._refused = True
        self._cancel()
        started = self.cycle is not None and self.cycle.response_started
        done = self.cycle is not None and self.cycle.response_complete
        if not silent and not self.transport.is_closing() and (not started or done):
            self.transport.write(_answer(status, detail))
        if self.cycle is not None and not done:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._start_write_timer()
        self.transport.close()


def _answer(status: int, detail: str) -> bytes:
    reason, name = _REASONS[status]
    document = {
        "type": f"urn:cession:problem:{name}",
        "title": reason,
        "status": status,
        "detail": detail,
    }
    body = msgspec.json.encode(document)
    head = (
        f"HTTP/1.1 {status} {reason}\r\ncontent-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
