"""A disk that keeps only what was flushed.

Every `fsync` that SQLite makes copies the file as it is then to a second folder. After a power
loss that copy is what is left.

It wraps `xOpen` and `xSync` of SQLite's own file layer, in the library that Python's `sqlite3` has
loaded, so that the shipped code runs as it is.
"""

from __future__ import annotations

import contextlib
import ctypes
import sqlite3
from collections.abc import Iterator
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_void_p
from pathlib import Path

# The name stays a pointer: SQLite keeps it, and reads parameters behind its end.
_XOPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_XSYNC = CFUNCTYPE(c_int, c_void_p, c_int)
_METHODS = 19  # pointers of `sqlite3_io_methods` version 3, its version number included
_SYNC_PLACE = 5  # after version, xClose, xRead, xWrite, xTruncate


class _Layer(Structure):
    """`sqlite3_vfs` up to its first method."""

    _fields_ = (
        ("version", c_int),
        ("file_size", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
    )


class FlushedFiles:
    """What the disk holds for sure."""

    def __init__(self, source: Path, disk: Path) -> None:
        self.source, self.kept = source, disk
        self.flushes = 0

    def flushed(self, path: Path) -> None:
        """The file's bytes have reached the disk."""
        if path.parent == self.source:
            self.flushes += 1
            (self.kept / path.name).write_bytes(path.read_bytes())


def _library() -> ctypes.CDLL:
    """SQLite as Python itself uses it."""
    library = ctypes.CDLL("libsqlite3.so.0")
    library.sqlite3_libversion.restype = c_char_p
    library.sqlite3_vfs_find.restype = POINTER(_Layer)
    library.sqlite3_vfs_find.argtypes = [c_char_p]
    if library.sqlite3_libversion().decode() != sqlite3.sqlite_version:
        raise OSError("Python's sqlite3 has another SQLite than the system's")
    return library


@contextlib.contextmanager
def power_loss(source: Path, disk: Path) -> Iterator[FlushedFiles]:
    """Watches every SQLite file that is opened in `source` meanwhile.

    Raises:
        OSError: SQLite's library cannot be reached on this system.
    """
    layer = _library().sqlite3_vfs_find(None).contents
    files = FlushedFiles(source, disk)
    real_open = layer.open
    open_file = _XOPEN(real_open)
    names: dict[int, Path] = {}
    alive: list[object] = []  # what C points to must not be collected
    wrapped: dict[int, int] = {}

    def watched_sync(file: int, flags: int) -> int:
        table = c_void_p.from_address(file).value
        code = real_syncs[table or 0](file, flags)
        if code == 0 and file in names:
            files.flushed(names[file])
        return int(code)

    sync = _XSYNC(watched_sync)
    real_syncs: dict[int, ctypes._FuncPointer] = {}

    def watched_open(vfs: int, name: int, file: int, flags: int, out: int) -> int:
        code = int(open_file(vfs, name, file, flags, out))
        table = c_void_p.from_address(file).value
        if code != 0 or not table or not name:
            return code
        if table not in wrapped:
            methods = (c_void_p * _METHODS).from_buffer_copy(
                ctypes.string_at(table, ctypes.sizeof(c_void_p) * _METHODS)
            )
            place_of_sync = methods[_SYNC_PLACE]
            assert place_of_sync is not None
            real = _XSYNC(place_of_sync)
            methods[_SYNC_PLACE] = ctypes.cast(sync, c_void_p).value
            wrapped[table] = ctypes.addressof(methods)
            real_syncs[wrapped[table]] = real
            alive.append(methods)
        names[file] = Path(ctypes.string_at(name).decode())
        c_void_p.from_address(file).value = wrapped[table]
        return code

    opening = _XOPEN(watched_open)
    layer.open = ctypes.cast(opening, c_void_p).value
    try:
        yield files
    finally:
        layer.open = real_open
        _kept_alive.append((opening, sync, alive))


_kept_alive: list[object] = []  # files that are open still go on to use them
