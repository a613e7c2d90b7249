"""Currencies of things, and names of accounts, as a description needs them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection

from app.clear_signing.rendering import Thing
from app.domain.money import currency_in
from app.storage import run

_AT_ONCE = 500
_MAX = 2**63 - 1  # the maximum of a column


def _of_table(table: str, key: str) -> str:
    return f"SELECT {key} AS id, currency FROM {table} WHERE {key}"


def _of_product(column: str) -> str:
    # The currencies of a product are those of each of its versions.
    return (
        f"SELECT p.product_id AS id, {column} AS currency FROM products p "
        "JOIN product_versions v ON v.product_id = p.product_id AND v.version = p.version "
        "WHERE p.product_id"
    )


_QUERIES = {
    "loan": _of_table("loans", "loan_id"),
    "facility": _of_table("facilities", "facility_id"),
    "campaign": _of_table("campaigns", "campaign_id"),
    "receivable": _of_table("receivables", "receivable_id"),
    "order": _of_table("purchase_orders", "order_id"),
    "claim": (
        "SELECT c.claim_id AS id, r.currency FROM claims c "
        "JOIN receivables r ON r.receivable_id = c.receivable_id WHERE c.claim_id"
    ),
    "product": _of_product("v.currency"),
    "limit": _of_product("v.terms_json"),
}


def currencies(connection: Connection, things: Iterable[Thing]) -> dict[Thing, str]:
    """The currency of each thing that the ledger has: a code, or its token's address."""
    numbers: dict[str, list[int]] = {}
    for thing in things:
        if thing.number <= _MAX:
            numbers.setdefault(thing.kind, []).append(thing.number)
    known: dict[Thing, str] = {}
    for kind, every in numbers.items():
        for start in range(0, len(every), _AT_ONCE):
            part = every[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(part))
            rows = run(connection, f"{_QUERIES[kind]} IN ({marks})", tuple(part)).all()
            read = _limit_currency if kind == "limit" else str
            known |= {Thing(kind, row.id): read(row.currency) for row in rows}
    return known


def _limit_currency(terms_json: str) -> str:
    """The currency of the limits in a product's terms."""
    terms = json.loads(terms_json)
    return currency_in(terms["limitCurrency"]) or str(terms["currency"])
