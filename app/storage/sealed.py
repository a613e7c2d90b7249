"""All columns with sealed bytes, and how to seal them again with another master key."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage.engine import Storage, run
from app.storage.sealing import Sealer


class SealedColumn(msgspec.Struct, frozen=True):
    """One column with sealed bytes.

    Attributes:
        keys: the table's primary key; `prefix` and the key's values, joined by blanks, are the
            `about` of the sealed bytes.
        limit: rows of one step; few if a row may have megabytes.
    """

    table: str
    keys: tuple[str, ...]
    column: str
    prefix: str = ""
    limit: int = 200

    def about(self, row: tuple[Any, ...]) -> str:
        """The `about` of a row's sealed bytes."""
        return self.prefix + " ".join(str(part) for part in row[: len(self.keys)])


COLUMNS = (
    SealedColumn("parties_directory", ("id",), "legal_id_encrypted"),
    SealedColumn("idempotency_keys", ("owner", "key"), "body", "answer ", 100),
    SealedColumn("documents", ("id",), "encrypted", "document ", 4),
    SealedColumn("documents", ("id",), "model_sealed", "reading ", 50),
    SealedColumn("lot_documents", ("id",), "encrypted", "lot documents "),
    SealedColumn("stock_files", ("id",), "encrypted", "stock file ", 4),
    SealedColumn("valuations", ("id",), "encrypted", "valuation ", 4),
    SealedColumn("draw_documents", ("id",), "sealed", "draw document "),
    SealedColumn("credit_evaluation_steps", ("id",), "sealed", "evaluation step ", 20),
    SealedColumn("own_funds", ("id",), "sealed", "own funds "),
    SealedColumn("finding_decisions", ("id",), "sealed", "finding decision ", 20),
    SealedColumn("cross_check_files", ("id",), "sealed", "cross-check file ", 20),
    SealedColumn("watch_acknowledgements", ("id",), "sealed", "watch acknowledgement "),
    SealedColumn("watch_decisions", ("id",), "sealed", "watch decision "),
    SealedColumn("watch_webhooks", ("id",), "sealed", "watch webhook "),
    SealedColumn("bank_entries", ("id",), "details", "bank entry "),
    SealedColumn("bank_reversals", ("id",), "details", "bank reversal "),
    SealedColumn("quote_requests", ("id",), "note", "note of quote request "),
    SealedColumn("quote_request_financiers", ("id",), "reason", "reason of decline "),
    SealedColumn("page_sessions", ("id",), "sealed", "page session "),
    SealedColumn("page_drafts", ("id",), "sealed", "page draft ", 20),
    SealedColumn("pay_out_orders", ("message_id",), "sealed", "pay-out order ", 10),
)


class Resealing(msgspec.Struct):
    """Progress of the sealing; stored together with the rows of each step.

    Attributes:
        check: check value of the previous master key.
        column: place in `COLUMNS` of the current column.
        after: primary key of the last row that was read.
        resealed: rows that this pass has sealed again. A pass without any is the last one.
        total: rows that all passes have sealed again.
    """

    check: bytes
    column: int = 0
    after: list[str] = []
    resealed: int = 0
    total: int = 0


def reseal_step(storage: Storage, sealer: Sealer, at: Resealing, *, name: str) -> Resealing | None:
    """Seals the next rows again and stores the progress in row `name` of the settings.

    Returns the progress, or None when all is done. A row that is written meanwhile is already
    sealed with the new key and does not change.

    Raises:
        SealBroken: neither key opens some bytes; the message names them.
    """
    column = COLUMNS[at.column]
    rows = storage.read_now(lambda connection: _rows(connection, column, at.after))
    count = len(column.keys)
    changes = []
    for row in rows:
        if row[count] is None:
            continue
        sealed = bytes(row[count])
        resealed = sealer.reseal(sealed, about=column.about(tuple(row)))
        if resealed is not None:
            changes.append((resealed, *row[:count], sealed))
    following = Resealing(at.check, at.column, [], at.resealed, at.total)
    if len(rows) == column.limit:
        following.after = [str(part) for part in rows[-1][:count]]
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
            progress = msgspec.msgpack.encode(following)
            run(connection, "UPDATE settings SET value = ? WHERE name = ?", (progress, name))

    storage.write_now(write)
    return None if done else following


def any_sealed(connection: Connection) -> tuple[SealedColumn, tuple[Any, ...]] | None:
    """A sealed row, to test a key with; None if the store has none."""
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
