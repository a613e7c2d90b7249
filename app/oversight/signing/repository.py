"""Currencies of things, and names of accounts, as a description needs them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from app.clear_signing.rendering import Thing
from app.storage import run

_AT_ONCE = 500
_MAX = 2**63 - 1  # the maximum of a column


def _of_table(table: str, key: str) -> str:
    return f"SELECT {key} AS id, currency, NULL AS limit_currency FROM {table} WHERE {key}"


_QUERIES = {
    "loan": _of_table("loans", "loan_id"),
    "facility": _of_table("facilities", "facility_id"),
    "campaign": _of_table("campaigns", "campaign_id"),
    "receivable": _of_table("receivables", "receivable_id"),
    "order": _of_table("purchase_orders", "order_id"),
    "claim": (
        "SELECT c.claim_id AS id, r.currency, NULL AS limit_currency FROM claims c "
        "JOIN receivables r ON r.receivable_id = c.receivable_id WHERE c.claim_id"
    ),
    "product": (
        "SELECT p.product_id AS id, v.currency, NULL AS limit_currency FROM products p "
        "JOIN product_versions v ON v.product_id = p.product_id AND v.version = p.version "
        "WHERE p.product_id"
    ),
    "limit": (
        "SELECT p.product_id AS id, v.currency, v.limit_currency FROM products p "
        "JOIN product_versions v ON v.product_id = p.product_id AND v.version = p.version "
        "WHERE p.product_id"
    ),
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
            known |= {Thing(kind, row.id): row.limit_currency or row.currency for row in rows}
    return known
