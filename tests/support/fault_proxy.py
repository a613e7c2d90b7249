"""A node that misbehaves: a proxy in front of a real one, with faults to switch on and off.

It stands for a load balancer with replicas that lag and disagree, a provider that limits the rate,
and whatever mixes up answers. Faults are plain attributes, so that a test or a torture run changes
them while requests are under way; every random choice comes from the seed.

    async with FaultProxy(node.url, seed=7) as proxy:
        rpc = JsonRpc(proxy.url)
        async with proxy.frozen(10):  # block and receipt reads of now, calls and sends current
            ...
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Any

import httpx

from tests.support.bodies import Json

# Methods that a replica answers from its own copy of the chain.
BLOCK_READS = frozenset(
    (
        "eth_blockNumber",
        "eth_getBlockByNumber",
        "eth_getBlockByHash",
        "eth_getBlockReceipts",
        "eth_getTransactionReceipt",
        "eth_getTransactionByHash",
        "eth_getLogs",
    )
)
STATE_READS = frozenset(
    (
        "eth_call",
        "eth_estimateGas",
        "eth_getTransactionCount",
        "eth_getBalance",
        "eth_getCode",
        "eth_getStorageAt",
    )
)
_LATEST = ("latest", "pending", "safe", "finalized")
_UNKNOWN_BLOCK = {"code": -32001, "message": "BlockOutOfRangeError: block height is not known"}
_LIMIT = {"code": -32005, "message": "rate limit exceeded"}
Request = Json
Answer = Json


class FaultProxy:
    """JSON-RPC over HTTP in front of `upstream`.

    Attributes:
        rate_limited: part of the requests (0 to 1) that get an error instead of an answer.
        wrong_ids: part of the answers that carry another request's id.
        dropped: part of the requests whose connection ends before the node sees them.
        lost_answers: part whose connection ends after the node has seen them.
        delay: seconds that each answer is held back.
        lag: blocks that a replica is behind; `lagging` is the part of the requests it answers, and
            `lagging_reads` which of the methods.
        counts: how often each fault struck, by its name.
    """

    def __init__(self, upstream: str, *, seed: int = 0) -> None:
        self.upstream = upstream
        self.random = random.Random(seed)
        self.rate_limited = 0.0
        self.wrong_ids = 0.0
        self.dropped = 0.0
        self.lost_answers = 0.0
        self.delay = 0.0
        self.lag = 0
        self.lagging = 0.0
        self.lagging_reads = BLOCK_READS | STATE_READS
        self.counts: Counter[str] = Counter()
        self._pinned: tuple[int, float, frozenset[str]] | None = None
        self._server: asyncio.Server | None = None
        self._client = httpx.AsyncClient(trust_env=False, timeout=60)
        self._tasks: set[asyncio.Task[None]] = set()

    # -- life

    async def __aenter__(self) -> FaultProxy:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def start(self, port: int = 0) -> None:
        """Listens on this port of the machine itself, or on a free one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Ends all connections."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    # -- faults that last

    async def freeze(self, seconds: float, *, methods: frozenset[str] = BLOCK_READS) -> None:
        """For these seconds `methods` answer as of the current block, like a replica that hangs."""
        head = int((await self._ask("eth_blockNumber"))["result"], 16)
        self._pinned = (head, time.monotonic() + seconds, methods)

    def thaw(self) -> None:
        """Ends `freeze`."""
        self._pinned = None

    @contextlib.contextmanager
    def limiting(self, part: float) -> Iterator[None]:
        """`rate_limited` for as long as the block lasts."""
        before, self.rate_limited = self.rate_limited, part
        try:
            yield
        finally:
            self.rate_limited = before

    @contextlib.asynccontextmanager
    async def frozen(
        self, seconds: float, *, methods: frozenset[str] = BLOCK_READS
    ) -> AsyncIterator[None]:
        """`freeze`, and `thaw` at the block's end."""
        await self.freeze(seconds, methods=methods)
        try:
            yield
        finally:
            self.thaw()

    # -- serving

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while (body := await _read(reader)) is not None:
                answer = await self._answer(body)
                if answer is None:
                    break
                if self.delay:
                    await asyncio.sleep(self.delay)
                text = json.dumps(answer).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (len(text), text)
                )
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, httpx.HTTPError):
            self.counts["upstream"] += 1
        finally:
            self._tasks.discard(task)
            writer.close()

    def _strikes(self, name: str, part: float) -> bool:
        struck = part > 0 and self.random.random() < part
        self.counts[name] += struck
        return struck

    async def _answer(self, body: bytes) -> Any:
        """The answer to a request or a batch; None ends the connection without one."""
        request_body = json.loads(body)
        requests: list[Request] = request_body if isinstance(request_body, list) else [request_body]
        if self._strikes("dropped", self.dropped):
            return None
        answers = await self._answers(requests)
        if self._strikes("lost answers", self.lost_answers):
            return None
        if self._strikes("wrong ids", self.wrong_ids):
            ids = [answer["id"] for answer in answers]
            shift = [ids[0] + 1000] if len(ids) == 1 else [*ids[1:], ids[0]]
            for answer, other in zip(answers, shift, strict=True):
                answer["id"] = other
        return answers if isinstance(request_body, list) else answers[0]

    async def _answers(self, requests: list[Request]) -> list[Answer]:
        """Answers in the order of the requests."""
        behind = await self._behind()
        sent: list[Request] = []
        answers: dict[int, Answer] = {}
        for place, request in enumerate(requests):
            if self._strikes("rate limit", self.rate_limited):
                answers[place] = _error(request, _LIMIT)
                continue
            chosen = request
            if behind is not None and request["method"] in behind[1]:
                replica = _as_of(request, behind[0])
                self.counts["stale"] += replica is not request
                if replica is None:
                    answers[place] = _unknown(request)
                    continue
                chosen = replica
            sent.append({**chosen, "id": place})
        if sent:
            response = await self._client.post(self.upstream, json=sent)
            for answer in response.json():
                place = answer["id"]
                passed_on = answer | {"id": requests[place]["id"]}
                if behind is not None and requests[place]["method"] in behind[1]:
                    passed_on = _forgetting(requests[place], passed_on, behind[0])
                answers[place] = passed_on
        return [answers[place] for place in range(len(requests))]

    async def _behind(self) -> tuple[int, frozenset[str]] | None:
        """The block that this request's replica is at, and for which methods; None: at the head."""
        if self._pinned is not None:
            number, until, methods = self._pinned
            if time.monotonic() < until:
                return number, methods
            self._pinned = None
        if self.lag and self._strikes("lagging", self.lagging):
            head = int((await self._ask("eth_blockNumber"))["result"], 16)
            return max(0, head - self.lag), self.lagging_reads
        return None

    async def _ask(self, method: str, *params: Any) -> Answer:
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer: Answer = (await self._client.post(self.upstream, json=request)).json()
        return answer


def _as_of(request: Request, number: int) -> Request | None:
    """The request as a replica at block `number` understands it; None: it knows no such block."""
    method, params = request["method"], list(request.get("params", ()))
    if method in STATE_READS or method == "eth_getBlockByNumber":
        place = 0 if method == "eth_getBlockByNumber" else 1
        if method == "eth_getStorageAt":
            place = 2
        while len(params) <= place:
            params.append("latest")
        tag = params[place]
        if tag in _LATEST:
            params[place] = hex(number)
        elif isinstance(tag, str) and tag.startswith("0x") and int(tag, 16) > number:
            return None
        return {**request, "params": params}
    return request


def _forgetting(request: Request, answer: Answer, number: int) -> Answer:
    """The answer without what the replica has not seen yet."""
    method, result = request["method"], answer.get("result")
    if method == "eth_blockNumber" and result is not None:
        return {**answer, "result": hex(min(int(result, 16), number))}
    if isinstance(result, list) and method == "eth_getBlockReceipts":
        if result and int(result[0]["blockNumber"], 16) > number:
            return {**answer, "result": None}
    elif isinstance(result, list) and method == "eth_getLogs":
        remaining = [log for log in result if int(log["blockNumber"], 16) <= number]
        return {**answer, "result": remaining}
    elif isinstance(result, dict):
        block_number = result.get("number" if method == "eth_getBlockByHash" else "blockNumber")
        if block_number is not None and int(block_number, 16) > number:
            return {**answer, "result": None}
    return answer


def _unknown(request: Request) -> Answer:
    if request["method"] == "eth_getBlockByNumber":
        return {"jsonrpc": "2.0", "id": request["id"], "result": None}
    return _error(request, _UNKNOWN_BLOCK)


def _error(request: Request, error: Json) -> Answer:
    return {"jsonrpc": "2.0", "id": request["id"], "error": error}


async def _read(reader: asyncio.StreamReader) -> bytes | None:
    """The body of the next HTTP request, None at the connection's end."""
    length = 0
    first = await reader.readline()
    if not first:
        return None
    while (line := await reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return await reader.readexactly(length)
