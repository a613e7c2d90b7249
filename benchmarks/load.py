"""A load generator in a process of its own: `python -m benchmarks.load PLAN OUTCOME`.

The plan names host, port and *lanes*; each lane is one caller's keep-alive connection with its
requests in order, so as many requests are under way as there are lanes. What came of
it is one JSON document: wall-clock seconds, and for each request lane, status, milliseconds.
It uses httptools on bare asyncio, so that it takes little of the machine that it measures.
"""

from __future__ import annotations

import asyncio
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import httptools
import msgspec
import uvloop


class Request(msgspec.Struct):
    """One request. `body` is JSON text, or empty for none."""

    method: str
    path: str
    headers: dict[str, str] = {}
    body: str = ""


class Plan(msgspec.Struct):
    """What to send where. `seconds` bounds the whole run; lanes stop sending after it."""

    host: str
    port: int
    lanes: list[list[Request]]
    seconds: float = 60.0
    keep_bodies: bool = False


class Sample(msgspec.Struct):
    """One answer."""

    lane: int
    status: int
    milliseconds: float
    body: str = ""


class Outcome(msgspec.Struct):
    """What came of a plan."""

    seconds: float
    samples: list[Sample]


class _Lane(asyncio.Protocol):
    def __init__(self) -> None:
        self.waiter: asyncio.Future[tuple[int, bytes]] | None = None
        self.parser = httptools.HttpResponseParser(self)
        self.parts: list[bytes] = []
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def connection_lost(self, error: Exception | None) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_exception(ConnectionError(f"connection lost: {error}"))

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, part: bytes) -> None:
        self.parts.append(part)

    def on_message_complete(self) -> None:
        body, self.parts = b"".join(self.parts), []
        status, self.parser = self.parser.get_status_code(), httptools.HttpResponseParser(self)
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result((status, body))

    async def send(self, payload: bytes) -> tuple[int, bytes]:
        assert self.transport is not None
        self.waiter = asyncio.get_running_loop().create_future()
        self.transport.write(payload)
        return await self.waiter


def _payload(request: Request, *, host: str) -> bytes:
    body = request.body.encode()
    lines = [f"{request.method} {request.path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def run(plan: Plan) -> Outcome:
    """Sends everything, each lane one request at a time."""
    loop = asyncio.get_running_loop()
    lanes = [(await loop.create_connection(_Lane, plan.host, plan.port))[1] for _ in plan.lanes]
    payloads = [[_payload(request, host=plan.host) for request in lane] for lane in plan.lanes]
    samples: list[Sample] = []
    began = time.perf_counter()

    async def follow(number: int) -> None:
        for payload in payloads[number]:
            sent = time.perf_counter()
            if sent - began > plan.seconds:
                return
            status, body = await lanes[number].send(payload)
            took = (time.perf_counter() - sent) * 1000
            kept = plan.keep_bodies or status >= HTTPStatus.BAD_REQUEST
            text = body.decode(errors="replace") if kept else ""
            samples.append(Sample(number, status, took, text))

    await asyncio.gather(*(follow(number) for number in range(len(lanes))))
    return Outcome(time.perf_counter() - began, samples)


async def send(plan: Plan, *, folder: Path) -> Outcome:
    """Runs a plan in a process of its own.

    Raises:
        RuntimeError: the process failed; its words are in the message.
    """
    file = folder / "plan.json"
    file.write_bytes(msgspec.json.encode(plan))
    outcome = folder / "outcome.json"
    outcome.unlink(missing_ok=True)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.load", str(file), str(outcome)),
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    if process.returncode or not outcome.exists():
        words = errors.decode(errors="replace")[-2000:]
        raise RuntimeError(f"the load generator ended with {process.returncode}: {words}")
    return msgspec.json.decode(outcome.read_bytes(), type=Outcome)


def percentile(values: list[float], part: float) -> float:
    """The value that `part` (0 to 1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def main(arguments: list[str]) -> Any:
    """Reads the plan, runs it, writes the outcome."""
    plan = msgspec.json.decode(Path(arguments[0]).read_bytes(), type=Plan)
    Path(arguments[1]).write_bytes(msgspec.json.encode(uvloop.run(run(plan))))


if __name__ == "__main__":
    main(sys.argv[1:])
