"""Around every request: size limit, security headers, metrics, one line of log."""

from __future__ import annotations

import time

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.chain.operation import new_id
from app.config import Settings
from app.errors import CessionError, TooLarge
from app.http.problems import MEDIA_TYPE

log = structlog.get_logger("http")
UPLOADS = frozenset(("/v1/documents", "/v1/stock-movements", "/v1/valuations"))
FORM_ROOM = 100_000  # what a form adds to the file in it
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
# The API's own pages load their scripts from the gateway itself.
PAGES = ("/docs", "/redoc")
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)


class LengthRequired(CessionError):
    """A body without its length cannot be bounded."""

    status = 411
    title = "Length required"
    default_name = "length-required"


class Edge:
    """Pure ASGI middleware."""

    def __init__(self, app: ASGIApp, *, settings: Settings, registry: CollectorRegistry) -> None:
        self.app = app
        self.settings = settings
        self.requests = Counter(
            "cession_http_requests", "Requests", ["method", "route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "cession_http_seconds", "Time to answer", ["route"], registry=registry, buckets=_BUCKETS
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        request_id = new_id()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                headers.append((b"x-request-id", request_id.encode()))
                known = {name for name, _ in headers}
                for name, value in SECURITY_HEADERS:
                    page = name == b"content-security-policy" and scope["path"] in PAGES
                    if name not in known and not page:
                        headers.append((name, value))
                message = {**message, "headers": headers}
            await send(message)

        refused = self._refused(scope)
        try:
            if refused is not None:
                await _refuse(refused, answer)
            else:
                await self.app(scope, receive, answer)
        finally:
            route = scope.get("route")
            path = getattr(route, "path", "unknown")
            took = time.perf_counter() - began
            self.requests.labels(scope["method"], path, str(status)).inc()
            self.seconds.labels(path).observe(took)
            caller = scope.get("state", {}).get("caller")
            log.info(
                "request",
                request=request_id,
                method=scope["method"],
                route=path,
                status=status,
                milliseconds=round(took * 1000, 2),
                caller=None if caller is None else caller.label,
            )

    def _refused(self, scope: Scope) -> CessionError | None:
        headers = dict(scope["headers"])
        if b"transfer-encoding" in headers:
            return LengthRequired("send the body with its Content-Length, not in chunks")
        length = headers.get(b"content-length", b"0")
        upload = scope["path"] in UPLOADS
        limit = self.settings.document_limit if upload else self.settings.request_limit
        if not length.isdigit() or int(length) > limit + (FORM_ROOM if upload else 0):
            return TooLarge(
                f"the request has {length.decode(errors='replace')} bytes, "
                f"at most {limit:,} are taken",
                field="file" if upload else None,
            )
        return None


async def _refuse(error: CessionError, send: Send) -> None:
    body = msgspec.json.encode(error.problem())
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
