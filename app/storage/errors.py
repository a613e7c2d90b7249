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

_SQLITE_IOERR, _SQLITE_FULL, _SQLITE_CANTOPEN = 10, 13, 14
_POSTGRES_COLLIDED = {"40P01", "40001"}  # a deadlock, a failure to serialise
_POSTGRES_FULL = {"53100"}
# Shutdown, crash, start, idle session ended, database dropped; and read-only (a replica).
_POSTGRES_AWAY = {"57P01", "57P02", "57P03", "57P04", "57P05", "25006"}
# Classes: connection; too few resources; the server's files; the server's internal errors.
_POSTGRES_FAILING = ("08", "53", "58", "XX")


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
    if isinstance(error, IntegrityError):
        return RowConflict(str(origin))
    if isinstance(error, DataError):
        return ValueUnstorable(str(origin))
    if isinstance(origin, sqlite3.Error):
        code = getattr(origin, "sqlite_errorcode", 0) & 0xFF
        if code in (_SQLITE_FULL, _SQLITE_IOERR):
            return StorageFull(str(origin))
        if code == _SQLITE_CANTOPEN:
            return StorageUnavailable(str(origin))
        return error
    state = getattr(origin, "sqlstate", None)
    if state in _POSTGRES_COLLIDED:
        return WritesCollided(str(origin))
    if state in _POSTGRES_FULL:
        return StorageFull(str(origin))
    if state in _POSTGRES_AWAY or (state or "").startswith(_POSTGRES_FAILING):
        return StorageUnavailable(_first_line(origin))
    if getattr(error, "connection_invalidated", False):
        return StorageUnavailable(_first_line(origin))
    if state is None and type(origin).__name__ in ("OperationalError", "InterfaceError"):
        return StorageUnavailable(_first_line(origin))  # the server never answered
    return error


def _first_line(origin: object) -> str:
    lines = str(origin).splitlines()
    return lines[0] if lines else type(origin).__name__
