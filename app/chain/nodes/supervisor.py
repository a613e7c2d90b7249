"""Keeps one chain engine as long as its owner lives, and ends it in an orderly way afterwards.

Run as a script: `keeper.py LOG_FILE COMMAND…`. Prints the engine's process id, then waits. The
engine is ended when standard input closes or when the parent has changed, so that it does not
outlive an owner killed with -9; it is sent SIGTERM first, so that it still writes its chain down.
Imports the standard library only, since it is started without site packages.
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
GRACE_SECONDS = 20.0
PR_SET_PDEATHSIG = 1


def end_with_keeper() -> None:
    """In the child, on Linux: the kernel ends it should the keeper itself be killed."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def owner_is_gone(owner: int) -> bool:
    """Waits a moment for the end of standard input, then looks at the parent."""
    readable, _, _ = select.select([0], [], [], POLL_SECONDS)
    return (bool(readable) and not os.read(0, 1024)) or os.getppid() != owner


def keep(log_file: str, command: list[str]) -> int:
    """Runs the command until it ends or the owner is gone; returns its exit code."""
    owner = os.getppid()
    with open(log_file, "ab") as log:
        engine = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_keeper,
        )
    # Only now, or the engine would inherit it: an orderly end comes by the closing of stdin.
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
