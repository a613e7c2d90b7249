"""When a block counts as final: a setting per chain."""

from __future__ import annotations

import msgspec

from app.chain.blocks import BlockReader, Header


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

    async def final_number(self, *, reader: BlockReader, head: Header) -> int:
        """Number of the last final block, -1 for none."""
        if self.kind == "instant":
            return head.height
        if self.kind == "confirmations":
            return max(head.height - self.confirmations, -1)
        tagged = await reader.header("finalized")
        return -1 if tagged is None else tagged.height
