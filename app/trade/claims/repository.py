"""Queries of claims."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run
from app.trade.claims.lineage import LAST, LineageStep, TokenTables, read_lineage
from app.trade.claims.projection import ClaimRow

_NAMES = [field.name for field in msgspec.structs.fields(ClaimRow)]
_COLUMNS = ", ".join(f"c.{name}" for name in _NAMES)
_SELECT = (
    f"SELECT {_COLUMNS}, r.currency FROM claims c "
    "JOIN receivables r ON r.receivable_id = c.receivable_id "
)
_TABLES = TokenTables(
    tokens="claims",
    assignments="assignments",
    number="claim_id",
    amount="value",
    split_at="coalesce((SELECT min(m.position) FROM assignments m "
    f"WHERE m.to_claim_id = line.token_id), {LAST})",
)


class ClaimWithCurrency(msgspec.Struct):
    """A claim with the address of its receivable's currency."""

    claim: ClaimRow
    currency: str


def _with_currency(row: Any) -> ClaimWithCurrency:
    return ClaimWithCurrency(record_of(ClaimRow, row), row.currency)


def by_id(connection: Connection, claim_id: int) -> ClaimWithCurrency | None:
    """A claim, burned or not."""
    row = run(connection, _SELECT + "WHERE c.claim_id = ?", (claim_id,)).first()
    return None if row is None else _with_currency(row)


def listed(
    connection: Connection,
    *,
    owner: str | None = None,
    lienholder: str | None = None,
    receivable_id: int | None = None,
    burned: bool | None = False,
    before: int | None = None,
    limit: int = 50,
) -> list[ClaimWithCurrency]:
    """Claims, newest first."""
    wheres: list[str] = []
    values: list[Any] = []
    for clause, value in (
        ("c.owner = ?", owner),
        ("c.lienholder = ?", lienholder),
        ("c.receivable_id = ?", receivable_id),
        ("c.burned = ?", None if burned is None else int(burned)),
        ("c.claim_id < ?", before),
    ):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(connection, f"{_SELECT}{where}ORDER BY c.claim_id DESC LIMIT ?", (*values, limit))
    return [_with_currency(row) for row in rows]


def lineage(connection: Connection, claim_id: int) -> list[LineageStep]:
    """The claim and its ancestors up to the root, each with its assignments."""
    return read_lineage(connection, claim_id, _TABLES)
