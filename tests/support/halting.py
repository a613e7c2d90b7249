"""A process that stands still, as one whose machine or disk hangs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def halted(process_id: int) -> Iterator[None]:
    """The process keeps its connections and does nothing, from the beginning of the block on.

    On a busy machine some of its threads run on for a while after the signal.
    """
    os.kill(process_id, signal.SIGSTOP)
    try:
        while not _stands_still(process_id):
            time.sleep(0.001)
        yield
    finally:
        os.kill(process_id, signal.SIGCONT)


def _stands_still(process_id: int) -> bool:
    try:
        threads = [*Path(f"/proc/{process_id}/task").glob("*/stat")]
        return all(file.read_text().rpartition(") ")[2].startswith("T") for file in threads)
    except (FileNotFoundError, ProcessLookupError):  # a thread has ended
        return False
