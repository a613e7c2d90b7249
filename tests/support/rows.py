"""Rows of the read tables, for tests that fill them without a chain."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table

from app.storage import Storage, insert_many


def row(table: Table, **values: Any) -> tuple[Any, ...]:
    """A row with these values; texts are empty, numbers are zero, and the rest is null."""
    columns = []
    for column in table.columns:
        empty = "" if column.type.python_type is str else 0
        columns.append(values.pop(column.name, None if column.nullable else empty))
    assert not values, values
    return tuple(columns)


def put(storage: Storage, *items: tuple[Table, list[tuple[Any, ...]]]) -> None:
    """Stores rows of some tables."""

    def write(connection: Connection) -> None:
        for table, rows in items:
            insert_many(connection, table, rows)

    storage.write_now(write)
