"""Every column that holds sealed bytes, and how they are sealed anew under another master key."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage.engine import Storage, run
from app.storage.sealing import Sealer


class SealedColumn(msgspec.Struct, frozen=True):
    """One column.

    Attributes:
        keys: the table's primary key; with `prefix` before them, joined by blanks, they are what
            the bytes are sealed about.
        limit: rows of one step; few where a row may have megabytes.
    """

    table: str
    keys: tuple[str, ...]
    column: str
    prefix: str = ""
    limit: int = 200

    def about(self, row: tuple[Any, ...]) -> str:
        """What the bytes of a row are sealed about."""
        return self.prefix + " ".join(str(part) for part in row[: len(self.keys)])


COLUMNS = (
    SealedColumn("parties_directory", ("id",), "legal_id_encrypted"),
    SealedColumn("idempotency_keys", ("owner", "key"), "body", "answer ", 100),
    SealedColumn("documents", ("id",), "encrypted", "document ", 4),
    SealedColumn("documents", ("id",), "model_sealed", "reading ", 50),
    SealedColumn("lot_papers", ("id",), "encrypted", "lot papers "),
    SealedColumn("stock_files", ("id",), "encrypted", "stock file ", 4),
    SealedColumn("valuations", ("id",), "encrypted", "valuation ", 4),
    SealedColumn("bank_entries", ("id",), "details", "bank entry "),
    SealedColumn("bank_reversals", ("id",), "details", "bank reversal "),
    SealedColumn("pay_out_orders", ("message_id",), "sealed", "pay-out order ", 10),
)


class Resealing(msgspec.Struct):
    """How far it is; kept in the store with the rows of each step.

    Attributes:
        check: check value of the master key before.
        column: place in `COLUMNS` of the column in work.
        after: primary key of the last row that was looked at.
        resealed: rows of this pass that were sealed anew. A pass without any is the last one.
    """

    check: bytes
    column: int = 0
    after: list[str] = []
    resealed: int = 0
    total: int = 0


def reseal_step(storage: Storage, sealer: Sealer, at: Resealing, *, name: str) -> Resealing | None:
    """Seals the next rows anew and keeps the place in row `name` of the settings; None: all done.

    A row that somebody writes meanwhile is sealed with the new key already, and is left alone.

    Raises:
        SealBroken: bytes that neither key opens; the message names them.
    """
    column = COLUMNS[at.column]
    found = storage.read_now(lambda connection: _rows(connection, column, at.after))
    count = len(column.keys)
    changes = []
    for row in found:
        if row[count] is None:
            continue
        sealed = bytes(row[count])
        anew = sealer.anew(sealed, about=column.about(tuple(row)))
        if anew is not None:
            changes.append((anew, *row[:count], sealed))
    following = Resealing(at.check, at.column, [], at.resealed, at.total)
    if len(found) == column.limit:
        following.after = [str(part) for part in found[-1][:count]]
    else:
        following.column += 1
    following.resealed += len(changes)
    following.total += len(changes)
    done = following.column == len(COLUMNS) and not following.resealed
    if following.column == len(COLUMNS):
        following.column = following.resealed = 0

    def write(connection: Connection) -> None:
        where = " AND ".join(f"{key} = ?" for key in (*column.keys, column.column))
        for change in changes:
            run(connection, f"UPDATE {column.table} SET {column.column} = ? WHERE {where}", change)
        if done:
            run(connection, "DELETE FROM settings WHERE name = ?", (name,))
        else:
            kept = msgspec.msgpack.encode(following)
            run(connection, "UPDATE settings SET value = ? WHERE name = ?", (kept, name))

    storage.write_now(write)
    return None if done else following


def any_sealed(connection: Connection) -> tuple[SealedColumn, tuple[Any, ...]] | None:
    """Some sealed row, to try a key on; None in a store that has none yet."""
    for column in COLUMNS:
        query = (
            f"SELECT {', '.join(column.keys)}, {column.column} FROM {column.table} "
            f"WHERE {column.column} IS NOT NULL LIMIT 1"
        )
        row = run(connection, query).first()
        if row is not None:
            return column, tuple(row)
    return None


def _rows(connection: Connection, column: SealedColumn, after: list[str]) -> list[Any]:
    keys = ", ".join(column.keys)
    where = f"WHERE ({keys}) > ({', '.join('?' * len(after))}) " if after else ""
    query = (
        f"SELECT {keys}, {column.column} FROM {column.table} {where}ORDER BY {keys} "
        f"LIMIT {column.limit}"
    )
    return list(run(connection, query, tuple(after)).all())
