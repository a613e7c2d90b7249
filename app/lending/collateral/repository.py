"""Queries of loans on goods: collateral items, calls, auctions, sales, buy-backs."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.product_terms import GoodsTerms
from app.gateway.views import GoodsName
from app.lending.collateral.projection import MarginRow, SoldItem
from app.lending.repository import of_account
from app.lending.rows import LoanRow
from app.storage import record_of, run

_LOAN = ", ".join(f"l.{field.name}" for field in msgspec.structs.fields(LoanRow))
_MARGIN = ", ".join(
    f"m.{field.name} AS margin_{field.name}" for field in msgspec.structs.fields(MarginRow)
)


class SaleRow(msgspec.Struct):
    """A sale of a loan's goods; amounts are decimal text of minor units."""

    kind: str
    buyer: str
    price: str
    taken: str
    to_owner: str
    items: list[SoldItem]
    transaction_hash: str


class BuyBackRow(msgspec.Struct):
    """A buy-back undertaking; `unused` is what is left of `max_total`."""

    undertaker: str
    share: int
    max_total: int
    unused: int
    last_day: int


class GoodsLoan(msgspec.Struct):
    """A loan on goods with its open call and auction and the levels of its product's version."""

    loan: LoanRow
    margin: MarginRow
    goods: GoodsTerms

    @property
    def called(self) -> bool:
        """Whether a margin call is open."""
        return self.margin.called_day is not None and self.loan.status == "Running"


def goods_loans(
    connection: Connection,
    *,
    account: str | None = None,
    loan_id: int | None = None,
    only: str = "open",
    before: int | None = None,
    limit: int = 50,
) -> list[GoodsLoan]:
    """Loans on goods, newest first; of one account, or all of them.

    Args:
        only: `open` (not repaid), `running`, `called`, `auctioned`, or `any`.
    """
    wheres, values = of_account(account, of="l.")
    wheres.append("l.collateral = 'warehouse-receipt'")
    wheres += {
        "open": ["l.status <> 'Repaid'"],
        "running": ["l.status = 'Running'"],
        "called": ["l.status = 'Running'", "m.called_day IS NOT NULL"],
        "auctioned": ["m.auction_start IS NOT NULL"],
        "any": [],
    }[only]
    for clause, value in (("l.loan_id = ?", loan_id), ("l.loan_id < ?", before)):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    rows = run(
        connection,
        f"SELECT {_LOAN}, {_MARGIN}, v.goods_json FROM loans l "
        "JOIN facilities f ON f.facility_id = l.facility_id "
        "JOIN product_versions v ON v.product_id = f.product_id AND v.version = f.version "
        "LEFT JOIN loan_margins m ON m.loan_id = l.loan_id "
        f"WHERE {' AND '.join(wheres)} ORDER BY l.loan_id DESC LIMIT ?",
        (*values, limit),
    )
    return [_goods_loan(row) for row in rows]


def _goods_loan(row: Any) -> GoodsLoan:
    loan = record_of(LoanRow, row)
    margin = MarginRow(loan.loan_id)
    if row.margin_loan_id is not None:
        columns = MarginRow.__struct_fields__
        margin = MarginRow(**{column: getattr(row, f"margin_{column}") for column in columns})
    return GoodsLoan(loan=loan, margin=margin, goods=json.loads(row.goods_json))


def items(connection: Connection, loan_ids: list[int]) -> dict[int, list[tuple[str, int]]]:
    """The collateral items of each loan now: kind and number, in the order they were added."""
    items_of_loan: dict[int, list[tuple[str, int]]] = {loan_id: [] for loan_id in loan_ids}
    if not items_of_loan:
        return items_of_loan
    marks = ", ".join("?" * len(items_of_loan))
    rows = run(
        connection,
        "SELECT loan_id, kind, item_id FROM collateral_items WHERE removed_position IS NULL "
        f"AND loan_id IN ({marks}) ORDER BY added_position",
        tuple(items_of_loan),
    )
    for row in rows:
        items_of_loan[row.loan_id].append((row.kind, row.item_id))
    return items_of_loan


def debtors(connection: Connection, loan_id: int) -> set[str]:
    """The accounts that owe what is under a loan's lien: debtors of claims, buyers of orders."""
    query = (
        "WITH held AS (SELECT kind, item_id FROM collateral_items WHERE loan_id = ? "
        "AND removed_position IS NULL UNION SELECT collateral, collateral_id FROM loans "
        "WHERE loan_id = ?) "
        "SELECT debtor FROM receivables WHERE receivable_id IN (SELECT receivable_id FROM claims "
        "WHERE claim_id IN (SELECT item_id FROM held WHERE kind = 'claim')) "
        "UNION SELECT buyer FROM purchase_orders WHERE order_id IN "
        "(SELECT item_id FROM held WHERE kind = 'order')"
    )
    return {str(account) for account in run(connection, query, (loan_id, loan_id)).scalars()}


def order_loan(connection: Connection, order_id: int) -> int | None:
    """The loan that an order secures, alone or with goods."""
    query = (
        "SELECT loan_id FROM collateral_items WHERE kind = 'order' AND item_id = ? "
        "AND removed_position IS NULL UNION SELECT loan_id FROM loans WHERE collateral = 'order' "
        "AND collateral_id = ? AND status <> 'Repaid'"
    )
    loan_id = run(connection, query, (order_id, order_id)).scalar()
    return None if loan_id is None else int(loan_id)


def sales(connection: Connection, loan_id: int) -> list[SaleRow]:
    """The sales of a loan's goods, oldest first."""
    rows = run(
        connection,
        "SELECT kind, buyer, price, taken, to_owner, items_json, transaction_hash "
        "FROM goods_sales WHERE loan_id = ? ORDER BY position",
        (loan_id,),
    )
    return [
        record_of(SaleRow, row, items=msgspec.convert(json.loads(row.items_json), list[SoldItem]))
        for row in rows
    ]


def goods_named(connection: Connection, items: set[str]) -> dict[str, GoodsName]:
    """Names of these goods, by item; unnamed goods are left out."""
    if not items:
        return {}
    marks = ", ".join("?" * len(items))
    query = f"SELECT item, sku, grade, unit FROM goods_names WHERE item IN ({marks})"
    rows = run(connection, query, tuple(items))
    return {row.item: {"sku": row.sku, "grade": row.grade, "unit": row.unit} for row in rows}


def buy_back(connection: Connection, facility_id: int) -> BuyBackRow | None:
    """The buy-back undertaking for the goods of a facility's loans."""
    row = run(
        connection,
        "SELECT undertaker, share, max_total, unused, last_day FROM buy_backs "
        "WHERE facility_id = ?",
        (facility_id,),
    ).first()
    return None if row is None else record_of(BuyBackRow, row)


def owner_of_receipt(connection: Connection, warehouse_receipt_id: int) -> str | None:
    """Whose a warehouse receipt is; None: there is none."""
    query = "SELECT owner FROM warehouse_receipts WHERE warehouse_receipt_id = ?"
    owner = run(connection, query, (warehouse_receipt_id,)).scalar()
    return None if owner is None else str(owner)
