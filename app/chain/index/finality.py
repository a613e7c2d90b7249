"""When a block counts as final: a setting per chain."""

from __future__ import annotations

import msgspec

from app.chain.index.blocks import BlockReader, Header


class Finality(msgspec.Struct, frozen=True):
    """`instant` (a block is final once seen), so many `confirmations`, or the node's own
    `finalized` tag."""

    kind: str = "instant"
    confirmations: int = 0

    @classmethod
    def parse(cls, setting: str | int) -> Finality:
        """From a setting: "instant", "finalized", or a number of confirmations.

        Raises:
            ValueError.
        """
        if setting in ("instant", "finalized"):
            return cls(str(setting))
        count = int(setting)
        if count < 0:
            raise ValueError(f"confirmations cannot be negative: {setting}")
        return cls("confirmations", count) if count else cls("instant")

    async def final_block(self, *, reader: BlockReader, head: Header) -> tuple[int, str | None]:
        """Number of the last final block, -1 for none, and its hash where the node names it."""
        if self.kind == "instant":
            return head.height, None
        if self.kind == "confirmations":
            return max(head.height - self.confirmations, -1), None
        tagged = await reader.header("finalized")
        return (-1, None) if tagged is None else (tagged.height, tagged.hash)

    def within(self, final_number: int, *, last: int) -> int:
        """What is final of a chain that is linked up to block `last`, -1 for nothing.

        The head may stand on another fork by now, so it proves nothing of these blocks: they count
        their own confirmations, and the node's tag waits until its block is compared.
        """
        if self.kind == "instant":
            return min(final_number, last)
        if self.kind == "confirmations":
            return max(min(final_number, last - self.confirmations), -1)
        return -1
