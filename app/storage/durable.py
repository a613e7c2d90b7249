"""Writes files and folder entries so that they are on the disk when the function returns.

`fsync` of a file flushes its bytes; its name is in the folder, which needs its own flush. On
systems where a folder cannot be opened (Windows), the system flushes the name.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Makes the folder and its missing parents; their names are then on the disk."""
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
    """Makes an empty file unless it exists; its name is then on the disk.

    It does not open an existing file: closing it would release the locks that SQLite holds on it in
    this process.
    """
    make_folder(path.parent)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode))
    sync_folder(path.parent)


def write_new(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Writes a new file: whole or not at all, and on the disk on return.

    Raises:
        FileExistsError: the file exists; it does not change.
    """
    make_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename it never replaces an existing file
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)
