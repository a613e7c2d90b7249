"""Queries of purchase orders; those of deliveries are in `deliveries.py`."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run
from app.trade.orders.projection import OrderRow

_COLUMNS = ", ".join(field.name for field in msgspec.structs.fields(OrderRow))
_SELECT = f"SELECT {_COLUMNS} FROM purchase_orders "


def by_id(connection: Connection, order_id: int) -> OrderRow | None:
    """An order; None if there is none."""
    row = run(connection, _SELECT + "WHERE order_id = ?", (order_id,)).first()
    return None if row is None else record_of(OrderRow, row)


def orders(
    connection: Connection,
    *,
    account: str | None,
    status: str | None,
    before: int | None,
    limit: int,
) -> list[OrderRow]:
    """Orders, newest first.

    Args:
        account: only the orders that it is a party to or has a lien on; None: all orders.
        status: as the ledger names it.
    """
    wheres: list[str] = []
    values: list[Any] = []
    if account is not None:
        wheres.append("(seller = ? OR buyer = ? OR lienholder = ?)")
        values += [account] * 3
    for clause, value in (("status = ?", status), ("order_id < ?", before)):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(connection, f"{_SELECT}{where}ORDER BY order_id DESC LIMIT ?", (*values, limit))
    return [record_of(OrderRow, row) for row in rows]
