"""Errors of backups; the package's docstring shows the tree."""

from __future__ import annotations

from app.storage.errors import StorageError


class BackupError(StorageError):
    """A backup or a restore failed; the message says what to do."""


class BackupExists(BackupError):
    """A file with this name exists."""


class BackupInvalid(BackupError):
    """The file is not a backup, or its bytes have changed."""


class ToolMissing(BackupError):
    """A program of PostgreSQL is not on this machine, or is older than the server."""


class StoreNotEmpty(BackupError):
    """The target already holds a store."""


class StoreInUse(BackupError):
    """A gateway or another command uses the target."""
