"""A small HTTP/1.1 client on bare asyncio: one open connection, renewed when it is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

_HEADER_LIMIT = 1 << 16


class Lost(Exception):
    """No answer: refused, reset, cut off or late."""


class Connection:
    """One request at a time to one address."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        seconds: float,
    ) -> tuple[int, bytes]:
        """Status and body of the answer.

        Raises:
            Lost.
        """
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}"]) + "\r\n\r\n"
        try:
            async with asyncio.timeout(seconds):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(
                        self.host, self.port, limit=_HEADER_LIMIT
                    )
                reader, writer = self._streams
                writer.write(head.encode() + body)
                return await self._answer(reader)
        except (OSError, TimeoutError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            self.close()
            raise Lost(f"{type(error).__name__}: {error}") from error
        except asyncio.CancelledError:
            self.close()
            raise

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ", 2)[1])
        said = {name.lower(): value.strip() for name, _, value in (h.partition(":") for h in head)}
        if said.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(await reader.readline(), 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readline()
        else:
            body = await reader.readexactly(int(said.get("content-length", "0")))
        if said.get("connection", "").lower() == "close":
            self.close()
        return status, body

    def close(self) -> None:
        """Ends the connection; the next request opens another."""
        if self._streams is not None:
            with contextlib.suppress(RuntimeError):
                self._streams[1].close()
            self._streams = None
