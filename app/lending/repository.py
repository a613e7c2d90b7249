"""Queries of facilities, loans, loan entries, and terms of products."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.product_terms import EvidenceTerms, ProductTerms
from app.lending.rows import EntryRow, FacilityRow, LoanRow
from app.storage import record_of, run

_FACILITY = f"SELECT {', '.join(field.name for field in msgspec.structs.fields(FacilityRow))} "
_LOAN = f"SELECT {', '.join(field.name for field in msgspec.structs.fields(LoanRow))} "
_ENTRY = f"SELECT {', '.join(field.name for field in msgspec.structs.fields(EntryRow))} "


def facility(connection: Connection, facility_id: int) -> FacilityRow | None:
    """A facility."""
    query = _FACILITY + "FROM facilities WHERE facility_id = ?"
    row = run(connection, query, (facility_id,)).first()
    return None if row is None else record_of(FacilityRow, row)


def of_account(account: str | None, *, of: str = "") -> tuple[list[str], list[Any]]:
    """The SQL condition, with its values, that an account is a side of a facility or loan.

    Args:
        of: the table's alias with its dot, in a query of several tables.
    """
    if account is None:
        return [], []
    return [f"({of}lender = ? OR {of}borrower = ? OR {of}entruster = ?)"], [account] * 3


def facilities(
    connection: Connection, *, account: str | None, before: int | None, limit: int
) -> list[FacilityRow]:
    """Facilities of one account, or all of them; newest first."""
    wheres, values = of_account(account)
    if before is not None:
        wheres.append("facility_id < ?")
        values.append(before)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    query = f"{_FACILITY}FROM facilities {where}ORDER BY facility_id DESC LIMIT ?"
    return [record_of(FacilityRow, row) for row in run(connection, query, (*values, limit))]


def loan(connection: Connection, loan_id: int) -> LoanRow | None:
    """A loan."""
    row = run(connection, _LOAN + "FROM loans WHERE loan_id = ?", (loan_id,)).first()
    return None if row is None else record_of(LoanRow, row)


def loan_of_claim(connection: Connection, claim_id: int) -> LoanRow | None:
    """The loan that a claim secures, alone or with goods; None: it secures none."""
    query = _LOAN + (
        "FROM loans WHERE status <> 'Repaid' AND ((collateral = 'claim' AND collateral_id = ?) OR "
        "loan_id IN (SELECT loan_id FROM collateral_items WHERE kind = 'claim' AND item_id = ? "
        "AND removed_position IS NULL)) ORDER BY loan_id DESC LIMIT 1"
    )
    row = run(connection, query, (claim_id, claim_id)).first()
    return None if row is None else record_of(LoanRow, row)


def loans(
    connection: Connection,
    *,
    account: str | None,
    facility_id: int | None = None,
    status: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[LoanRow]:
    """Loans of one account, or all of them; newest first."""
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
    return [record_of(LoanRow, row) for row in run(connection, query, (*values, limit))]


def product_terms(connection: Connection, *, product_id: int, version: int) -> ProductTerms:
    """The terms of a product in a version that exists."""
    text = run(
        connection,
        "SELECT terms_json FROM product_versions WHERE product_id = ? AND version = ?",
        (product_id, version),
    ).scalar()
    return msgspec.json.decode(str(text), type=ProductTerms)


def evidence_terms(connection: Connection, *, product_id: int, version: int) -> EvidenceTerms:
    """What a draw under a product in a version that exists has to prove."""
    text = run(
        connection,
        "SELECT evidence_json FROM product_versions WHERE product_id = ? AND version = ?",
        (product_id, version),
    ).scalar()
    return msgspec.json.decode(str(text), type=EvidenceTerms)


def entries(connection: Connection, loan_id: int) -> list[EntryRow]:
    """What happened to a loan, oldest first."""
    return _entries(connection, "loan_id = ?", loan_id)


def entries_of_facility(connection: Connection, facility_id: int) -> list[EntryRow]:
    """What happened to all loans of a facility while they belonged to it, oldest first."""
    return _entries(
        connection, "(facility_id = ? OR from_facility_id = ?)", facility_id, facility_id
    )


def _entries(connection: Connection, where: str, *values: int) -> list[EntryRow]:
    query = f"{_ENTRY}FROM loan_entries WHERE {where} ORDER BY position"
    return [record_of(EntryRow, row) for row in run(connection, query, values)]


def was_shared(connection: Connection, product_id: int) -> bool:
    """Whether a sharer ever agreed to bear losses of a product: it may bear those of its time."""
    query = "SELECT 1 FROM risk_entries WHERE product_id = ? AND kind = 'SharingAgreed' LIMIT 1"
    return run(connection, query, (product_id,)).first() is not None


def was_insured(connection: Connection, facility_id: int) -> bool:
    """Whether an insurer ever agreed to bear losses of a facility, or of its origin."""
    query = (
        "SELECT 1 FROM risk_entries WHERE kind = 'InsuranceAgreed' AND facility_id IN "
        "(SELECT COALESCE(origin_id, facility_id) FROM facilities WHERE facility_id = ?) LIMIT 1"
    )
    return run(connection, query, (facility_id,)).first() is not None


def has_duty(connection: Connection, loan_id: int) -> bool:
    """Whether a seller must buy a loan back if it is in default and its holder asks."""
    query = "SELECT 1 FROM loan_sales WHERE loan_id = ? AND buy_back IN (2, 3) LIMIT 1"
    return run(connection, query, (loan_id,)).first() is not None
