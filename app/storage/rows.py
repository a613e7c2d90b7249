"""Rows that a projection reads, changes in memory and writes back, many at once.

A row is a mutable `msgspec.Struct` with one field for each column of its table, in order; the first
field is the primary key.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Connection, Table

from app.storage.engine import run, run_many
from app.storage.records import record_of

Row = TypeVar("Row", bound=msgspec.Struct)
_AT_ONCE = 500


@cache
def _upsert(table: Table) -> str:
    names = [column.name for column in table.columns]
    key = names[0]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "
        f"ON CONFLICT ({key}) DO UPDATE SET {changes}"
    )


@cache
def _columns(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)


class Rows(Generic[Row]):
    """The rows of one table that one batch of events changes."""

    def __init__(self, connection: Connection, table: Table, kind: type[Row]) -> None:
        self._connection = connection
        self._table = table
        self._kind = kind
        self._key = next(iter(table.columns)).name
        self._rows: dict[Any, Row] = {}

    def load(self, keys: Collection[Any]) -> None:
        """Reads the existing rows with these keys."""
        ordered = list(keys)
        for start in range(0, len(ordered), _AT_ONCE):
            part = ordered[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(part))
            query = (
                f"SELECT {_columns(self._table)} FROM {self._table.name} "
                f"WHERE {self._key} IN ({marks})"
            )
            for row in run(self._connection, query, tuple(part)):
                self.add(record_of(self._kind, row))

    def get(self, key: Any) -> Row:
        """A row that was loaded or added.

        Raises:
            KeyError.
        """
        return self._rows[key]

    def find(self, key: Any) -> Row | None:
        """The row, or None."""
        return self._rows.get(key)

    def values(self) -> list[Row]:
        """All rows that were loaded or added."""
        return list(self._rows.values())

    def keys(self) -> set[Any]:
        """Keys of all rows that were loaded or added."""
        return set(self._rows)

    def add(self, row: Row) -> Row:
        """Adds a new row and returns it."""
        self._rows[msgspec.structs.astuple(row)[0]] = row
        return row

    def write(self) -> None:
        """Writes all rows back."""
        rows = [msgspec.structs.astuple(row) for row in self._rows.values()]
        run_many(self._connection, _upsert(self._table), rows)
