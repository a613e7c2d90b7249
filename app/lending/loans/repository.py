"""Queries of the portfolio, by age and by maturity."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.lending.repository import of_account
from app.storage import run

_OWN_DAY = "(coalesce(stopped_day, {today}) - lost_days)"


def ageing(connection: Connection, *, account: str | None, today: int) -> list[tuple[Any, ...]]:
    """Currency, class of days past due, number of loans, principal outstanding."""
    wheres, values = of_account(account)
    where = " AND ".join(["status <> 'Repaid'", *wheres])
    late = f"({_OWN_DAY.format(today=today)} - oldest_unpaid_day)"
    classes = (
        f"CASE WHEN status <> 'Running' THEN 5 WHEN {late} <= 0 THEN 0 WHEN {late} <= 30 THEN 1 "
        f"WHEN {late} <= 60 THEN 2 WHEN {late} <= 90 THEN 3 ELSE 4 END"
    )
    return _sum_by_class(connection, classes, where, values)


def maturities(connection: Connection, *, account: str | None, today: int) -> list[tuple[Any, ...]]:
    """Currency, class of days to the last due day, number of loans, principal."""
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
) -> list[tuple[Any, ...]]:
    query = (
        f"SELECT currency, class, count(*), sum(outstanding) FROM "
        f"(SELECT currency, outstanding, {classes} AS class FROM loans WHERE {where}) AS classed "
        "GROUP BY currency, class ORDER BY currency, class"
    )
    rows = run(connection, query, tuple(values))
    return [(row[0], row[1], int(row[2]), int(row[3])) for row in rows]
