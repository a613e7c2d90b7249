"""Queries of reserves and losses."""

from __future__ import annotations

import json
from typing import Literal

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run

MAX_ENTRIES = 200


class RiskEntryRow(msgspec.Struct):
    """A movement or agreement of a reserve or a loss; its fields are columns of the table.

    Attributes:
        party: account that paid, received, agreed or owes.
        details_json: the rest, which depends on `kind`.
    """

    kind: str
    party: str | None
    amount: int
    details_json: str
    transaction_hash: str
    timestamp: int


_ENTRY = ", ".join(field.name for field in msgspec.structs.fields(RiskEntryRow))


def newest(
    connection: Connection, *, of: Literal["product_id", "loan_id"], number: int
) -> list[RiskEntryRow]:
    """The newest 200 entries of a product or a loan, newest first."""
    query = (
        f"SELECT {_ENTRY} FROM risk_entries WHERE {of} = ? "
        f"ORDER BY position DESC LIMIT {MAX_ENTRIES}"
    )
    return [record_of(RiskEntryRow, row) for row in run(connection, query, (number,))]


def accounts_of_loss(connection: Connection, loan_id: int) -> set[str | None]:
    """The accounts that the entries of a loan's loss name; empty if no loss is recorded."""
    query = "SELECT party FROM risk_entries WHERE loan_id = ?"
    return {row.party for row in run(connection, query, (loan_id,))}


def lenders(connection: Connection, product_id: int) -> set[str]:
    """The accounts of lenders that ever had a reserve of a product, with the pool's."""
    query = "SELECT details_json FROM risk_entries WHERE product_id = ? AND kind = 'ReserveFed'"
    rows = run(connection, query, (product_id,))
    return {json.loads(row.details_json)["lender"] for row in rows}


def shares_in(connection: Connection, loan_id: int) -> int:
    """Number of shares that a loan's loss fell on, paid at once or still owed.

    It counts shares, not sharers: one sharer may bear several.
    """
    query = (
        "SELECT kind, details_json FROM risk_entries WHERE loan_id = ? "
        "AND kind IN ('LossAbsorbed', 'SharerDidNotPay') AND transaction_hash = "
        "(SELECT transaction_hash FROM risk_entries WHERE loan_id = ? "
        "AND kind = 'LossRecorded')"
    )
    return sum(
        row.kind == "SharerDidNotPay" or json.loads(row.details_json)["source"] == "sharer"
        for row in run(connection, query, (loan_id, loan_id))
    )
