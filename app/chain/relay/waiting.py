"""Operations that the relayer puts off for a while: for a sibling, or for a better answer.

In memory only: after a start the relayer tries all of them at once.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable

from app.chain.outbox.outbox import DONE, Operation

MAX_EACH = 128  # operations of one signer in memory; its others wait in the store
FIRST_PAUSE, MAX_PAUSE, SIBLING_PAUSE = 0.25, 10.0, 1.0  # seconds


class Wait:
    """Why, and until when (monotonic seconds), the relayer puts off one operation."""

    __slots__ = ("bare", "for_sibling", "pause", "signer", "until")

    def __init__(self, signer: str) -> None:
        self.signer = signer
        self.pause = FIRST_PAUSE
        self.until = 0.0
        self.bare = 0
        self.for_sibling = False

    def count_bare(self) -> int:
        """Counts a proof of the failure that has no revert data; returns their number so far."""
        self.bare += 1
        return self.bare


class Waiting:
    """All operations that are put off, by id."""

    def __init__(self) -> None:
        self._waits: dict[str, Wait] = {}

    def __bool__(self) -> bool:
        return bool(self._waits)

    def ids(self) -> frozenset[str]:
        """Ids of the operations that still have to wait."""
        now = time.monotonic()
        return frozenset(identifier for identifier, wait in self._waits.items() if wait.until > now)

    def add(self, operation: Operation, *, for_sibling: bool = False) -> Wait:
        """Puts an operation off, for longer each time."""
        wait = self._waits.setdefault(operation.id, Wait(operation.signer))
        wait.for_sibling = for_sibling
        wait.until = time.monotonic() + wait.pause
        wait.pause = SIBLING_PAUSE if for_sibling else min(MAX_PAUSE, wait.pause * 2)
        return wait

    def crowding(self, operations: Iterable[Operation]) -> list[Operation]:
        """Those of `operations` that wait here while their signer has more than `MAX_EACH` here."""
        counts = Counter(wait.signer for wait in self._waits.values())
        return [
            operation
            for operation in operations
            if operation.id in self._waits and counts[operation.signer] > MAX_EACH
        ]

    def forget(self, operations: Iterable[Operation]) -> None:
        """Removes operations that are sent or done."""
        for operation in operations:
            self._waits.pop(operation.id, None)

    def changed(self, operations: Iterable[Operation]) -> None:
        """Ends the wait of operations that waited for one of these, their sibling."""
        operations = list(operations)
        self.forget(operation for operation in operations if operation.state in DONE)
        signers = {operation.signer for operation in operations}
        for wait in self._waits.values():
            if wait.for_sibling and wait.signer in signers:
                wait.until = 0.0
