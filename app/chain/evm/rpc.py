"""A small JSON-RPC client over HTTP: keep-alive connections, batches, msgspec.

ChainError
├── NodeUnreachable   no usable answer: refused, lost, timed out, not JSON-RPC, or the wrong id
│   └── RateLimited   the node rejected the request with HTTP status 429
└── RpcError          the node answered with an error (code, message, data)

An `RpcError` proves that a call reverts only if `is_revert` is true. Every other error describes
the node's own state, and the same request may get another answer later.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import httptools
import msgspec

from app.chain.evm.node_urls import public_url, secrets_of, split_url


class ChainError(Exception):
    """A request to the chain failed."""


class NodeUnreachable(ChainError):
    """The node gave no usable answer."""


class RateLimited(NodeUnreachable):
    """The node rejected the request because it got too many; ask again later."""


class _ConnectionLost(NodeUnreachable):
    """The connection ended before the answer."""


_REVERTED = 3
_RATE_LIMIT_CODES = frozenset((429, -32005, -32029, -32090, -32097))
_RATE_LIMIT_WORDS = ("rate limit", "too many requests", "request limit", "limit exceeded")


class RpcError(ChainError):
    """The node answered with an error.

    Attributes:
        code: JSON-RPC code (-32000 …, 3 for a revert).
        message: the node's message.
        data: revert data as hexadecimal text if the node gives it, else None.
    """

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.data = _revert_data(data)

    @property
    def is_rate_limit(self) -> bool:
        """Whether the error only says that the node got too many requests."""
        words = self.message.lower()
        return self.code in _RATE_LIMIT_CODES or any(part in words for part in _RATE_LIMIT_WORDS)

    @property
    def is_revert(self) -> bool:
        """Whether the error proves that the EVM ran the call and reverted it.

        True for code 3, for revert data, and for empty revert data if the node's message says
        "revert". A rate limit, an unknown block, a missing state and a message without data prove
        nothing: the caller asks again.
        """
        if self.code in _RATE_LIMIT_CODES:
            return False
        if self.code == _REVERTED or self.data not in (None, "0x"):
            return True
        return self.data == "0x" and "revert" in self.message.lower()


_HEXADECIMAL = re.compile(r"(?:Reverted )?(0x(?:[0-9a-fA-F]{2})*)")


def _revert_data(data: Any) -> str | None:
    """Revert data: text in anvil and geth, "Reverted 0x…" in Nethermind, a map in ganache."""
    if isinstance(data, str):
        match = _HEXADECIMAL.fullmatch(data)
        return match[1] if match else None
    if isinstance(data, dict):
        for key in ("data", "result", "return"):
            inner = _revert_data(data.get(key))
            if inner is not None:
                return inner
    return None


class _Answer(msgspec.Struct):
    """One answer; its result is decoded later, when its type is known."""

    id: int | None = None
    result: msgspec.Raw = msgspec.Raw(b"")
    error: dict[str, Any] | None = None


_decode_one = msgspec.json.Decoder(_Answer).decode
_decode_many = msgspec.json.Decoder(list[_Answer]).decode
Calls = Sequence[tuple[str, Sequence[Any]]]
Check = Callable[[Callable[[Calls], Awaitable[list[Any]]], str], Awaitable[None]]
_encode = msgspec.json.Encoder().encode
_decode_any = msgspec.json.Decoder().decode


class _Connection(asyncio.Protocol):
    """One HTTP/1.1 connection that carries one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.waiter: asyncio.Future[bytes] | None = None
        self.lost = False
        self._fresh()

    def _fresh(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(NodeUnreachable(f"not HTTP: {error}"))

    def on_body(self, body: bytes) -> None:
        self.body.append(body)

    def on_message_complete(self) -> None:
        status, keep = self.parser.get_status_code(), self.parser.should_keep_alive()
        body = b"".join(self.body)
        waiter, self.waiter = self.waiter, None
        if not keep and self.transport is not None:
            self.lost = True
            self.transport.close()
        if waiter is None or waiter.done():
            return
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            waiter.set_exception(RateLimited("HTTP 429: too many requests"))
        elif status >= HTTPStatus.BAD_REQUEST and not body.lstrip().startswith((b"{", b"[")):
            waiter.set_exception(NodeUnreachable(f"HTTP {status}: {body[:200]!r}"))
        else:
            waiter.set_result(body)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(_ConnectionLost(f"connection lost: {exc or 'closed by the node'}"))

    def _fail(self, error: Exception) -> None:
        self.lost = True
        if self.transport is not None:
            self.transport.abort()
        waiter, self.waiter = self.waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(error)

    def end(self) -> None:
        """Closes the connection at once."""
        self._fail(NodeUnreachable("the request was given up"))

    async def ask(self, request: bytes) -> bytes:
        """Sends one request and returns the body of its answer."""
        assert self.transport is not None
        self._fresh()
        self.waiter = waiter = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        try:
            body: bytes = await waiter
            return body
        except asyncio.CancelledError:
            self.end()
            raise


class JsonRpc:
    """A client of one node. Safe to share between tasks of one event loop.

    Args:
        url: http(s)://[user:password@]host[:port][/path].
        timeout: seconds that a call may take in total: the wait for a free connection, the
            connection, the request and the answer.
        connections: maximum number of connections at one time.

    Attributes:
        name: scheme, host and port, for messages.
        check: called with each new connection before its first use; an error that it raises ends
            the connection and the call. It gets a function that sends a batch, and the node's name.

    Raises:
        ValueError: `url` is not the address of a node.
    """

    def __init__(self, url: str, *, timeout: float = 10.0, connections: int = 8) -> None:
        parts = split_url(url)
        self.timeout = timeout
        self.name = public_url(url)
        self._host = str(parts.hostname)
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = f"[{self._host}]" if ":" in self._host else self._host
        header = f"POST {path} HTTP/1.1\r\nHost: {host}:{self._port}\r\n"
        self._secrets = secrets_of(parts)
        if parts.username is not None:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            token = b64encode(login.encode()).decode()
            header += f"Authorization: Basic {token}\r\n"
            self._secrets.insert(0, token)
        self._header = (header + "Content-Type: application/json\r\nContent-Length: ").encode()
        self.check: Check | None = None
        self._free: list[_Connection] = []
        self._slots = asyncio.Semaphore(connections)
        self._ids = itertools.count(1)

    async def call(
        self, method: str, *params: Any, kind: Any = None, timeout: float | None = None
    ) -> Any:
        """One call; `kind` is the msgspec type of the result (None: plain JSON values).

        Args:
            timeout: seconds for this call; None: the client's.

        Raises:
            NodeUnreachable, RpcError.
        """
        number = next(self._ids)
        body = await self._within(
            timeout, _encode({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        )
        try:
            answer = _decode_one(body)
        except msgspec.DecodeError as error:
            raise NodeUnreachable(f"not JSON-RPC: {self._quoted(body)}") from error
        if answer.id != number:
            raise NodeUnreachable(
                f"the answer to {method} has the id {answer.id}, not {number}: {self._quoted(body)}"
            )
        result = self._result(answer, kind)
        if isinstance(result, RpcError):
            raise result
        return result

    async def batch(
        self,
        calls: Calls,
        *,
        kind: Any = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """Many calls in one request; returns for each its result or its `RpcError`.

        Args:
            timeout: seconds for this request; None: the client's.

        Raises:
            NodeUnreachable: no answer, or one that omits a call or answers another request.
        """
        return await self._batch(partial(self._within, timeout), calls, kind=kind)

    async def _batch(
        self,
        post: Callable[[bytes], Awaitable[bytes]],
        calls: Calls,
        *,
        kind: Any = None,
    ) -> list[Any]:
        if not calls:
            return []
        first = next(self._ids)
        for _ in calls[1:]:
            next(self._ids)
        body = await post(
            _encode(
                [
                    {"jsonrpc": "2.0", "id": first + place, "method": method, "params": params}
                    for place, (method, params) in enumerate(calls)
                ]
            )
        )
        try:
            answers = _decode_many(body)
        except msgspec.DecodeError as error:
            raise NodeUnreachable(
                f"not an answer to a batch of {len(calls)} calls: {self._quoted(body)}"
            ) from error
        by_id = {answer.id: answer for answer in answers}
        if len(answers) != len(calls) or by_id.keys() != set(range(first, first + len(calls))):
            raise NodeUnreachable(
                f"the answers to a batch of {len(calls)} calls have other ids: "
                f"{len(answers)} answers"
            )
        return [self._result(by_id[first + place], kind) for place in range(len(calls))]

    async def chain_id(self) -> int:
        """The chain's id (EIP-155)."""
        return quantity(await self.call("eth_chainId"))

    async def close(self) -> None:
        """Closes all connections."""
        for connection in self._free:
            if connection.transport is not None:
                connection.transport.close()
        self._free.clear()

    async def _within(self, timeout: float | None, body: bytes) -> bytes:
        seconds = self.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(seconds):
                return await self._post(body)
        except TimeoutError as error:
            raise NodeUnreachable(f"{self.name}: no answer in {seconds:g} s") from error

    async def _post(self, body: bytes) -> bytes:
        """Sends a request and returns the body of its answer; all calls go through here."""
        try:
            async with self._slots:
                return await self._exchange(self._framed(body))
        except TimeoutError:
            raise
        except OSError as error:
            raise NodeUnreachable(f"{self.name}: {self._clean(str(error))}") from error
        except NodeUnreachable as error:
            if type(error) not in (NodeUnreachable, RateLimited, _ConnectionLost):
                raise  # it names its node already
            raise type(error)(f"{self.name}: {self._clean(str(error))}") from None

    async def _exchange(self, request: bytes) -> bytes:
        while self._free:
            connection = self._free.pop()
            if connection.lost:
                continue
            # The node may have closed an idle connection before the request reached it: ask again
            # on a new one. All our calls may be repeated, raw transactions too.
            with contextlib.suppress(_ConnectionLost):
                return await self._ask(connection, request)
            break
        connection = await self._connect()
        if self.check is not None:
            try:
                await self.check(partial(self._batch, partial(self._once, connection)), self.name)
            except BaseException:
                connection.end()
                raise
            if connection.lost:  # this node closes after each answer
                connection = await self._connect()
        return await self._ask(connection, request)

    async def _connect(self) -> _Connection:
        _, connection = await asyncio.get_running_loop().create_connection(
            _Connection, self._host, self._port, ssl=self._tls
        )
        return connection

    async def _once(self, connection: _Connection, body: bytes) -> bytes:
        """One request on this connection, which is not among the free ones."""
        return await connection.ask(self._framed(body))

    def _framed(self, body: bytes) -> bytes:
        return self._header + str(len(body)).encode() + b"\r\n\r\n" + body

    async def _ask(self, connection: _Connection, request: bytes) -> bytes:
        answer = await connection.ask(request)
        if not connection.lost:
            self._free.append(connection)
        return answer

    def _clean(self, text: str) -> str:
        """The text without the secrets of the node's address."""
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text

    def _quoted(self, body: bytes) -> str:
        return f"{self._clean(body.decode(errors='replace'))[:200]!r}"

    def _result(self, answer: _Answer, kind: Any) -> Any:
        if answer.error is not None:
            code, message = answer.error.get("code"), str(answer.error.get("message", ""))
            if not isinstance(code, int):
                raise NodeUnreachable(
                    f"{self.name}: an error without a code: {self._clean(message)}"
                )
            return RpcError(code, self._clean(message), answer.error.get("data"))
        if not bytes(answer.result):
            raise NodeUnreachable(f"{self.name}: an answer with neither result nor error")
        if kind is None:
            return _decode_any(answer.result)
        try:
            return msgspec.json.decode(answer.result, type=kind)
        except msgspec.DecodeError as error:
            raise NodeUnreachable(f"{self.name}: an answer of an unknown shape: {error}") from error


def quantity(answer: Any) -> int:
    """A whole number as nodes write it: `0x` and hexadecimal digits.

    Raises:
        NodeUnreachable: the answer is not a number.
    """
    if isinstance(answer, str) and _QUANTITY.fullmatch(answer):
        return int(answer, 16)
    raise NodeUnreachable(f"the answer is not a number: {str(answer)[:80]!r}")


_QUANTITY = re.compile("0x[0-9a-fA-F]{1,64}")
