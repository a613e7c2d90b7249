"""Errors of the store.

StorageError
├── StorageFull          no room on the disk; the whole change was undone
├── StorageUnavailable   the database cannot be reached, or the store was closed
├── RowConflict          a unique key is already taken
├── WritesCollided       the change collided with other gateways' changes too often
└── ValueUnstorable      a number is too large, or a text has characters that no column accepts
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionFree


class StorageError(Exception):
    """A change or a read failed in the database; no partial change is left."""


class StorageFull(StorageError):
    """The disk (or the database's size limit) is full; the whole change was undone."""


class StorageUnavailable(StorageError):
    """The database does not answer (connection refused or lost), or the store was closed."""


class RowConflict(StorageError):
    """A unique key is already taken; the whole change was undone."""


class WritesCollided(StorageError):
    """The changes of two gateways collided; this whole change was undone."""


class ValueUnstorable(StorageError):
    """A number above 64 bits, or a text with a NUL or half a character; nothing was changed."""


_OF_SQLITE: dict[int, type[StorageError]] = {
    sqlite3.SQLITE_IOERR: StorageFull,
    sqlite3.SQLITE_FULL: StorageFull,
    sqlite3.SQLITE_CANTOPEN: StorageUnavailable,
}
_OF_POSTGRES: dict[str, type[StorageError]] = {
    "40P01": WritesCollided,  # a deadlock
    "40001": WritesCollided,  # a failure to serialise
    "53100": StorageFull,
    "57P01": StorageUnavailable,  # shutdown
    "57P02": StorageUnavailable,  # crash
    "57P03": StorageUnavailable,  # start
    "57P04": StorageUnavailable,  # the database was dropped
    "57P05": StorageUnavailable,  # an idle session ended
    "25006": StorageUnavailable,  # read-only: a replica
}
# Classes: connection; too few resources; the server's files; the server's internal errors.
_POSTGRES_FAILING = ("08", "53", "58", "XX")
_PRIMARY = 0xFF  # the bits of SQLite's error code without its extension


def translate(error: BaseException) -> BaseException:
    """The store's own error for a driver's error; any other error unchanged."""
    if isinstance(error, (OverflowError, UnicodeEncodeError)):
        return ValueUnstorable(str(error))
    if isinstance(error, NoConnectionFree):
        return StorageUnavailable("no connection to the database became free in time")
    if isinstance(error, DBAPIError):
        origin: BaseException | None = error.orig
    elif type(error).__module__.partition(".")[0] == "psycopg":
        origin = error  # COPY and the preparation of a connection bypass SQLAlchemy
    else:
        return error
    kind = _kind(error, origin)
    if kind is None:
        return error
    return kind(_first_line(origin) if kind is StorageUnavailable else str(origin))


def _kind(error: BaseException, origin: BaseException | None) -> type[StorageError] | None:
    """The store's own kind of a driver's error, or None if the store has none."""
    if isinstance(error, IntegrityError):
        return RowConflict
    if isinstance(error, DataError):
        return ValueUnstorable
    if isinstance(origin, sqlite3.Error):
        return _OF_SQLITE.get(getattr(origin, "sqlite_errorcode", 0) & _PRIMARY)
    state = getattr(origin, "sqlstate", None)
    if state in _OF_POSTGRES:
        return _OF_POSTGRES[state]
    named = type(origin).__name__ in ("OperationalError", "InterfaceError")
    never_answered = state is None and named
    if (
        never_answered
        or (state or "").startswith(_POSTGRES_FAILING)
        or getattr(error, "connection_invalidated", False)
    ):
        return StorageUnavailable
    return None


def _first_line(origin: object) -> str:
    lines = str(origin).splitlines()
    return lines[0] if lines else type(origin).__name__
