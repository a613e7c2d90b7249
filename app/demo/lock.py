"""A lock that ends with its process, however that ends."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


class Locked(OSError):
    """Another process has the lock; the message names it."""


@contextlib.contextmanager
def locked(path: Path, *, what: str) -> Iterator[None]:
    """Holds a lock file while the block runs. Systems without `flock` have no lock.

    Args:
        path: of the lock file; it is made with its folder and stays, unlocked.
        what: what is locked, for the message.

    Raises:
        Locked: another process holds it.
        OSError: the file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with contextlib.suppress(ImportError):
            import fcntl

            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(descriptor, 20).decode(errors="replace").strip() or "unknown"
                raise Locked(
                    f"{what} is in use by the cession of process {holder}; end it, or take another"
                ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
