"""Queries of products."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.product_terms import EvidenceTerms, FloatingTerms, GoodsTerms, ProductTerms
from app.storage import record_of, run


class ProductRow(msgspec.Struct):
    """A product with its terms in one version, by default the version in force."""

    product_id: int
    code: str
    version: int
    open: bool
    terms: ProductTerms
    goods: GoodsTerms
    floating: FloatingTerms
    evidence: EvidenceTerms

    @property
    def calls_margin(self) -> bool:
        """Whether its loans on goods can get a margin call."""
        return bool(self.goods["callLevel"])


_PRODUCT = (
    "SELECT p.product_id, p.code, v.version, p.open, v.terms_json, v.goods_json, "
    "v.floating_json, v.evidence_json "
    "FROM products p JOIN product_versions v ON v.product_id = p.product_id "
)


def _product(row: Any) -> ProductRow:
    return record_of(
        ProductRow,
        row,
        open=bool(row.open),
        terms=json.loads(row.terms_json),
        goods=json.loads(row.goods_json),
        floating=json.loads(row.floating_json),
        evidence=json.loads(row.evidence_json),
    )


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
