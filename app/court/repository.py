"""Queries of court orders."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import run


class OrderRow(msgspec.Struct):
    """An order as the ledger has it."""

    order_id: int
    order_hash: str
    issuer: str
    target: str
    call: str
    not_before: int
    state: str
    closed_by: str | None


_SELECT = (
    "SELECT order_id, order_hash, issuer, target, call, not_before, state, closed_by "
    "FROM court_orders "
)


def by_id(connection: Connection, order_id: int) -> OrderRow | None:
    """An order."""
    row = run(connection, _SELECT + "WHERE order_id = ?", (order_id,)).first()
    return None if row is None else OrderRow(*row)


def listed(connection: Connection, *, before: int | None, limit: int) -> list[OrderRow]:
    """Newest first."""
    values: tuple[Any, ...] = (limit,) if before is None else (before, limit)
    where = "" if before is None else "WHERE order_id < ? "
    rows = run(connection, f"{_SELECT}{where}ORDER BY order_id DESC LIMIT ?", values)
    return [OrderRow(*row) for row in rows]
