"""Named points at which a test may end the process, to prove that nothing is lost or doubled.

`CESSION_CRASH_AT=relayer.stored` ends the process at once, as kill -9 would, when it first comes to
that point. Without the variable the points do nothing.
"""

from __future__ import annotations

import os

POINTS = (
    "outbox.enqueued",  # the operation is committed, nothing else has happened
    "relayer.claimed",  # the relayer took it, nothing is signed
    "relayer.simulated",
    "relayer.stored",  # the signed transaction is committed, not yet sent
    "relayer.broadcast",  # sent, nobody knows
    "indexer.fetched",  # in a block, not yet in the tables
    "indexer.stored",  # in the tables, nobody told
)
EXIT_CODE = 86
_chosen = os.environ.get("CESSION_CRASH_AT", "")


def crash_point(name: str) -> None:
    """Ends the process here when the environment asks for it."""
    if _chosen and name == _chosen:
        os._exit(EXIT_CODE)
