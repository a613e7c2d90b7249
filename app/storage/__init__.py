"""The store: tables, migrations, group commit. It knows nothing of chains or slices."""

from app.storage.engine import Storage, announce, create_storage, insert_many, run, run_many
from app.storage.errors import (
    RowConflict,
    StorageError,
    StorageFull,
    StorageUnavailable,
    ValueUnstorable,
    WritesCollided,
)
from app.storage.records import record_of

__all__ = [
    "RowConflict",
    "Storage",
    "StorageError",
    "StorageFull",
    "StorageUnavailable",
    "ValueUnstorable",
    "WritesCollided",
    "announce",
    "create_storage",
    "insert_many",
    "record_of",
    "run",
    "run_many",
]
