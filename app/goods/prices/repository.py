"""Queries of priced items, prices and valuations."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run


class PriceRow(msgspec.Struct):
    """A price that an appraiser posted or proposed; times in UTC seconds.

    Attributes:
        item: as the ledger stores it, 0x and 64 digits.
        in_force: 0: it was only proposed.
        value: millionths of the currency's minor unit for the smallest part of the item.
        haircut: parts per million.
    """

    position: int
    item: str
    currency: str
    appraiser: str
    in_force: int
    value: int
    haircut: int
    as_of: int
    valid_until: int
    evidence: str
    transaction_hash: str
    timestamp: int


class ItemRow(msgspec.Struct):
    """An item that may be priced, with its guards.

    Attributes:
        max_jump: parts per million in 24 hours.
        max_age: seconds.
        sku, grade, unit: the goods; None: the item is a currency, or its goods are not known.
    """

    item: str
    currency: str
    max_jump: int
    max_age: int
    sku: str | None
    grade: str | None
    unit: str | None


class ValuationRow(msgspec.Struct):
    """A valuation as stored; the answer and the files behind it are encrypted.

    Attributes:
        appraiser: party id.
        operation_id: the operation that posts the price; None: it was not asked for.
    """

    id: str
    appraiser: str
    evidence: str
    item: str
    currency: str
    encrypted: bytes
    operation_id: str | None


_PRICE = ", ".join(field.name for field in msgspec.structs.fields(PriceRow))
_MAX_PROPOSED = 50  # of one appraiser and one second; each replaces the one before
_VALUATION = ", ".join(field.name for field in msgspec.structs.fields(ValuationRow))


def prices(
    connection: Connection,
    *,
    item: str | None,
    currency: str | None,
    newest: bool,
    before: int | None,
    limit: int,
) -> list[PriceRow]:
    """Prices, newest first; `newest`: of each item and currency the last one alone."""
    wheres: list[str] = []
    values: list[Any] = []
    for clause, value in (("item = ?", item), ("currency = ?", currency), ("position < ?", before)):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    if newest:
        wheres.append("position IN (SELECT max(position) FROM prices GROUP BY item, currency)")
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    query = f"SELECT {_PRICE} FROM prices {where}ORDER BY position DESC LIMIT ?"
    return [record_of(PriceRow, row) for row in run(connection, query, (*values, limit))]


def price_in_force(connection: Connection, *, item: str, currency: str) -> PriceRow | None:
    """The newest price that came into force; None if there is none."""
    row = run(
        connection,
        f"SELECT {_PRICE} FROM prices WHERE item = ? AND currency = ? AND in_force = 1 "
        "ORDER BY position DESC LIMIT 1",
        (item, currency),
    ).first()
    return None if row is None else record_of(PriceRow, row)


def proposed_prices(
    connection: Connection, *, item: str, currency: str, appraiser: str, as_of: int
) -> list[PriceRow]:
    """The prices as of a time that an appraiser proposed, newest first."""
    rows = run(
        connection,
        f"SELECT {_PRICE} FROM prices WHERE item = ? AND currency = ? AND in_force = 0 "
        "AND appraiser = ? AND as_of = ? ORDER BY position DESC LIMIT ?",
        (item, currency, appraiser, as_of, _MAX_PROPOSED),
    )
    return [record_of(PriceRow, row) for row in rows]


def items(connection: Connection) -> list[ItemRow]:
    """The items that may be priced."""
    rows = run(
        connection,
        "SELECT p.item, p.currency, p.max_jump, p.max_age, g.sku, g.grade, g.unit "
        "FROM price_items p LEFT JOIN goods_names g ON g.item = p.item "
        "WHERE p.max_age > 0 ORDER BY p.item, p.currency",
    )
    return [record_of(ItemRow, row) for row in rows]


def add_goods_name(connection: Connection, *, item: str, sku: str, grade: str, unit: str) -> None:
    """Stores the goods that an item stands for, unless they are stored already."""
    run(
        connection,
        "INSERT INTO goods_names (item, sku, grade, unit) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (item) DO NOTHING",
        (item, sku, grade, unit),
    )


def add_valuation(connection: Connection, row: ValuationRow) -> None:
    """Stores a valuation."""
    run(
        connection,
        f"INSERT INTO valuations ({_VALUATION}, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*msgspec.structs.astuple(row), time.time()),
    )


def valuation(
    connection: Connection, evidence: str, *, appraiser: str | None
) -> ValuationRow | None:
    """The first valuation with this evidence; None if there is none.

    Args:
        evidence: 0x and 64 digits.
        appraiser: only a valuation of this party; None: of any.
    """
    query = f"SELECT {_VALUATION} FROM valuations WHERE evidence = ?"
    values: tuple[str, ...] = (evidence,)
    if appraiser is not None:
        query, values = query + " AND appraiser = ?", (*values, appraiser)
    row = run(connection, query + " ORDER BY id LIMIT 1", values).first()
    return None if row is None else record_of(ValuationRow, row, encrypted=bytes(row.encrypted))
