"""A connection to a node that can switch, break or fall silent, as a load balancer may."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Switch:
    """A TCP proxy in front of one port at a time."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.silent = False
        self.connections = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self.url = ""

    def lead_to(self, target: int) -> None:
        """New connections go to this port; open ones are cut."""
        self.target = target
        self.cut()

    def cut(self) -> None:
        """Ends every open connection."""
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self._writers |= ends
        try:
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if not self.silent:
                    writer.write(data)
                    await writer.drain()
        writer.transport.abort()


@contextlib.asynccontextmanager
async def switch(target: int) -> AsyncIterator[Switch]:
    """A switch that leads to the node at this port."""
    new_switch = Switch(target)
    server = await asyncio.start_server(new_switch._serve, "127.0.0.1", 0)
    new_switch.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield new_switch
    finally:
        server.close()
        new_switch.cut()
