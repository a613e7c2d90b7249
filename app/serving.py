"""Starts the HTTP server of a gateway.

If the gateway cannot open, the caller gets the error; the server's log gets no traceback.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import uvicorn
import uvloop
from fastapi import FastAPI

from app.config import Settings
from app.gateway.gateway import Gateway
from app.gateway.server import configuration
from app.main import build_app
from app.pages.views.live import end_streams

GRACE_SECONDS = 10


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 uses any free port.

    Raises:
        OSError: the address is in use, or is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except BaseException:
        listener.close()
        raise
    return listener


async def _answer_waiters(serving: uvicorn.Server, gateway: Gateway) -> None:
    """When the server is to end, answers the callers that wait for an operation."""
    while not serving.should_exit:
        await asyncio.sleep(0.1)
    end_streams(gateway)
    gateway.operations.answer_waiters()


def serve_gateway(
    opening: Callable[[], AbstractAsyncContextManager[Gateway]],
    *,
    settings: Settings,
    listener: socket.socket,
    server: Callable[[uvicorn.Config], uvicorn.Server] = uvicorn.Server,
    built: Callable[[FastAPI], None] | None = None,
) -> None:
    """Opens the gateway, serves until told to stop, and closes it.

    Args:
        built: gets the application before it is served.

    Raises:
        Whatever `opening` raises.
    """

    async def serve() -> None:
        stack = contextlib.AsyncExitStack()
        gateway = await stack.enter_async_context(opening())

        @contextlib.asynccontextmanager
        async def opened() -> AsyncIterator[Gateway]:
            async with stack:
                yield gateway

        app = build_app(opened, settings=settings)
        if built is not None:
            built(app)
        bounds = configuration(
            app, settings=settings, lifespan="on", timeout_graceful_shutdown=GRACE_SECONDS
        )
        serving = server(bounds)
        watcher = asyncio.create_task(_answer_waiters(serving, gateway))
        try:
            await serving.serve(sockets=[listener])
        finally:
            watcher.cancel()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())
