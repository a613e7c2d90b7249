"""Roll rates: where the loans of a bucket stand a month later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from app.domain.calendar import add_months, month_end
from app.domain.portfolio.book import BookLoan, Bucket, bucket_at
from app.domain.portfolio.shares import shares_of

BUCKETS = tuple(Bucket)
FROM = BUCKETS[:-1]  # what is repaid rolls nowhere


@dataclass
class Roll:
    """Loans of one bucket at a month's end, and where they were at the next.

    Attributes:
        loans: number of loans in each bucket a month later.
        amounts: their principal at the first month's end, by bucket a month later. What was repaid
            in between counts as repaid, also where the loan goes on.
    """

    bucket: Bucket
    loans: list[int] = field(default_factory=lambda: [0] * len(BUCKETS))
    amounts: list[int] = field(default_factory=lambda: [0] * len(BUCKETS))

    @property
    def rates(self) -> list[int]:
        """The roll rates by amount: parts per million, which add up to a million."""
        return shares_of(self.amounts)


@dataclass(frozen=True)
class Month:
    """The rolls between the ends of two months; `None` days stand for all months together."""

    first_day: int | None
    last_day: int | None
    rolls: tuple[Roll, ...]


def month_ends(today: int, months: int) -> list[int]:
    """The last days of so many whole months before today, and of the month before them."""
    last = month_end(today)
    if last > today:
        last = month_end(add_months(today, -1))
    return [month_end(add_months(last, -back)) for back in range(months, -1, -1)]


def roll_rates(loans: Iterable[BookLoan], ends: Sequence[int]) -> list[Month]:
    """The rolls of each month between these ends, and the last item of all months together."""
    months = [tuple(Roll(bucket) for bucket in FROM) for _ in ends[1:]]
    for loan in loans:
        if not loan.complete:
            continue
        _add(loan, ends, months)
    sums = tuple(Roll(bucket) for bucket in FROM)
    for rolls in months:
        for total, roll in zip(sums, rolls, strict=True):
            total.loans = [
                before + more for before, more in zip(total.loans, roll.loans, strict=True)
            ]
            total.amounts = [
                before + more for before, more in zip(total.amounts, roll.amounts, strict=True)
            ]
    by_month = [
        Month(first, last, rolls)
        for (first, last), rolls in zip(pairwise(ends), months, strict=True)
    ]
    return [*by_month, Month(None, None, sums)]


def _add(loan: BookLoan, ends: Sequence[int], months: list[tuple[Roll, ...]]) -> None:
    points, place, count = loan.points, -1, len(loan.points)
    before: tuple[Bucket, int] | None = None
    for number, end in enumerate(ends):
        while place + 1 < count and points[place + 1].day <= end:
            place += 1
        if place < 0:
            continue  # not drawn yet
        point = points[place]
        bucket = bucket_at(loan, point, end)
        if before is not None:
            roll = months[number - 1][before[0]]
            left = min(before[1], point.outstanding)
            roll.loans[bucket] += 1
            roll.amounts[bucket] += left
            roll.amounts[Bucket.REPAID] += before[1] - left
        if bucket is Bucket.REPAID:
            before = None
            if place + 1 == count:
                return
        else:
            before = bucket, point.outstanding
