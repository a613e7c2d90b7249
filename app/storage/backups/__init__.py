"""Backups of the store: a consistent copy of it while a gateway runs, and the way back.

A backup is one file, readable by its owner only: an uncompressed tar with the copy (a SQLite file,
or `pg_dump`'s own format) and a manifest that says of what, of when and with which checksum.

BackupError
├── BackupExists       there is a file of that name; it is left as it is
├── BackupInvalid      not a backup, or its bytes are not those that were written
├── ToolMissing        PostgreSQL's own program is not here, or too old for the server
├── StoreNotEmpty      the target holds a store, and nobody said that it may go
└── StoreInUse         a gateway, or another command, works on the target
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
