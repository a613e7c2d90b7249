"""Queries of claims."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.gateway.sorted_pages import Count, Page, counted
from app.storage import record_of, run
from app.trade.claims.lineage import LAST, LineageStep, TokenTables, read_lineage
from app.trade.claims.projection import ClaimRow
from app.trade.receivables.repository import Filters as Debts

_NAMES = [field.name for field in msgspec.structs.fields(ClaimRow)]
_COLUMNS = ", ".join(f"c.{name}" for name in _NAMES)
_SELECT = (
    f"SELECT {_COLUMNS} FROM claims c JOIN receivables r ON r.receivable_id = c.receivable_id "
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
    claim = record_of(ClaimRow, row)
    return ClaimWithCurrency(claim, claim.currency)


def by_id(connection: Connection, claim_id: int) -> ClaimWithCurrency | None:
    """A claim, burned or not."""
    row = run(connection, _SELECT + "WHERE c.claim_id = ?", (claim_id,)).first()
    return None if row is None else _with_currency(row)


def for_sale_since(block: str, *, holder: str) -> str:
    """The condition that a claim is still for sale as it was at a block.

    Nobody has moved, split, merged away or encumbered the claim, and its debt was neither disputed,
    credited nor paid by its debtor. What anybody may do does not count: to pay on the debt of
    another, to collect for the holder, which pays out value, and to give value to the claim. A
    reorganisation may put what happened before into a later block, and then the condition fails
    too.

    Args:
        block: the SQL of the block's number; the claim is `c`, its receivable `r`.
        holder: the SQL of the account that held it then.
    """
    return (
        f"c.owner = {holder} AND c.burned = 0 AND c.value > 0 AND c.lienholder IS NULL "
        "AND r.status = 'Confirmed' "
        "AND NOT EXISTS (SELECT 1 FROM assignments w WHERE w.from_claim_id = c.claim_id "
        f"AND w.value > 0 AND w.block_number > {block}) "
        "AND NOT EXISTS (SELECT 1 FROM liens w WHERE w.claim_id = c.claim_id "
        f"AND w.block_number > {block}) "
        "AND NOT EXISTS (SELECT 1 FROM disputes w WHERE w.receivable_id = r.receivable_id "
        f"AND w.block_number > {block}) "
        "AND NOT EXISTS (SELECT 1 FROM credit_notes w WHERE w.receivable_id = r.receivable_id "
        f"AND w.block_number > {block}) AND NOT {paid_by_debtor_since(block)}"
    )


def paid_by_debtor_since(block: str) -> str:
    """The condition that the debtor has paid on a debt after a block; see `for_sale_since`."""
    return (
        "EXISTS (SELECT 1 FROM payments w WHERE w.receivable_id = r.receivable_id "
        f"AND w.payer = r.debtor AND w.block_number > {block})"
    )


def value_left(value: str) -> str:
    """The SQL of what a claim `c` still holds of a value, also given in SQL.

    A claim that is `for_sale_since` a block may have lost value by collections.
    """
    return f"CASE WHEN c.value < {value} THEN c.value ELSE {value} END"


class Filters(msgspec.Struct, frozen=True):
    """Which claims a list holds; None: any.

    Attributes:
        owner, lienholder: accounts.
        burned: whether they are collected in full or merged.
        debts: of their receivables. Its amounts bound the claims' values instead.
        side: with a token of `debts`: the account that is seller or debtor; None: it sees all.
    """

    owner: str | None = None
    lienholder: str | None = None
    receivable_id: int | None = None
    burned: bool | None = False
    debts: Debts = Debts()
    side: str | None = None

    def query(self) -> tuple[str, list[Any]]:
        """What stands after FROM, with the conditions and their values."""
        debts = self.debts
        wheres, values = msgspec.structs.replace(
            debts, currency=None, amount_from=None, amount_to=None, due_from=None, due_to=None
        ).conditions()
        if debts.token is not None and self.side is not None:
            wheres.append("(r.seller = ? OR r.debtor = ?)")
            values += [self.side] * 2
        for clause, value in (
            ("c.owner = ?", self.owner),
            ("c.lienholder = ?", self.lienholder),
            ("c.receivable_id = ?", self.receivable_id),
            ("c.due_day >= ?", debts.due_from),
            ("c.due_day <= ?", debts.due_to),
            ("c.currency = ?", debts.currency),
            ("c.value >= ?", debts.amount_from),
            ("c.value <= ?", debts.amount_to),
        ):
            if value is not None:
                wheres.append(clause)
                values.append(value)
        if self.burned is not None:  # as the indexes of claims in force have it
            wheres.append("c.burned = 1" if self.burned else "c.burned = 0")
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        return f"claims c JOIN receivables r ON r.receivable_id = c.receivable_id{where}", values


def listed(connection: Connection, filters: Filters, page: Page) -> list[ClaimRow]:
    """Claims in the page's order."""
    source, values = filters.query()
    more, place = page.condition(of="c.")
    if more:
        source += (" AND " if " WHERE " in source else " WHERE ") + more[0]
    rows = run(
        connection,
        f"SELECT {_COLUMNS} FROM {source} ORDER BY {page.order(of='c.')} LIMIT ?",
        (*values, *place, page.limit),
    )
    return [record_of(ClaimRow, row) for row in rows]


def count(connection: Connection, filters: Filters) -> Count:
    """How many claims the list has, up to a bound."""
    source, values = filters.query()
    return counted(connection, [f"SELECT c.claim_id FROM {source}"], values)


def lineage(connection: Connection, claim_id: int) -> list[LineageStep]:
    """The claim and its ancestors up to the root, each with its assignments."""
    return read_lineage(connection, claim_id, _TABLES)
