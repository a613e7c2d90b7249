"""The gateway as a real HTTP server on loopback, in a thread, on a chain of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from app.chain.nodes.engines import Engine
from app.chain.nodes.nodes import ChainNode
from app.config import SettingInvalid, Settings
from app.demo.clock import ChainClock
from app.embedded import (
    RECORD,
    Ledger,
    Saved,
    chain,
    deployed,
    embedded_gateway,
    embedded_settings,
    official_keys,
)
from app.gateway.demo_logins import DemoLogin
from app.gateway.gateway import Gateway
from app.serving import listen, serve_gateway

HEAD_SECONDS = 90.0
START_SECONDS = 120.0


class ServerFailed(Exception):
    """The server did not start; the cause says why."""


@dataclass
class RunningServer:
    """A running gateway.

    Attributes:
        url: its address.
        is_new: whether its contracts were deployed at this start.
        app: the application that it serves.
        keys: API keys of the officials' roles.
    """

    url: str
    node: ChainNode
    clock: ChainClock
    ledger: Ledger
    is_new: bool
    app: FastAPI
    gateway: Gateway
    keys: dict[str, str]

    def offer_logins(self, logins: Sequence[DemoLogin]) -> None:
        """Hands the demo's logins to the application, whose pages offer them from now on."""
        self.app.state.demo_logins = tuple(logins)


@dataclass
class _Start:
    """The results of the server's thread."""

    ready: threading.Event = field(default_factory=threading.Event)
    app: FastAPI | None = None
    gateway: Gateway | None = None
    keys: dict[str, str] = field(default_factory=dict)
    error: BaseException | None = None
    server: uvicorn.Server | None = None


@contextlib.contextmanager
def serve(
    *,
    engine: Engine,
    folder: Path,
    rpc_url: str | None = None,
    port: int = 0,
    begins_at: int | None = None,
    saved: Saved = "all",
) -> Iterator[RunningServer]:
    """Starts chain, contracts and gateway in this folder; stops them at the end.

    Args:
        begins_at: timestamp of the first block of a new chain; None: now.
        saved: what of the chain is kept for later starts.

    Raises:
        SettingInvalid, NodeError, DeploymentError, ServerFailed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    embedded_settings(folder, rpc_url="http://127.0.0.1")  # reports an invalid setting at once
    with chain(engine, rpc_url=rpc_url, folder=folder, begins_at=begins_at, saved=saved) as node:
        is_new = not (folder / RECORD).exists()
        settings = embedded_settings(folder, rpc_url=node.url)
        ledger = asyncio.run(deployed(node, folder=folder, rpc_timeout=settings.rpc_timeout))
        clock = ChainClock(node)
        if begins_at is not None and is_new:
            clock.follow()
        with listen("127.0.0.1", port) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with _running(ledger, settings, listener, clock) as start:
                assert start.app is not None
                assert start.gateway is not None
                yield RunningServer(
                    url=url,
                    node=node,
                    clock=clock,
                    ledger=ledger,
                    is_new=is_new,
                    app=start.app,
                    gateway=start.gateway,
                    keys=start.keys,
                )


@contextlib.contextmanager
def _running(
    ledger: Ledger, settings: Settings, listener: socket.socket, clock: ChainClock
) -> Iterator[_Start]:
    start = _Start()

    @contextlib.asynccontextmanager
    async def opening() -> AsyncIterator[Gateway]:
        async with embedded_gateway(ledger, settings, clock=clock.seconds) as gateway:
            start.keys = await official_keys(gateway)
            await _at_head(gateway)  # commands would be refused until then
            start.gateway = gateway
            yield gateway

    def built(app: FastAPI) -> None:
        start.app = app

    def run() -> None:
        try:
            serve_gateway(
                opening,
                settings=settings,
                listener=listener,
                server=lambda bounds: _Server(bounds, start),
                built=built,
            )
        except BaseException as error:
            start.error = error
        finally:
            start.ready.set()

    thread = threading.Thread(target=run, name="gateway", daemon=True)
    thread.start()
    try:
        in_time = start.ready.wait(START_SECONDS)
        listens = start.server is not None and start.server.started
        if not listens or start.gateway is None or start.error:
            if isinstance(start.error, SettingInvalid):
                raise start.error
            late = f"it was not ready after {START_SECONDS:g} seconds"
            words = start.error or ("it ended while it started" if in_time else late)
            raise ServerFailed(f"the gateway did not start: {words}") from start.error
        yield start
    finally:
        if start.server is not None:
            start.server.should_exit = True
        thread.join(30)


async def _at_head(gateway: Gateway) -> None:
    """Waits until the index has read the chain.

    Raises:
        ServerFailed.
    """
    until = time.monotonic() + HEAD_SECONDS
    while not gateway.indexer.reached_head:
        wrong = gateway.indexer.wrong_chain
        if wrong is not None or time.monotonic() > until:
            reason = wrong or gateway.indexer.last_error or "it is still behind"
            raise ServerFailed(f"the index has not reached the chain's head: {reason}")
        await asyncio.sleep(0.02)


class _Server(uvicorn.Server):
    """Signals when it listens."""

    def __init__(self, configuration: uvicorn.Config, start: _Start) -> None:
        super().__init__(configuration)
        self._start = start
        start.server = self

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._start.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the main thread's."""
        yield
