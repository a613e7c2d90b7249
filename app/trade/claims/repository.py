"""Queries of claims."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run
from app.trade.claims.projection import ClaimRow

_NAMES = [field.name for field in msgspec.structs.fields(ClaimRow)]
_COLUMNS = ", ".join(f"c.{name}" for name in _NAMES)
_SELECT = (
    f"SELECT {_COLUMNS}, r.currency FROM claims c "
    "JOIN receivables r ON r.receivable_id = c.receivable_id "
)
MAX_STEPS = 100
LAST = 2**63 - 1  # past every position


class ClaimWithCurrency(msgspec.Struct):
    """A claim with the address of its receivable's currency."""

    claim: ClaimRow
    currency: str


class Assignment(msgspec.Struct):
    """A claim, or a part of one, that passed from one holder to another.

    Attributes:
        court_order_hash: None if the holder assigned it.
        timestamp: of the block, UTC seconds.
    """

    from_claim_id: int
    from_owner: str
    to_owner: str
    value: int
    document_root: str | None
    court_order_hash: str | None
    transaction_hash: str
    timestamp: int


class LineageStep(msgspec.Struct):
    """A claim or an ancestor of it, with one of its assignments.

    Attributes:
        assignment: None if it was never assigned.
        until: position of the event that split the next claim off it; `LAST` for the claim itself.
    """

    claim_id: int
    parent_id: int | None
    assignment: Assignment | None
    until: int


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
    """The claim and its ancestors up to the root, each with its assignments.

    The assignments of an ancestor end where the next one was split off it.
    """
    rows = run(
        connection,
        "WITH RECURSIVE line (claim_id, parent_id, step, until) AS ("
        f"SELECT claim_id, parent_id, 0, {LAST} FROM claims WHERE claim_id = ? UNION ALL "
        "SELECT c.claim_id, c.parent_id, line.step + 1, coalesce((SELECT min(m.position) "
        f"FROM assignments m WHERE m.to_claim_id = line.claim_id), {LAST}) FROM claims c "
        "JOIN line ON c.claim_id = line.parent_id WHERE line.step < ?) "
        "SELECT l.claim_id, l.parent_id, a.from_claim_id, a.from_owner, a.to_owner, a.value, "
        "a.document_root, a.court_order_hash, a.transaction_hash, a.timestamp, l.until FROM line l "
        "LEFT JOIN assignments a ON a.to_claim_id = l.claim_id AND a.position < l.until "
        "ORDER BY l.step DESC, a.position",
        (claim_id, MAX_STEPS),
    )
    return [
        record_of(
            LineageStep,
            row,
            assignment=None if row.from_claim_id is None else record_of(Assignment, row),
        )
        for row in rows
    ]
