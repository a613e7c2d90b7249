"""Queries of products, lines, loans, and of lines that wait for signatures."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.lending.rows import FacilityRow, LoanRow
from app.storage import run


class ProductRow(msgspec.Struct):
    """A product in the version in force (or another one), with its terms."""

    product_id: int
    code: str
    version: int
    open: bool
    terms: dict[str, Any]
    goods: dict[str, int]

    @property
    def calls_margin(self) -> bool:
        """Whether a margin is called of its loans on goods."""
        return bool(self.goods.get("callLevel"))


class ProposalRow(msgspec.Struct):
    """A line that waits for signatures; `terms` is the FacilityTerms that all sign."""

    id: str
    lender: str
    borrower: str
    entruster: str | None
    currency: str
    limit_currency: str
    terms: dict[str, Any]
    lender_signature: str | None
    borrower_signature: str | None
    entruster_signature: str | None
    operation_id: str | None
    operation_state: str | None = None

    def signers(self) -> dict[str, str]:
        """Who signs, by the role in it."""
        found = {"lender": self.lender, "borrower": self.borrower}
        return found if self.entruster is None else found | {"entruster": self.entruster}

    def missing(self) -> list[str]:
        """Roles whose signature is not there yet."""
        return [role for role in self.signers() if getattr(self, f"{role}_signature") is None]


_PRODUCT = (
    "SELECT p.product_id, p.code, v.version, p.open, v.terms_json, v.goods_json FROM products p "
    "JOIN product_versions v ON v.product_id = p.product_id "
)
_FACILITY = f"SELECT {', '.join(field.name for field in msgspec.structs.fields(FacilityRow))} "
_LOAN = f"SELECT {', '.join(field.name for field in msgspec.structs.fields(LoanRow))} "
_PROPOSAL = (
    "SELECT f.id, f.lender, f.borrower, f.entruster, f.currency, f.limit_currency, f.terms_json, "
    "f.lender_signature, f.borrower_signature, f.entruster_signature, f.operation_id, o.state "
    "FROM facility_proposals f LEFT JOIN operations o ON o.id = f.operation_id "
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
    """A product in the version in force, or in another one."""
    row = run(
        connection,
        _PRODUCT + "WHERE p.product_id = ? AND v.version = coalesce(?, p.version)",
        (product_id, version),
    ).first()
    return None if row is None else _product(row)


def facility(connection: Connection, facility_id: int) -> FacilityRow | None:
    """A line."""
    query = _FACILITY + "FROM facilities WHERE facility_id = ?"
    row = run(connection, query, (facility_id,)).first()
    return None if row is None else FacilityRow(*row)


def of_account(account: str | None, *, of: str = "") -> tuple[list[str], list[Any]]:
    """The condition under which a line or a loan is the account's, with its values.

    Args:
        of: the table's alias with its point, in a query of several tables.
    """
    if account is None:
        return [], []
    return [f"({of}lender = ? OR {of}borrower = ? OR {of}entruster = ?)"], [account] * 3


def facilities(
    connection: Connection, *, account: str | None, before: int | None, limit: int
) -> list[FacilityRow]:
    """Newest first; of one account, or all of them."""
    wheres, values = of_account(account)
    if before is not None:
        wheres.append("facility_id < ?")
        values.append(before)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    query = f"{_FACILITY}FROM facilities {where}ORDER BY facility_id DESC LIMIT ?"
    return [FacilityRow(*row) for row in run(connection, query, (*values, limit))]


def debtors(connection: Connection, facility_id: int) -> list[str]:
    """Accounts of the debtors that the lender accepts for a line."""
    query = "SELECT debtor FROM facility_debtors WHERE facility_id = ? ORDER BY party_id"
    return [row[0] for row in run(connection, query, (facility_id,))]


def loan(connection: Connection, loan_id: int) -> LoanRow | None:
    """A loan."""
    row = run(connection, _LOAN + "FROM loans WHERE loan_id = ?", (loan_id,)).first()
    return None if row is None else LoanRow(*row)


def loans(
    connection: Connection,
    *,
    account: str | None,
    facility_id: int | None = None,
    status: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[LoanRow]:
    """Newest first; of one account, or all of them."""
    wheres, values = of_account(account)
    for clause, value in (
        ("facility_id = ?", facility_id),
        ("status = ?", status),
        ("loan_id < ?", before),
    ):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    query = f"{_LOAN}FROM loans {where}ORDER BY loan_id DESC LIMIT ?"
    return [LoanRow(*row) for row in run(connection, query, (*values, limit))]


_ENTRY = (
    *("loan_id", "kind", "day", "payer", "costs", "penalty", "interest", "principal", "fee"),
    *("outstanding", "details_json", "transaction_hash", "timestamp"),
)


def entries(connection: Connection, loan_id: int) -> list[dict[str, Any]]:
    """What happened to a loan, oldest first."""
    return _entries(connection, "loan_id = ?", loan_id)


def entries_of_line(connection: Connection, facility_id: int) -> list[dict[str, Any]]:
    """What happened to all loans of a line, oldest first."""
    loans_of_line = "loan_id IN (SELECT loan_id FROM loans WHERE facility_id = ?)"
    return _entries(connection, loans_of_line, facility_id)


def _entries(connection: Connection, where: str, value: int) -> list[dict[str, Any]]:
    query = f"SELECT {', '.join(_ENTRY)} FROM loan_entries WHERE {where} ORDER BY position"
    return [dict(zip(_ENTRY, row, strict=True)) for row in run(connection, query, (value,))]


_OWN_DAY = "(coalesce(stopped_day, {today}) - lost_days)"


def ageing(connection: Connection, *, account: str | None, today: int) -> list[tuple[Any, ...]]:
    """Currency, days past due by classes, number of loans and principal outstanding."""
    wheres, values = of_account(account)
    where = " AND ".join(["status <> 'Repaid'", *wheres])
    late = f"({_OWN_DAY.format(today=today)} - oldest_unpaid_day)"
    classes = (
        f"CASE WHEN status <> 'Running' THEN 5 WHEN {late} <= 0 THEN 0 WHEN {late} <= 30 THEN 1 "
        f"WHEN {late} <= 60 THEN 2 WHEN {late} <= 90 THEN 3 ELSE 4 END"
    )
    return _summed(connection, classes, where, values)


def maturities(connection: Connection, *, account: str | None, today: int) -> list[tuple[Any, ...]]:
    """Currency, days to the last due day by classes, number of loans and principal."""
    wheres, values = of_account(account)
    where = " AND ".join(["status = 'Running'", *wheres])
    left = f"(last_due_day - {_OWN_DAY.format(today=today)})"
    classes = (
        f"CASE WHEN {left} < 0 THEN 0 WHEN {left} <= 7 THEN 1 WHEN {left} <= 30 THEN 2 "
        f"WHEN {left} <= 90 THEN 3 WHEN {left} <= 180 THEN 4 ELSE 5 END"
    )
    return _summed(connection, classes, where, values)


def _summed(
    connection: Connection, classes: str, where: str, values: list[Any]
) -> list[tuple[Any, ...]]:
    query = (
        f"SELECT currency, class, count(*), sum(outstanding) FROM "
        f"(SELECT currency, outstanding, {classes} AS class FROM loans WHERE {where}) AS classed "
        "GROUP BY currency, class ORDER BY currency, class"
    )
    rows = run(connection, query, tuple(values))
    return [(row[0], row[1], int(row[2]), int(row[3])) for row in rows]


# -- proposals


def add_proposal(connection: Connection, row: ProposalRow, *, digest: str) -> None:
    """Keeps a line for the others to sign."""
    run(
        connection,
        "INSERT INTO facility_proposals (id, lender, borrower, entruster, currency, "
        "limit_currency, terms_json, "
        "digest, lender_signature, borrower_signature, entruster_signature, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(row.id, row.lender, row.borrower, row.entruster, row.currency, row.limit_currency),
            *(json.dumps(row.terms), digest, row.lender_signature, row.borrower_signature),
            *(row.entruster_signature, time.time()),
        ),
    )


def _proposal(row: Any) -> ProposalRow:
    values = list(row)
    values[6] = json.loads(values[6])
    return ProposalRow(*values)


def proposal(connection: Connection, identifier: str) -> ProposalRow | None:
    """A line that waits, or was agreed."""
    row = run(connection, _PROPOSAL + "WHERE f.id = ?", (identifier,)).first()
    return None if row is None else _proposal(row)


def proposals(
    connection: Connection, *, account: str | None, before: str | None, limit: int
) -> list[ProposalRow]:
    """Newest first; of one account, or all of them."""
    wheres, values = [], []
    if account is not None:
        wheres.append("(f.lender = ? OR f.borrower = ? OR f.entruster = ?)")
        values += [account] * 3
    if before is not None:
        wheres.append("f.id < ?")
        values.append(before)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    query = f"{_PROPOSAL}{where}ORDER BY f.id DESC LIMIT ?"
    return [_proposal(row) for row in run(connection, query, (*values, limit))]


def sign_proposal(
    connection: Connection, *, identifier: str, role: str, signature: str
) -> ProposalRow:
    """Keeps one more signature; returns the proposal with it."""
    assert role in ("lender", "borrower", "entruster")
    run(
        connection,
        f"UPDATE facility_proposals SET {role}_signature = ? WHERE id = ?",
        (signature, identifier),
    )
    found = proposal(connection, identifier)
    assert found is not None
    return found
