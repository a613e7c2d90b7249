"""Queries of products."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.product_terms import EvidenceTerms, FloatingTerms, GoodsTerms, ProductTerms
from app.storage import record_of, run

_RECENT_CHANGES = 100


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


class ProposedChange(msgspec.Struct, frozen=True):
    """Terms of a product that wait for a second operator.

    Attributes:
        terms_hash: of the terms that are proposed.
        proposer: account of the operator, lower case.
        timestamp: UTC seconds of the proposal.
    """

    terms_hash: str
    proposer: str
    timestamp: int


def proposed_change(connection: Connection, product_id: int) -> ProposedChange | None:
    """The change of a product that waits for a second operator; None: none does."""
    row = run(
        connection,
        "SELECT e.name, e.arguments_json, e.timestamp FROM event_subjects s "
        "JOIN events e ON e.position = s.position WHERE s.subject = ? AND e.contract = 'Products' "
        "AND e.name IN ('ProductChangeProposed', 'ProductChanged') "
        "ORDER BY s.position DESC LIMIT 1",
        (f"product:{product_id}",),
    ).first()
    if row is None or row.name != "ProductChangeProposed":
        return None
    arguments = json.loads(row.arguments_json)
    return ProposedChange(
        arguments["termsHash"], str(arguments["proposer"]).lower(), int(row.timestamp)
    )


def sent_breaker(connection: Connection, *, kind: str, terms_hash: str) -> int | None:
    """The breaker in terms that this gateway sent; None: it sent none with this hash."""
    rows = run(
        connection,
        "SELECT subject_json FROM operations WHERE kind = ? ORDER BY id DESC LIMIT ?",
        (kind, _RECENT_CHANGES),
    )
    for row in rows:
        subject = json.loads(row.subject_json)
        if subject.get("termsHash") == terms_hash:
            return int(subject["breaker"])
    return None


class VersionBreaker(msgspec.Struct, frozen=True):
    """The breaker of one version of a product, in parts per million."""

    product_id: int
    version: int
    breaker: int


def breakers(connection: Connection) -> list[VersionBreaker]:
    """The breakers of all versions of all products, newest versions first."""
    rows = run(
        connection,
        "SELECT product_id, version, terms_json FROM product_versions "
        "ORDER BY product_id, version DESC",
    )
    return [
        VersionBreaker(row.product_id, row.version, int(json.loads(row.terms_json)["breaker"]))
        for row in rows
    ]
