"""What can go wrong with a backup; the tree is in the package's docstring."""

from __future__ import annotations

from app.storage.errors import StorageError


class BackupError(StorageError):
    """A backup or a restore was not done; the message says what to do."""


class BackupExists(BackupError):
    """There is a file of that name."""


class BackupInvalid(BackupError):
    """Not a backup, or not the bytes that were written."""


class ToolMissing(BackupError):
    """A program of PostgreSQL is not on this machine, or is older than the server."""


class StoreNotEmpty(BackupError):
    """The target holds a store already."""


class StoreInUse(BackupError):
    """Somebody works on the target."""
