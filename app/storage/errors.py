"""What can go wrong in the store.

StorageError
├── StorageFull          no room on the disk; nothing of the change was kept
├── StorageUnavailable   the database cannot be reached or was closed
├── RowConflict          a unique key is taken already
├── WritesCollided       another gateway's change was in the way too often
└── ValueUnstorable      a number too large, or a text with characters that no column takes
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

_SQLITE_IOERR, _SQLITE_FULL, _SQLITE_CANTOPEN = 10, 13, 14
_POSTGRES_COLLIDED = {"40P01", "40001"}  # a deadlock, a failure to serialise
_POSTGRES_FULL = {"53100"}
# It ends, has crashed, starts, has dropped an idle session or the database; only reads (a replica).
_POSTGRES_AWAY = {"57P01", "57P02", "57P03", "57P04", "57P05", "25006"}
# Of the connection; too few resources; the server's own files; the server's own error.
_POSTGRES_FAILING = ("08", "53", "58", "XX")


class StorageError(Exception):
    """A change or a read failed in the database; nothing half done is left."""


class StorageFull(StorageError):
    """The disk (or the database's size limit) is full; the whole change was undone."""


class StorageUnavailable(StorageError):
    """The database is not there: connection refused, lost, or the store was closed."""


class RowConflict(StorageError):
    """A unique key is taken already; the whole change was undone."""


class WritesCollided(StorageError):
    """Two gateways' changes were in each other's way; all of this one was undone."""


class ValueUnstorable(StorageError):
    """A number past 64 bits, or a text with a NUL or half a character; nothing was changed."""


def translate(error: BaseException) -> BaseException:
    """The store's own error for a driver's error; any other error as it is."""
    if isinstance(error, (OverflowError, UnicodeEncodeError)):
        return ValueUnstorable(str(error))
    if isinstance(error, NoConnectionFree):
        return StorageUnavailable("no connection to the database came free")
    if isinstance(error, DBAPIError):
        origin: BaseException | None = error.orig
    elif type(error).__module__.partition(".")[0] == "psycopg":
        origin = error  # COPY and the preparation of a connection go past SQLAlchemy
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
