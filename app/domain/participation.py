"""What a participant is due of a loan's proceeds.

Twin of contracts/math/ParticipationMath.sol. Amounts are minor units, shares are parts per million.
"""

from __future__ import annotations

from collections.abc import Sequence

WHOLE = 1_000_000


def due_down(*, share: int, proceeds: int, joined_at: int, paid: int) -> int:
    """What a participant is due: its share of the proceeds since it joined, less what it was paid.

    Rounded down; 0 if corrections took back more than came in.
    """
    since = proceeds - joined_at
    return 0 if since <= 0 else max(0, since * share // WHOLE - paid)


def shared_down(money: int, dues: Sequence[int]) -> list[int]:
    """Gives money to those who are due, each in proportion and no one more than its due.

    All of it, or all that is due if that is less.
    """
    total = sum(dues)
    left = min(money, total)
    parts: list[int] = []
    for due in dues:
        part = due * left // total if total else 0
        parts.append(part)
        left -= part
        total -= due
    return parts
