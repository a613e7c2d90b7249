"""Backups of the store: makes a consistent copy while a gateway runs, and restores it.

A backup is one file that only its owner may read: an uncompressed tar with the copy (a SQLite file,
or `pg_dump`'s own format) and a manifest with its source, time and checksum.

BackupError
├── BackupExists       a file with this name exists; it does not change
├── BackupInvalid      the file is not a backup, or its bytes have changed
├── ToolMissing        PostgreSQL's own program is not installed, or is too old for the server
├── StoreNotEmpty      the target holds a store, and `replace` is not set
└── StoreInUse         a gateway or another command uses the target
"""

from app.storage.backups.errors import (
    BackupError,
    BackupExists,
    BackupInvalid,
    StoreInUse,
    StoreNotEmpty,
    ToolMissing,
)
from app.storage.backups.files import Manifest, read_manifest
from app.storage.backups.making import make_backup
from app.storage.backups.restoring import restore_backup

__all__ = [
    "BackupError",
    "BackupExists",
    "BackupInvalid",
    "Manifest",
    "StoreInUse",
    "StoreNotEmpty",
    "ToolMissing",
    "make_backup",
    "read_manifest",
    "restore_backup",
]
