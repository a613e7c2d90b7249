"""Queries of lots, warehouse receipts and the documents behind them."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.goods.warehouse_receipts.projection import LotRow, WarehouseReceiptRow
from app.storage import record_of, run
from app.trade.claims.lineage import LineageStep, TokenTables, read_lineage

_LOT = ", ".join(f"l.{field.name}" for field in msgspec.structs.fields(LotRow))
_LOT_PREFIX = "lot_"
_WITH_LOT = ", ".join(
    [f"r.{field.name}" for field in msgspec.structs.fields(WarehouseReceiptRow)]
    + [f"l.{field.name} AS {_LOT_PREFIX}{field.name}" for field in msgspec.structs.fields(LotRow)]
)
_TABLES = TokenTables(
    tokens="warehouse_receipts",
    assignments="warehouse_receipt_assignments",
    number="warehouse_receipt_id",
    amount="quantity",
    split_at="(SELECT m.created_position FROM warehouse_receipts m "
    "WHERE m.warehouse_receipt_id = line.token_id)",
)

# Accounts of the party that an account belongs to.
_SAME_PARTY = (
    "SELECT b.account FROM accounts a JOIN accounts b ON b.party_id = a.party_id "
    "WHERE a.account = ?"
)
_NEAR_LOT = (
    f"(l.warehouse IN ({_SAME_PARTY}) OR l.depositor = ? "
    "OR EXISTS (SELECT 1 FROM warehouse_receipts r "
    "WHERE r.lot_id = l.lot_id AND (r.owner = ? OR r.lienholder = ?)))"
)
_HOLDS = f"(r.owner = ? OR r.lienholder = ? OR l.warehouse IN ({_SAME_PARTY}))"
_NEAR_WAREHOUSE_RECEIPT = (
    f"({_HOLDS} OR EXISTS (SELECT 1 FROM warehouse_receipt_assignments s "
    "WHERE s.to_warehouse_receipt_id = r.warehouse_receipt_id AND s.from_owner = ?))"
)


class Documents(msgspec.Struct):
    """The stored documents behind a lot; `encrypted` holds the fields and the salts."""

    id: str
    owner: str
    fingerprint: str
    root: str
    encrypted: bytes


class WarehouseReceiptWithLot(msgspec.Struct):
    """A warehouse receipt with its lot."""

    row: WarehouseReceiptRow
    lot: LotRow


class Standing(msgspec.Struct):
    """How a warehouse stands.

    Attributes:
        short_lots: how many of its lots are short.
        new_liens_stopped: whether new liens on its lots are stopped.
    """

    short_lots: int
    new_liens_stopped: bool


class LotEntry(msgspec.Struct):
    """What happened to a lot's goods; quantities in thousandths, `timestamp` in UTC seconds.

    Attributes:
        kind: inspected, impaired, released or counted.
        outstanding, as_of_day: of a count.
        condition: of an inspection.
    """

    warehouse_receipt_id: int | None
    kind: str
    quantity: int | None
    outstanding: int | None
    as_of_day: int | None
    condition: str | None
    document_root: str | None
    transaction_hash: str
    timestamp: int


def _with_lot(row: Any) -> WarehouseReceiptWithLot:
    return WarehouseReceiptWithLot(
        row=record_of(WarehouseReceiptRow, row), lot=record_of(LotRow, row, prefix=_LOT_PREFIX)
    )


# -- lots


def lot(connection: Connection, lot_id: int, *, visible_to: str | None = None) -> LotRow | None:
    """A lot.

    With `visible_to`, only if that account is its warehouse or depositor, or the holder or
    lienholder of a warehouse receipt for it.
    """
    query = f"SELECT {_LOT} FROM lots l WHERE l.lot_id = ?"
    parameters: tuple[Any, ...] = (lot_id,)
    if visible_to is not None:
        query += f" AND {_NEAR_LOT}"
        parameters += (visible_to,) * 4
    row = run(connection, query, parameters).first()
    return None if row is None else record_of(LotRow, row)


def lots(
    connection: Connection,
    *,
    visible_to: str | None,
    item: str | None = None,
    short: bool | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[LotRow]:
    """Lots, newest first; `visible_to` None gives all of them."""
    wheres, values = ["1 = 1"], []  # type: tuple[list[str], list[Any]]
    if visible_to is not None:
        wheres.append(_NEAR_LOT)
        values += [visible_to] * 4
    if short is not None:
        sign = "<" if short else ">="
        wheres.append(f"l.counted {sign} l.issued - l.released - l.impaired")
    for clause, value in (("l.item = ?", item), ("l.lot_id < ?", before)):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    query = f"SELECT {_LOT} FROM lots l WHERE {' AND '.join(wheres)} ORDER BY l.lot_id DESC LIMIT ?"
    return [record_of(LotRow, row) for row in run(connection, query, (*values, limit))]


def lots_of(connection: Connection, account: str) -> list[LotRow]:
    """All lots of the party that this account belongs to, issued from any of its accounts."""
    query = f"SELECT {_LOT} FROM lots l WHERE l.warehouse IN ({_SAME_PARTY}) ORDER BY l.lot_id"
    return [record_of(LotRow, row) for row in run(connection, query, (account,))]


def lot_with_fingerprint(connection: Connection, fingerprint: str, *, account: str) -> int | None:
    """The lot that the party of this account issued under this fingerprint."""
    query = f"SELECT lot_id FROM lots WHERE fingerprint = ? AND warehouse IN ({_SAME_PARTY})"
    lot_id = run(connection, query, (fingerprint, account)).scalar()
    return None if lot_id is None else int(lot_id)


def is_warehouse(connection: Connection, lot: LotRow, account: str) -> bool:
    """Whether the account is one of the lot's warehouse; the ledger accepts any of them."""
    query = (
        "SELECT 1 FROM accounts a JOIN accounts b ON b.party_id = a.party_id "
        "WHERE a.account = ? AND b.account = ? AND b.removed = 0"
    )
    return run(connection, query, (lot.warehouse, account)).first() is not None


def standing(connection: Connection, warehouse: str) -> Standing:
    """How the warehouse of an account stands."""
    short = run(
        connection,
        f"SELECT count(*) FROM lots l WHERE l.warehouse IN ({_SAME_PARTY}) "
        "AND l.counted < l.issued - l.released - l.impaired",
        (warehouse,),
    ).scalar()
    stopped = run(
        connection,
        f"SELECT stopped FROM lien_stops WHERE warehouse IN ({_SAME_PARTY}) "
        "ORDER BY position DESC LIMIT 1",
        (warehouse,),
    ).scalar()
    return Standing(short_lots=int(short), new_liens_stopped=bool(stopped))


def entries(connection: Connection, lot_id: int) -> list[LotEntry]:
    """What happened to a lot's goods, in the chain's order."""
    rows = run(
        connection,
        "SELECT warehouse_receipt_id, kind, quantity, outstanding, as_of_day, condition, "
        "document_root, transaction_hash, timestamp FROM lot_entries WHERE lot_id = ? "
        "ORDER BY position",
        (lot_id,),
    )
    return [record_of(LotEntry, row) for row in rows]


def left_since(connection: Connection, lot_id: int, *, after: int) -> int:
    """What was released or impaired on the ledger later than a time (UTC seconds)."""
    query = (
        "SELECT coalesce(sum(quantity), 0) FROM lot_entries "
        "WHERE lot_id = ? AND kind IN ('released', 'impaired') AND timestamp >= ?"
    )
    return int(run(connection, query, (lot_id, after)).scalar())


# -- warehouse receipts


def warehouse_receipt(
    connection: Connection, warehouse_receipt_id: int, *, visible_to: str | None = None
) -> WarehouseReceiptWithLot | None:
    """A warehouse receipt, ended or not.

    With `visible_to`, only if that account is its holder, lienholder or warehouse, or assigned it.
    """
    query = (
        f"SELECT {_WITH_LOT} "
        "FROM warehouse_receipts r JOIN lots l ON l.lot_id = r.lot_id "
        "WHERE r.warehouse_receipt_id = ?"
    )
    parameters: tuple[Any, ...] = (warehouse_receipt_id,)
    if visible_to is not None:
        query += f" AND {_NEAR_WAREHOUSE_RECEIPT}"
        parameters += (visible_to,) * 4
    row = run(connection, query, parameters).first()
    return None if row is None else _with_lot(row)


def warehouse_receipts(
    connection: Connection,
    *,
    visible_to: str | None,
    lot_id: int | None = None,
    lienholder: str | None = None,
    release_requested: bool | None = None,
    ended: bool | None = False,
    before: int | None = None,
    limit: int = 50,
) -> list[WarehouseReceiptWithLot]:
    """Warehouse receipts, newest first; `visible_to` None gives everybody's."""
    wheres, values = ["1 = 1"], []  # type: tuple[list[str], list[Any]]
    if visible_to is not None:
        wheres.append(_HOLDS)
        values += [visible_to] * 3
    if ended is not None:
        wheres.append("r.ended IS NOT NULL" if ended else "r.ended IS NULL")
    for clause, value in (
        ("r.lot_id = ?", lot_id),
        ("r.lienholder = ?", lienholder),
        ("r.release_requested = ?", None if release_requested is None else int(release_requested)),
        ("r.warehouse_receipt_id < ?", before),
    ):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    query = (
        f"SELECT {_WITH_LOT} "
        "FROM warehouse_receipts r JOIN lots l ON l.lot_id = r.lot_id "
        f"WHERE {' AND '.join(wheres)} ORDER BY r.warehouse_receipt_id DESC LIMIT ?"
    )
    return [_with_lot(row) for row in run(connection, query, (*values, limit))]


def lineage(connection: Connection, warehouse_receipt_id: int) -> list[LineageStep]:
    """The warehouse receipt and its ancestors up to the root, each with its assignments."""
    return read_lineage(connection, warehouse_receipt_id, _TABLES)


# -- documents


def add_lot_documents(connection: Connection, documents: Documents, *, operation_id: str) -> None:
    """Stores the documents of a lot that is about to be issued."""
    run(
        connection,
        "INSERT INTO lot_documents (id, owner, fingerprint, root, encrypted, operation_id, "
        "created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*msgspec.structs.astuple(documents), operation_id, time.time()),
    )


def documents_behind(connection: Connection, lot: LotRow) -> Documents | None:
    """The documents behind a lot: from its own warehouse, with its root and fingerprint."""
    row = run(
        connection,
        "SELECT p.id, p.owner, p.fingerprint, p.root, p.encrypted FROM lot_documents p "
        "JOIN parties_directory o ON o.id = p.owner "
        "JOIN parties q ON q.identity_hash = o.identity_hash "
        "JOIN accounts a ON a.party_id = q.party_id "
        "WHERE p.root = ? AND p.fingerprint = ? AND a.account = ? ORDER BY p.id LIMIT 1",
        (lot.document_root, lot.fingerprint, lot.warehouse),
    ).first()
    return None if row is None else record_of(Documents, row, encrypted=bytes(row.encrypted))
