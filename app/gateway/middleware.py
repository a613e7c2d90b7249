"""Wraps every request.

It limits the size of bodies, authenticates before a body is read, sets security headers, measures,
and writes one log entry.
"""

from __future__ import annotations

import time

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.chain.outbox.operation import new_id
from app.config import Settings
from app.domain.texts import say
from app.errors import CessionError, TooLarge
from app.gateway.callers import begin_acting, identify
from app.gateway.problems import problem_response, translate
from app.gateway.refusals import begin
from app.gateway.said import listen

log = structlog.get_logger("http")
UPLOADS = frozenset(
    (
        *("/v1/bank-notifications", "/v1/documents", "/v1/stock-movements", "/v1/valuations"),
        *("/v1/cross-checks/tax-records", "/v1/cross-checks/registry-records"),
    )
)  # every endpoint that takes a file
PAGES, PAGES_UPLOADS = "/app/", "/app/uploads/"  # pages for people, and those that take a file
OPERATIONS = b"/v1/operations/"
MAX_READ_OFF = 100_000_000  # bytes of a refused upload
MAX_PATH = 2_000  # characters
FORM_ROOM = 100_000  # bytes that a form adds to its file
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
# What pages of other origins may send and read, where the operator allows those origins.
CALLERS_HEADERS = ("X-API-Key", "Authorization", "Content-Type", "Idempotency-Key", "Prefer")
ANSWERS_HEADERS = (
    *("Location", "Idempotency-Replayed", "Preference-Applied", "Retry-After"),
    *("X-Next-Cursor", "X-Request-Id", "Content-Disposition"),
)
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)


class LengthRequired(CessionError):
    """A body without its length has no bound."""

    status = 411
    title = "Length required"
    default_name = "length-required"


class PathTooLong(CessionError):
    """No address of the gateway is as long."""

    status = 414
    title = "Address too long"
    default_name = "address-too-long"


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
        """Answers a request, or hands it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        request_id, operation = new_id(), None
        _without_trailing_slash(scope)
        listen(scope)
        if hasattr(scope["app"].state, "gateway"):
            begin(scope["app"].state.gateway.contracts.name_at)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)

        async def answer(message: Message) -> None:
            nonlocal status, operation
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                headers.append((b"x-request-id", request_id.encode()))
                known = dict(headers)
                for name, value in SECURITY_HEADERS:
                    if name not in known:
                        headers.append((name, value))
                operation = _operation(known.get(b"location"))
                message = {**message, "headers": headers}
            await send(message)

        refused = self._refused(scope)
        try:
            if refused is None:
                refused = await self._unknown_sender(scope)
            if refused is not None:
                await _refuse(refused, scope, receive, answer)
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
                method=scope["method"],
                route=path,
                status=status,
                milliseconds=round(took * 1000, 2),
                address=scope["client"][0] if scope.get("client") else None,
                caller=None if caller is None else caller.label,
                party=None if caller is None else caller.party_id,
                operation=operation,
            )

    async def _unknown_sender(self, scope: Scope) -> CessionError | None:
        """Why the body is not read: the sender is unknown, or sends too many requests.

        A request without a body is authenticated by its endpoint, if the endpoint asks for it.
        """
        headers = dict(scope["headers"])
        if not scope["path"].startswith("/v1/") or not int(headers.get(b"content-length", b"0")):
            return None
        kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        try:
            caller = await identify(
                scope["app"].state.gateway,
                key=headers.get(b"x-api-key", b"").decode("latin-1") or None,
                token=token.strip() if kind.lower() == "bearer" else None,
                address=scope["client"][0] if scope.get("client") else "",
            )
        except Exception as error:
            return translate(error)
        begin_acting(scope, caller)
        return None

    def _refused(self, scope: Scope) -> CessionError | None:
        headers = dict(scope["headers"])
        if len(scope["path"]) > MAX_PATH:  # a number in it would be too long to read
            return PathTooLong(
                say("the path is longer than {max_path:number} characters", max_path=MAX_PATH)
            )
        if b"transfer-encoding" in headers:
            return LengthRequired("send the body with its Content-Length, not in chunks")
        length = headers.get(b"content-length", b"0")
        upload = scope["path"] in UPLOADS or scope["path"].startswith(PAGES_UPLOADS)
        limit = self.settings.document_limit if upload else self.settings.request_limit
        if not length.isdigit() or int(length) > limit + (FORM_ROOM if upload else 0):
            return TooLarge(
                say(
                    "the request has {decode} bytes; the limit is {limit:number} bytes",
                    decode=length.decode(errors="replace"),
                    limit=limit,
                ),
                field="file" if upload else None,
            )
        return None


def _without_trailing_slash(scope: Scope) -> None:
    """Treats `/v1/claims/` as `/v1/claims`, without a redirect."""
    path = scope["path"]
    if len(path) > 1 and path.endswith("/"):
        scope["path"] = path.rstrip("/") or "/"
        scope["raw_path"] = scope.get("raw_path", path.encode()).rstrip(b"/") or b"/"


def _operation(location: bytes | None) -> str | None:
    """The operation that an answer's `Location` names."""
    if location is None or not location.startswith(OPERATIONS):
        return None
    return location.removeprefix(OPERATIONS).decode("latin-1")


async def _refuse(error: CessionError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answers and closes the connection; the body is not read."""
    state = scope["app"].state
    if scope["path"].startswith(PAGES) and hasattr(state, "page_of_problem"):
        await _read_off(receive)
        response = await state.page_of_problem(Request(scope), error)
    else:
        response = problem_response(error)
    response.headers["Connection"] = "close"
    await response(scope, receive, send)


async def _read_off(receive: Receive) -> None:
    """Reads what a browser still sends, up to a limit: only then does it show the answer."""
    taken = 0
    while taken < MAX_READ_OFF:
        message = await receive()
        taken += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return
