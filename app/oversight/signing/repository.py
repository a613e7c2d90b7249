"""Currencies of things, and names of accounts, as a description needs them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection

from app.clear_signing.rendering import Thing
from app.domain.money import currency_in
from app.gateway.refusal_facts import CURRENCIES
from app.storage import run

_AT_ONCE = 500
_MAX = 2**63 - 1  # the maximum of a column
_QUERIES = {**CURRENCIES, "limit": CURRENCIES["product"]}


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
            for row in rows:
                is_limit = kind == "limit"
                code = _limit_currency(row.limit_currency) if is_limit else str(row.currency)
                known[Thing(kind, row.id)] = code
    return known


def _limit_currency(terms_json: str) -> str:
    """The currency of the limits in a product's terms."""
    terms = json.loads(terms_json)
    return currency_in(terms["limitCurrency"]) or str(terms["currency"])
