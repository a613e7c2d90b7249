"""Locks of engines: on a port, and on the folder of a chain.

A lock is an open file. Whoever has the file open has the lock, and it ends with the last of them,
however that ends. The engine gets the file too, so that the lock lasts as long as the engine, which
may outlive the process that started it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import structlog

from app.chain.nodes.nodes import NodeError, PortTaken

FOLDER_SECONDS = 90.0  # longer than an engine may take to save its chain
_NOTE_SECONDS = 1.0
_LOCK = "engine.lock"
log = structlog.get_logger(__name__)


class FolderInUse(NodeError):
    """Another engine runs in the folder."""


@contextlib.contextmanager
def port_lock(port: int) -> Iterator[int]:
    """A descriptor that locks a port for the engines of this machine's user.

    A port that is free may be taken before the engine listens on it. If another engine took it,
    whoever asks there would speak to the wrong chain. The lock's empty file stays.

    Raises:
        PortTaken: another engine has it.
        NodeError: the folder of these locks is somebody else's.
    """
    folder = Path(tempfile.gettempdir()) / f"cession-ports-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if not folder.is_dir() or folder.lstat().st_uid != os.getuid():
        raise NodeError(f"{folder} is no folder of this user: remove it, or set TMPDIR")
    with _opened(folder / str(port)) as descriptor:
        if not _taken(descriptor):
            raise PortTaken(f"another engine has port {port}")
        yield descriptor


@contextlib.contextmanager
def folder_lock(folder: Path, *, seconds: float = FOLDER_SECONDS) -> Iterator[int]:
    """A descriptor that locks the folder of a chain; waits for an engine that is still saving it.

    Raises:
        FolderInUse: after so many seconds another engine still runs in it.
    """
    began = time.monotonic()
    noted = False
    with _opened(folder / _LOCK) as descriptor:
        while not _taken(descriptor):
            waited = time.monotonic() - began
            if waited > _NOTE_SECONDS and not noted:
                noted = True
                log.warning("engine.waits", folder=str(folder), until="another engine has ended")
            if waited > seconds:
                raise FolderInUse(
                    f"another engine runs in {folder}: end it, or take another folder"
                )
            time.sleep(0.05)
        yield descriptor


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise NodeError(f"{path} cannot be opened: {error.strerror}") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise NodeError(f"this file system has no locks: {error.strerror}") from error
    return True
