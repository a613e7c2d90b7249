"""Runs one chain engine while its owner lives, and then stops it in an orderly way.

Run as a script: `supervisor.py LOG_FILE COMMAND…`. It prints the engine's process id, then waits.
It stops the engine when standard input closes or the parent process changes, so the engine does not
outlive an owner killed with -9. It sends SIGTERM first, so that the engine saves its chain. The
engine inherits the files that the supervisor got open: they are locks, see `locks.py`. It imports
only the standard library, because it is started without site packages.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys

POLL_SECONDS = 0.1
GRACE_SECONDS = 60.0
PR_SET_PDEATHSIG = 1


def end_with_supervisor() -> None:
    """In the child, on Linux: lets the kernel stop the engine if this supervisor is killed."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def owner_is_gone(owner: int) -> bool:
    """Whether standard input closes within `POLL_SECONDS` or the parent has changed."""
    readable, _, _ = select.select([0], [], [], POLL_SECONDS)
    return (bool(readable) and not os.read(0, 1024)) or os.getppid() != owner


def keep(log_file: str, command: list[str]) -> int:
    """Runs the command until it ends or its owner is gone; returns its exit code."""
    owner = os.getppid()
    with open(log_file, "ab") as log:
        engine = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            close_fds=False,
            preexec_fn=end_with_supervisor,
        )
    # Set after the start, or the engine would inherit it. The owner stops us by closing stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print(engine.pid, flush=True)
    while engine.poll() is None:
        if owner_is_gone(owner):
            engine.terminate()
            try:
                engine.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                engine.kill()
    return engine.wait()


if __name__ == "__main__":
    sys.exit(abs(keep(sys.argv[1], sys.argv[2:])))
