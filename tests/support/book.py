"""Loans of a book, for tests of the portfolio's figures."""

from __future__ import annotations

import datetime
import random
from typing import Any

from app.domain.calendar import day_of
from app.domain.portfolio.book import BookLoan, Point, Standing

RUNNING, DEFAULTED, LOST = Standing.RUNNING, Standing.DEFAULTED, Standing.LOST


def on(text: str) -> int:
    """Day number of a date."""
    return day_of(datetime.date.fromisoformat(text))


def loan(number: int, *points: tuple[str, int, str, Standing], **changes: Any) -> BookLoan:
    """A loan with these points: day, outstanding, due day of the oldest unpaid instalment."""
    life = [Point(on(day), left, on(due), standing) for day, left, due, standing in points]
    fields = {"product": 1, "borrower": number, "start_day": life[0].day}
    fields |= {"drawn": life[0].outstanding}
    return BookLoan(number=number, points=life, **fields | changes)


def any_book(seed: int, count: int, *, today: int, days: int = 700) -> list[BookLoan]:
    """Random loans: paid in parts or late, in default, lost, or repaid."""
    chance = random.Random(seed)
    return [_any_loan(chance, number, today, days) for number in range(1, count + 1)]


def _any_loan(chance: random.Random, number: int, today: int, days: int) -> BookLoan:
    day = today - chance.randrange(days)
    drawn = chance.randrange(1, 10_000_000)
    due, left, standing, loss = day + chance.randrange(10, 120), drawn, RUNNING, 0
    points = [Point(day, drawn, due, RUNNING)]
    for _ in range(chance.randrange(4)):
        day += chance.randrange(1, 90)
        if day > today or not left:
            break
        if standing is RUNNING and chance.random() < 0.2:
            standing = DEFAULTED
        elif standing is DEFAULTED and chance.random() < 0.4:
            standing, loss = LOST, left
        else:
            left = 0 if chance.random() < 0.5 else chance.randrange(left + 1)
            due = max(due, day) + chance.randrange(60)
        points.append(Point(day, left, due, standing))
    return BookLoan(
        number=number,
        product=chance.randrange(1, 6),
        borrower=chance.randrange(1, 200),
        group=chance.choice([0, 0, 1, 2]),
        debtor=chance.choice([None, 1, 2, 500]),
        tier=chance.randrange(6),
        start_day=points[0].day,
        drawn=drawn,
        points=points,
        loss=loss,
    )
