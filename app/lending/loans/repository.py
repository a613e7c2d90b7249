"""Queries of the portfolio, by age and by maturity."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.lending.repository import of_account
from app.storage import record_of, run


class ClassSum(msgspec.Struct):
    """Loans of one currency in one class.

    Attributes:
        currency: address of the token.
        place: of the class, from 0.
        outstanding: principal in minor units.
    """

    currency: str
    place: int
    loans: int
    outstanding: int


_OWN_DAY = "(coalesce(stopped_day, {today}) - lost_days)"


def ageing(connection: Connection, *, account: str | None, today: int) -> list[ClassSum]:
    """Loans that are not repaid, by days past due."""
    wheres, values = of_account(account)
    where = " AND ".join(["status <> 'Repaid'", *wheres])
    late = f"({_OWN_DAY.format(today=today)} - oldest_unpaid_day)"
    classes = (
        f"CASE WHEN status <> 'Running' THEN 5 WHEN {late} <= 0 THEN 0 WHEN {late} <= 30 THEN 1 "
        f"WHEN {late} <= 60 THEN 2 WHEN {late} <= 90 THEN 3 ELSE 4 END"
    )
    return _sum_by_class(connection, classes, where, values)


def maturities(connection: Connection, *, account: str | None, today: int) -> list[ClassSum]:
    """Running loans, by days to the last due day."""
    wheres, values = of_account(account)
    where = " AND ".join(["status = 'Running'", *wheres])
    left = f"(last_due_day - {_OWN_DAY.format(today=today)})"
    classes = (
        f"CASE WHEN {left} < 0 THEN 0 WHEN {left} <= 7 THEN 1 WHEN {left} <= 30 THEN 2 "
        f"WHEN {left} <= 90 THEN 3 WHEN {left} <= 180 THEN 4 ELSE 5 END"
    )
    return _sum_by_class(connection, classes, where, values)


def _sum_by_class(
    connection: Connection, classes: str, where: str, values: list[Any]
) -> list[ClassSum]:
    query = (
        "SELECT currency, place, count(*) AS loans, sum(outstanding) AS outstanding FROM "
        f"(SELECT currency, outstanding, {classes} AS place FROM loans WHERE {where}) AS classed "
        "GROUP BY currency, place ORDER BY currency, place"
    )
    rows = run(connection, query, tuple(values))
    return [
        record_of(ClassSum, row, loans=int(row.loans), outstanding=int(row.outstanding))
        for row in rows
    ]
