"""A proxy between gateways and the node that behaves as badly as nodes and networks do.

A seed decides the faults of single requests; the caller orders `freeze` and `outage`. During a
freeze, blocks, receipts and logs end at the block that was the newest when it began, while calls,
counts and sends are current. A caller behind a load balancer sees this.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from tests.support.bodies import Json
from tests.torture.wire import Connection, Lost

NODE_SECONDS = 60.0
# Out of 10,000 requests.
ODDS = {
    "dropped before": 40,
    "dropped after": 60,
    "timed out": 15,
    "garbage": 40,
    "wrong ids": 40,
    "rate limited": 60,
    "server error": 40,
    "late": 200,
}
_FROZEN = (
    *("eth_blockNumber", "eth_getBlockByNumber", "eth_getBlockByHash", "eth_getBlockReceipts"),
    *("eth_getTransactionReceipt", "eth_getLogs"),
)


class FaultProxy:
    """Answers JSON-RPC on a port of its own; `faults` counts what it did."""

    def __init__(self, node_url: str, *, seed: int) -> None:
        parts = urlsplit(node_url)
        assert parts.hostname is not None and parts.port is not None
        self._node = (parts.hostname, parts.port)
        self._random = random.Random(seed)
        self._free: list[Connection] = []
        self._server: asyncio.Server | None = None
        self._served: set[asyncio.Task[None]] = set()
        self.faults: Counter[str] = Counter()
        self.calm = True
        self.away = False
        self._frozen_at: int | None = None
        self.url = ""

    async def start(self) -> None:
        """Listens on a free port of 127.0.0.1."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        """Ends all connections."""
        if self._server is not None:
            self._server.close()
        for task in list(self._served):
            task.cancel()
        await asyncio.gather(*self._served, return_exceptions=True)
        for connection in self._free:
            connection.close()

    async def ask(self, method: str, *params: Any) -> Any:
        """One call without faults."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = json.loads(await self._forward(json.dumps(request).encode()))
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    async def freeze(self, seconds: float) -> None:
        """Blocks, receipts and logs stand still meanwhile."""
        self._frozen_at = int(await self.ask("eth_blockNumber"), 16)
        self.faults["freezes"] += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._frozen_at = None

    async def outage(self, seconds: float) -> None:
        """The node does not answer meanwhile."""
        self.away = True
        self.faults["outages"] += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self.away = False

    # -- connections

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._served.add(task)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = int(head.split("content-length:")[1].split("\r\n")[0])
                answer = await self._reply(await reader.readexactly(length))
                if answer is None:
                    return
                status, body = answer
                said = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
                writer.write(f"{said}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (EOFError, OSError, Lost, IndexError, asyncio.LimitOverrunError):
            return
        except asyncio.CancelledError:
            return
        finally:
            self._served.discard(task)
            with contextlib.suppress(RuntimeError):
                writer.close()

    def _fault(self) -> str | None:
        if self.calm:
            return None
        drawn = self._random.randrange(10_000)
        for name, odds in ODDS.items():
            if drawn < odds:
                self.faults[name] += 1
                return name
            drawn -= odds
        return None

    async def _reply(self, body: bytes) -> tuple[int, bytes] | None:
        """Status and body, or None: the connection ends without a word."""
        fault = "dropped before" if self.away else self._fault()
        if fault == "dropped before":
            return None
        if fault == "server error":
            return 502, b"<html>Bad Gateway</html>"
        request_body = json.loads(body)
        if fault == "rate limited":
            return 200, json.dumps(_limited(request_body)).encode()
        frozen_at = self._frozen_at
        if frozen_at is not None:
            _hold(request_body, frozen_at)
            body = json.dumps(request_body).encode()
        answer = await self._forward(body)
        if frozen_at is not None:
            answer = _withhold(request_body, answer, frozen_at)
        if fault == "dropped after":
            return None
        if fault == "timed out":
            await asyncio.sleep(NODE_SECONDS)
            return None
        if fault == "late":
            await asyncio.sleep(self._random.random())
        if fault == "garbage":
            return 200, answer[: self._random.randrange(len(answer))]
        if fault == "wrong ids":
            return 200, _renumbered(answer)
        return 200, answer

    async def _forward(self, body: bytes) -> bytes:
        connection = self._free.pop() if self._free else Connection(*self._node)
        headers = {"Content-Type": "application/json"}
        try:
            _, answer = await connection.request(
                "POST", "/", headers=headers, body=body, seconds=NODE_SECONDS
            )
        except Lost:  # the node ended a kept connection
            _, answer = await connection.request(
                "POST", "/", headers=headers, body=body, seconds=NODE_SECONDS
            )
        self._free.append(connection)
        return answer


# One call of a node, or several at once.
Asked = Json | list[Json]


def _limited(request: Asked) -> Asked:
    error = {"code": -32005, "message": "rate limit exceeded"}
    if isinstance(request, list):
        return [{"jsonrpc": "2.0", "id": call.get("id"), "error": error} for call in request]
    return {"jsonrpc": "2.0", "id": request.get("id"), "error": error}


def _renumbered(answer: bytes) -> bytes:
    body = json.loads(answer)
    for item in body if isinstance(body, list) else [body]:
        item["id"] = int(item.get("id") or 0) + 1
    return json.dumps(body).encode()


def _hold(request: Asked, frozen_at: int) -> None:
    """Turns a question for the newest block into one for the block that stands still."""
    for call in request if isinstance(request, list) else [request]:
        params = call.get("params") or []
        if call.get("method") == "eth_getBlockByNumber" and params:
            if params[0] in ("latest", "pending"):
                params[0] = hex(frozen_at)
        elif call.get("method") == "eth_getLogs" and params:
            for end in ("fromBlock", "toBlock"):
                if params[0].get(end) == "latest":
                    params[0][end] = hex(frozen_at)


def _withhold(request: Asked, answer: bytes, frozen_at: int) -> bytes:
    calls = {call.get("id"): call for call in (request if isinstance(request, list) else [request])}
    body = json.loads(answer)
    for item in body if isinstance(body, list) else [body]:
        method = calls.get(item.get("id"), {}).get("method")
        if method in _FROZEN and "result" in item:
            item["result"] = _as_of(method, item["result"], frozen_at)
    return json.dumps(body).encode()


def _as_of(method: str, result: Any, frozen_at: int) -> Any:
    if method == "eth_blockNumber":
        return hex(min(int(result, 16), frozen_at))
    if isinstance(result, dict):
        number = result.get("number") or result.get("blockNumber")
        return None if number is not None and int(number, 16) > frozen_at else result
    if isinstance(result, list):
        late = [item for item in result if int(item.get("blockNumber") or "0x0", 16) > frozen_at]
        if method == "eth_getBlockReceipts":
            return None if late else result
        return [item for item in result if item not in late]
    return result
