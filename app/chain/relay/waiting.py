"""Operations that the relayer leaves alone for a while: for a sibling, or for a better answer.

In memory only: after a start everything is tried at once.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable

from app.chain.outbox.outbox import DONE, Operation

MOST_EACH = 128  # places of one signer; its further operations wait in the store
FIRST_PAUSE, LONGEST_PAUSE, SIBLING_PAUSE = 0.25, 10.0, 1.0  # seconds


class Wait:
    """Why, and until when (monotonic seconds), one operation is left alone."""

    __slots__ = ("bare", "for_sibling", "pause", "signer", "until")

    def __init__(self, signer: str) -> None:
        self.signer = signer
        self.pause = FIRST_PAUSE
        self.until = 0.0
        self.bare = 0
        self.for_sibling = False

    def seen_bare(self) -> int:
        """How often the failure was proved but for its revert data, this time included."""
        self.bare += 1
        return self.bare


class Waiting:
    """All operations that wait, by their ids."""

    def __init__(self) -> None:
        self._waits: dict[str, Wait] = {}

    def __bool__(self) -> bool:
        return bool(self._waits)

    def ids(self) -> frozenset[str]:
        """Those whose time has not come."""
        now = time.monotonic()
        return frozenset(one for one, wait in self._waits.items() if wait.until > now)

    def add(self, operation: Operation, *, for_sibling: bool = False) -> Wait:
        """Leaves an operation alone, for longer each time."""
        wait = self._waits.setdefault(operation.id, Wait(operation.signer))
        wait.for_sibling = for_sibling
        wait.until = time.monotonic() + wait.pause
        wait.pause = SIBLING_PAUSE if for_sibling else min(LONGEST_PAUSE, wait.pause * 2)
        return wait

    def crowding(self, operations: Iterable[Operation]) -> list[Operation]:
        """Those of these that wait, and whose signer has more than its places here."""
        places = Counter(wait.signer for wait in self._waits.values())
        return [
            one for one in operations if one.id in self._waits and places[one.signer] > MOST_EACH
        ]

    def forget(self, operations: Iterable[Operation]) -> None:
        """They are on their way or done."""
        for operation in operations:
            self._waits.pop(operation.id, None)

    def changed(self, operations: Iterable[Operation]) -> None:
        """What waits for one of these need not wait longer than that."""
        operations = list(operations)
        self.forget(one for one in operations if one.state in DONE)
        signers = {operation.signer for operation in operations}
        for wait in self._waits.values():
            if wait.for_sibling and wait.signer in signers:
                wait.until = 0.0
