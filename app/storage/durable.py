"""Files and folder entries that are on the disk before the caller goes on.

`fsync` of a file keeps its bytes; its name lies in the folder, which is flushed by itself. On
systems where a folder cannot be opened (Windows) the name is left to the system.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Makes the folder and those above it that are missing; their names are on the disk then."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flushes the folder's entries to the disk."""
    flags = getattr(os, "O_DIRECTORY", 0) | os.O_RDONLY
    with contextlib.suppress(PermissionError, NotADirectoryError):
        descriptor = os.open(folder, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def create_empty(path: Path, *, mode: int = 0o600) -> None:
    """Makes the file, empty, unless it is there; its name is on the disk then.

    One that is there is not opened: closing it would take from SQLite the locks that this process
    holds on it.
    """
    make_folder(path.parent)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode))
    sync_folder(path.parent)


def write_new(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Writes a file that is not there yet: whole or not at all, and on the disk on return.

    Raises:
        FileExistsError: there is one; it is left as it is.
    """
    make_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename it never takes the place of a file that is there
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)
