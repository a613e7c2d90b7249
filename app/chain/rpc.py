"""A small JSON-RPC client over HTTP: keep-alive connections, batches, msgspec.

ChainError
├── NodeUnreachable   no answer: refused, lost, timed out, or not JSON-RPC
└── RpcError          the node answered with an error (code, message, data)
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import ssl
from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import httptools
import msgspec


class ChainError(Exception):
    """Something between the gateway and the chain failed."""


class NodeUnreachable(ChainError):
    """The node gave no answer that can be used."""


class _ConnectionLost(NodeUnreachable):
    """The connection ended before the answer."""


class RpcError(ChainError):
    """The node answered with an error.

    Attributes:
        code: JSON-RPC code (-32000 …, 3 for a revert).
        message: the node's words.
        data: revert data as hexadecimal text where the node gives it, else None.
    """

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.data = _revert_data(data)


def _revert_data(data: Any) -> str | None:
    """Revert data, which anvil and geth give as text and ganache in a map."""
    if isinstance(data, str):
        return data if data.startswith("0x") else None
    if isinstance(data, dict):
        for key in ("data", "result", "return"):
            found = _revert_data(data.get(key))
            if found is not None:
                return found
    return None


class _Answer(msgspec.Struct):
    """One answer whose result is decoded later, when its type is known."""

    id: int | None = None
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: dict[str, Any] | None = None


_decode_one = msgspec.json.Decoder(_Answer).decode
_decode_many = msgspec.json.Decoder(list[_Answer]).decode
_encode = msgspec.json.Encoder().encode
_decode_any = msgspec.json.Decoder().decode


class _Connection(asyncio.Protocol):
    """One HTTP/1.1 connection with one request under way at a time."""

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
        if status >= 400 and not body.lstrip().startswith((b"{", b"[")):
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

    async def ask(self, request: bytes, *, timeout: float) -> bytes:
        """Sends one request and returns the body of its answer."""
        assert self.transport is not None
        self._fresh()
        self.waiter = waiter = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        try:
            async with asyncio.timeout(timeout):
                body: bytes = await waiter
                return body
        except TimeoutError as error:
            self._fail(NodeUnreachable("timed out"))
            raise NodeUnreachable(f"no answer in {timeout:g} s") from error
        except asyncio.CancelledError:
            self._fail(NodeUnreachable("given up"))
            raise


class JsonRpc:
    """A client of one node. Safe to share between tasks of one event loop."""

    def __init__(self, url: str, *, timeout: float = 30.0, connections: int = 8) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not an http(s) address of a node: {url}")
        self.url = url
        self.timeout = timeout
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = f"[{self._host}]" if ":" in self._host else self._host
        header = f"POST {path} HTTP/1.1\r\nHost: {host}:{self._port}\r\n"
        if parts.username is not None:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            header += f"Authorization: Basic {b64encode(login.encode()).decode()}\r\n"
        self._header = (header + "Content-Type: application/json\r\nContent-Length: ").encode()
        self._free: list[_Connection] = []
        self._slots = asyncio.Semaphore(connections)
        self._ids = itertools.count(1)

    async def call(self, method: str, *params: Any, kind: Any = None) -> Any:
        """One call; `kind` is the msgspec type of the result (None: plain JSON values).

        Raises:
            NodeUnreachable, RpcError.
        """
        number = next(self._ids)
        body = await self._post(
            _encode({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        )
        try:
            answer = _decode_one(body)
        except msgspec.DecodeError as error:
            raise NodeUnreachable(f"not JSON-RPC: {body[:200]!r}") from error
        result = _result(answer, kind)
        if isinstance(result, RpcError):
            raise result
        return result

    async def batch(
        self, calls: Sequence[tuple[str, Sequence[Any]]], *, kind: Any = None
    ) -> list[Any]:
        """Many calls in one request; each place holds its result or its `RpcError`.

        Raises:
            NodeUnreachable.
        """
        if not calls:
            return []
        first = next(self._ids)
        for _ in calls:
            next(self._ids)
        body = await self._post(
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
            try:
                single = _decode_one(body)
            except msgspec.DecodeError:
                raise NodeUnreachable(f"not JSON-RPC: {body[:200]!r}") from error
            refusal = _result(single, None)
            raise NodeUnreachable(f"the node refuses batches: {refusal}") from error
        results: list[Any] = [RpcError(-32603, "the node left this call unanswered")] * len(calls)
        for answer in answers:
            if answer.id is not None and 0 <= answer.id - first < len(calls):
                results[answer.id - first] = _result(answer, kind)
        return results

    async def chain_id(self) -> int:
        """The chain's id (EIP-155)."""
        return int(await self.call("eth_chainId"), 16)

    async def close(self) -> None:
        """Closes all connections."""
        for connection in self._free:
            if connection.transport is not None:
                connection.transport.close()
        self._free.clear()

    async def _post(self, body: bytes) -> bytes:
        request = self._header + str(len(body)).encode() + b"\r\n\r\n" + body
        async with self._slots:
            while self._free:
                connection = self._free.pop()
                if connection.lost:
                    continue
                # A kept connection may have been closed under us before the request reached the
                # node: ask again on a new one. All our calls may be repeated, raw ones too.
                with contextlib.suppress(_ConnectionLost):
                    return await self._ask(connection, request)
                break
            try:
                loop = asyncio.get_running_loop()
                async with asyncio.timeout(self.timeout):
                    _, connection = await loop.create_connection(
                        _Connection, self._host, self._port, ssl=self._tls
                    )
            except (OSError, TimeoutError) as error:
                raise NodeUnreachable(f"{self._host}:{self._port}: {error}") from error
            return await self._ask(connection, request)

    async def _ask(self, connection: _Connection, request: bytes) -> bytes:
        answer = await connection.ask(request, timeout=self.timeout)
        if not connection.lost:
            self._free.append(connection)
        return answer


def _result(answer: _Answer, kind: Any) -> Any:
    if answer.error is not None:
        error = answer.error
        return RpcError(int(error.get("code", 0)), str(error.get("message", "")), error.get("data"))
    if kind is None:
        return _decode_any(answer.result)
    try:
        return msgspec.json.decode(answer.result, type=kind)
    except msgspec.DecodeError as error:
        raise NodeUnreachable(f"an answer of an unknown shape: {error}") from error
