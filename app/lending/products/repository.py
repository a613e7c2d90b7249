"""Queries of products."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import run


class ProductRow(msgspec.Struct):
    """A product with its terms in one version, by default the version in force."""

    product_id: int
    code: str
    version: int
    open: bool
    terms: dict[str, Any]
    goods: dict[str, int]

    @property
    def calls_margin(self) -> bool:
        """Whether its loans on goods can get a margin call."""
        return bool(self.goods.get("callLevel"))


_PRODUCT = (
    "SELECT p.product_id, p.code, v.version, p.open, v.terms_json, v.goods_json FROM products p "
    "JOIN product_versions v ON v.product_id = p.product_id "
)


def _product(row: Any) -> ProductRow:
    terms, goods = json.loads(row[4]), json.loads(row[5])
    return ProductRow(row[0], row[1], row[2], bool(row[3]), terms, goods)


def products(connection: Connection) -> list[ProductRow]:
    """All products in the version in force."""
    rows = run(connection, _PRODUCT + "AND v.version = p.version ORDER BY p.product_id")
    return [_product(row) for row in rows]


def product(
    connection: Connection, product_id: int, *, version: int | None = None
) -> ProductRow | None:
    """A product in one version, by default the version in force."""
    row = run(
        connection,
        _PRODUCT + "WHERE p.product_id = ? AND v.version = coalesce(?, p.version)",
        (product_id, version),
    ).first()
    return None if row is None else _product(row)
