"""Named points at which a test may end the process, to prove that nothing is lost or repeated.

`CESSION_CRASH_AT=relayer.stored` ends the process at once, as kill -9 does, when it first reaches
that point. Without the variable the points do nothing.
"""

from __future__ import annotations

import os

POINTS = (
    "outbox.enqueued",  # the operation is committed, nothing else has happened
    "relayer.claimed",  # the relayer has claimed it, nothing is signed
    "relayer.simulated",
    "relayer.stored",  # the signed transaction is committed, not yet sent
    "relayer.broadcast",  # sent, but nothing of that is stored
    "indexer.fetched",  # in a block, not yet in the tables
    "indexer.stored",  # in the tables, not yet reported
)
EXIT_CODE = 86
_chosen = os.environ.get("CESSION_CRASH_AT", "")


def crash_point(name: str) -> None:
    """Ends the process here if `CESSION_CRASH_AT` names this point."""
    if _chosen and name == _chosen:
        os._exit(EXIT_CODE)
