"""The clock of a development chain, which the gateway on it shares."""

from __future__ import annotations

import time

from app.chain.nodes.nodes import ChainNode


class ChainClock:
    """The clock of a development chain.

    Args:
        node: whose clock it is; between two blocks it runs like that of the machine.
    """

    def __init__(self, node: ChainNode) -> None:
        self._node = node
        self._ahead = 0.0  # seconds that the chain is ahead of the machine's clock

    def now(self) -> int:
        """Timestamp of the newest block."""
        return self._node.time()

    def move_to(self, timestamp: int) -> None:
        """Makes the next block's timestamp at least `timestamp`."""
        self._node.advance_time(max(1, timestamp - self.now()))
        self.follow()

    def follow(self) -> None:
        """Reads from the chain how far it is from the machine's clock."""
        self._ahead = self.now() - time.time()

    def seconds(self) -> float:
        """UTC seconds now, as the chain has them."""
        return time.time() + self._ahead
