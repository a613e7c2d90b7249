"""Queries of stock files, movements and differences."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.goods.stock.model import StoredMovement
from app.storage import insert_many, record_of, run
from app.storage.tables.goods import stock_movements

_BATCH = 500


class FileRow(msgspec.Struct):
    """A movement file as stored, without its bytes."""

    id: str
    warehouse: str
    first_sequence: int
    last_sequence: int
    movements: int
    as_of_day: int
    format: str
    document_root: str


class Difference(msgspec.Struct):
    """A lot whose stock and warehouse receipts did not agree."""

    id: str
    warehouse: str
    lot_id: int
    as_of_day: int
    stock: int
    outstanding: int
    file_id: str
    created_at: float
    closed_by: str | None
    closed_at: float | None


class MovementRow(msgspec.Struct):
    """A movement as stored; its fields are the table's columns.

    Attributes:
        day: in the ledger's time zone.
        quantity: what it adds to the stock, in thousandths.
    """

    id: str
    warehouse: str
    movement_id: str
    file_id: str
    sequence: int
    lot_id: int
    day: int
    kind: str
    quantity: int


_FILE = ", ".join(field.name for field in msgspec.structs.fields(FileRow))
_DIFFERENCE = ", ".join(field.name for field in msgspec.structs.fields(Difference))
_MOVEMENT = ", ".join(field.name for field in msgspec.structs.fields(MovementRow))


def last_file(connection: Connection, warehouse: str) -> FileRow | None:
    """The newest file of a warehouse."""
    row = run(
        connection,
        f"SELECT {_FILE} FROM stock_files WHERE warehouse = ? ORDER BY last_sequence DESC LIMIT 1",
        (warehouse,),
    ).first()
    return None if row is None else record_of(FileRow, row)


def stored_movements(
    connection: Connection, warehouse: str, ids: Sequence[str]
) -> dict[str, StoredMovement]:
    """Those of these movements that are stored already, by id."""
    movements_by_id: dict[str, StoredMovement] = {}
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        placeholders = ", ".join("?" * len(part))
        query = (
            "SELECT movement_id, lot_id, quantity FROM stock_movements "
            f"WHERE warehouse = ? AND movement_id IN ({placeholders})"
        )
        rows = run(connection, query, (warehouse, *part))
        movements_by_id |= {
            row.movement_id: StoredMovement(lot_id=row.lot_id, quantity=row.quantity)
            for row in rows
        }
    return movements_by_id


def stocks(connection: Connection, warehouse: str) -> dict[int, int]:
    """The stock by the stored movements, by lot."""
    rows = run(
        connection,
        "SELECT lot_id, sum(quantity) AS quantity FROM stock_movements WHERE warehouse = ? "
        "GROUP BY lot_id",
        (warehouse,),
    )
    return {int(row.lot_id): int(row.quantity) for row in rows}


def add_file(
    connection: Connection,
    row: FileRow,
    *,
    encrypted: bytes,
    operation_id: str | None,
    movements: Sequence[MovementRow],
) -> None:
    """Stores a file with its movements."""
    run(
        connection,
        f"INSERT INTO stock_files ({_FILE}, encrypted, operation_id, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*msgspec.structs.astuple(row), encrypted, operation_id, time.time()),
    )
    insert_many(
        connection,
        stock_movements,
        [msgspec.structs.astuple(movement) for movement in movements],
    )


def open_differences(connection: Connection, warehouse: str) -> dict[int, Difference]:
    """Differences that are not closed, by lot."""
    query = f"SELECT {_DIFFERENCE} FROM stock_differences WHERE warehouse = ? AND closed_by IS NULL"
    rows = run(connection, query, (warehouse,))
    return {row.lot_id: record_of(Difference, row) for row in rows}


def add_difference(connection: Connection, row: Difference) -> None:
    """Stores a new difference of a lot."""
    placeholders = ", ".join("?" * len(msgspec.structs.fields(Difference)))
    query = f"INSERT INTO stock_differences ({_DIFFERENCE}) VALUES ({placeholders})"
    run(connection, query, msgspec.structs.astuple(row))


def close_difference(connection: Connection, identifier: str, *, file_id: str) -> None:
    """Closes a difference: after this file it is gone, or another one."""
    run(
        connection,
        "UPDATE stock_differences SET closed_by = ?, closed_at = ? WHERE id = ?",
        (file_id, time.time(), identifier),
    )


def differences(
    connection: Connection,
    *,
    warehouse: str | None,
    lot_id: int | None,
    still_open: bool | None,
    before: str | None,
    limit: int,
) -> list[Difference]:
    """Differences, newest first; `warehouse` None: of all warehouses."""
    wheres = ["1 = 1"]
    values: list[Any] = []
    if still_open is not None:
        wheres.append("closed_by IS NULL" if still_open else "closed_by IS NOT NULL")
    for clause, value in (("warehouse = ?", warehouse), ("lot_id = ?", lot_id), ("id < ?", before)):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    query = (
        f"SELECT {_DIFFERENCE} FROM stock_differences WHERE {' AND '.join(wheres)} "
        "ORDER BY id DESC LIMIT ?"
    )
    return [record_of(Difference, row) for row in run(connection, query, (*values, limit))]


def movements(
    connection: Connection,
    *,
    warehouse: str | None,
    lot_id: int | None,
    before: str | None,
    limit: int,
) -> list[MovementRow]:
    """Movements, newest first; `warehouse` None: of all warehouses."""
    wheres = ["1 = 1"]
    values: list[Any] = []
    for clause, value in (
        ("warehouse = ?", warehouse),
        ("lot_id = ?", lot_id),
        ("id < ?", before),
    ):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    query = (
        f"SELECT {_MOVEMENT} FROM stock_movements WHERE {' AND '.join(wheres)} "
        "ORDER BY id DESC LIMIT ?"
    )
    return [record_of(MovementRow, row) for row in run(connection, query, (*values, limit))]
