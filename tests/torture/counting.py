"""Counts on the chain how often each command ran, while it runs.

It keeps nothing but one byte a command.
"""

from __future__ import annotations

import asyncio
import contextlib

from tests.torture.proxy import FaultProxy
from tests.torture.wire import Lost
from tests.torture.world import CONFIRMATIONS, World

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
NOBODY = "0x" + "0" * 64
LOG_BLOCKS = 200
SETTLED = 2 * CONFIRMATIONS  # our reorganisations undo fewer blocks than this
EVERY_SECONDS = 5.0


class ChainCount:
    """`ran[n]` is how often command n's amount was paid, up to the block that was counted last."""

    def __init__(self, proxy: FaultProxy, world: World, count: int) -> None:
        self.ran = bytearray(count)
        self._proxy, self._token = proxy, world.token
        self._following = world.first_block

    async def follow(self) -> None:
        """Counts settled blocks until it is cancelled."""
        while True:
            with contextlib.suppress(Lost):  # the node is slow; later
                await self._count(await self._head() - SETTLED)
            await asyncio.sleep(EVERY_SECONDS)

    async def finish(self) -> bytearray:
        """Counts what is left, in the chain as it is now."""
        await self._count(await self._head())
        return self.ran

    async def _head(self) -> int:
        return int(await self._proxy.ask("eth_blockNumber"), 16)

    async def _count(self, last: int) -> None:
        """Counts blocks up to this one, each once, even if it is cancelled between two ranges."""
        while self._following <= last:
            until = min(last, self._following + LOG_BLOCKS - 1)
            logs = await self._proxy.ask(
                "eth_getLogs",
                {
                    "address": self._token,
                    "topics": [TRANSFER],
                    "fromBlock": hex(self._following),
                    "toBlock": hex(until),
                },
            )
            for log in logs:
                number = int(log["data"], 16) - 1
                if log["topics"][1] != NOBODY and 0 <= number < len(self.ran):
                    self.ran[number] = min(255, self.ran[number] + 1)
            self._following = until + 1
