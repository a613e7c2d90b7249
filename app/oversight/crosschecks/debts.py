"""Receivables that the cross-checks compare: confirmed ones first, others beside them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection

from app.storage import run

MAX_UNCONFIRMED = 10_000  # who files what nobody owes pushes no confirmed one out
DayOf = Callable[[int], int]  # the business day of a time


class Debt(msgspec.Struct, frozen=True):
    """A receivable; days, and amounts in minor units of the currency at an address."""

    number: int
    seller: str
    debtor: str
    currency: str
    amount: int
    due_day: int
    requested_day: int
    fingerprint: str
    confirmed: bool = True


def count(connection: Connection, rows: str) -> int:
    """How many rows there are; `rows` is a table with its conditions."""
    return int(run(connection, f"SELECT count(*) FROM {rows}").scalar() or 0)


def read_debts(connection: Connection, day: DayOf, *, limit: int) -> tuple[list[Debt], int, int]:
    """Receivables, and how many older confirmed and unconfirmed ones are left out.

    What its debtor rejected, its seller withdrew, or a credit note took back whole is no debt: a
    later invoice may well be its correction. Of unconfirmed ones each seller's newest come first,
    so that no seller pushes out those of another.

    Args:
        limit: of confirmed ones; the newest are read.
    """
    confirmed = "status NOT IN ('Requested', 'Rejected', 'Withdrawn') AND credited < face_amount"
    columns = (
        "receivable_id, seller, debtor, currency, face_amount, due_day, requested_at, fingerprint, "
        "status"
    )
    rows = run(
        connection,
        f"SELECT {columns} FROM receivables WHERE {confirmed} ORDER BY receivable_id DESC LIMIT ?",
        (limit,),
    ).all()
    older = count(connection, f"receivables WHERE {confirmed}") - len(rows)
    first = rows[-1].receivable_id if older else 0
    claimed = run(
        connection,
        f"SELECT {columns} FROM (SELECT {columns}, row_number() OVER (PARTITION BY seller "
        "ORDER BY receivable_id DESC) AS place FROM receivables WHERE status = 'Requested' AND "
        "credited < face_amount AND receivable_id >= ?) AS of_seller "
        "ORDER BY place, receivable_id DESC LIMIT ?",
        (first, MAX_UNCONFIRMED),
    ).all()
    unread = "receivables WHERE status = 'Requested' AND credited < face_amount"
    debts = [
        Debt(
            number=row.receivable_id,
            seller=row.seller,
            debtor=row.debtor,
            currency=row.currency,
            amount=int(row.face_amount),
            due_day=row.due_day,
            requested_day=day(row.requested_at),
            fingerprint=row.fingerprint,
            confirmed=row.status != "Requested",
        )
        for row in sorted((*rows, *claimed), key=lambda row: int(row.receivable_id))
    ]
    return debts, older, count(connection, unread) - len(claimed)
