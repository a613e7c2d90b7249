"""Only blocks that the index has linked can be final, whatever head a node reports."""

from __future__ import annotations

import pytest

from app.chain.index.finality import Finality


@pytest.mark.parametrize(
    ("setting", "final_number", "last", "within"),
    [
        ("instant", 20, 12, 12),
        (3, 17, 20, 17),  # the head itself is linked
        (3, 17, 12, 9),  # the head may stand on another fork than block 12
        (6, 0, 2, -1),
        ("finalized", 17, 20, -1),  # its hash is not compared yet
    ],
)
def test_blocks_below_the_head_count_their_own_confirmations(
    setting: str | int, final_number: int, last: int, within: int
) -> None:
    assert Finality.parse(setting).within(final_number, last=last) == within
