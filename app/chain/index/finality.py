"""When a block counts as final: a setting per chain."""

from __future__ import annotations

import msgspec

from app.chain.index.blocks import BlockReader, Header


class Finality(msgspec.Struct, frozen=True):
    """When a block is final.

    `instant`: once it is read; `confirmations`: under so many blocks; `finalized`: as the node's
    tag says.
    """

    kind: str = "instant"
    confirmations: int = 0

    @classmethod
    def parse(cls, setting: str | int) -> Finality:
        """From a setting: "instant", "finalized", or a number of confirmations.

        Raises:
            ValueError: it is none of these, or the number is negative.
        """
        if setting in ("instant", "finalized"):
            return cls(str(setting))
        count = int(setting)
        if count < 0:
            raise ValueError(f"confirmations cannot be negative: {setting}")
        return cls("confirmations", count) if count else cls("instant")

    async def final_block(self, *, reader: BlockReader, head: Header) -> tuple[int, str | None]:
        """Number of the last final block (-1 for none), and its hash if the node names it."""
        if self.kind == "instant":
            return head.height, None
        if self.kind == "confirmations":
            return max(head.height - self.confirmations, -1), None
        tagged = await reader.header("finalized")
        return (-1, None) if tagged is None else (tagged.height, tagged.hash)

    def within(self, final_number: int, *, last: int) -> int:
        """Number of the last final block of a chain that ends at block `last`; -1 for none.

        The head may be on another fork by now, so it proves nothing about these blocks: only they
        count as confirmations, and the node's tag counts once its block is compared.
        """
        if self.kind == "instant":
            return min(final_number, last)
        if self.kind == "confirmations":
            return max(min(final_number, last - self.confirmations), -1)
        return -1
