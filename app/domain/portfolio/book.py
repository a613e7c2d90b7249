"""A book of loans: what each loan owed, and how late it was, on any day up to today.

Days are calendar days, except where they are called a loan's own: those leave out the days on which
the loan's currency was stopped. Amounts are minor units of one currency.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

DEFAULT_DAYS = 90  # a loan that is overdue for more days counts as defaulted


class Bucket(IntEnum):
    """Where a loan stands at the end of a day, from the best to the worst, and repaid."""

    CURRENT = 0
    TO_30 = 1
    TO_60 = 2
    TO_90 = 3
    OVER_90 = 4
    DEFAULTED = 5
    LOST = 6
    REPAID = 7


class Standing(IntEnum):
    """What the lender has declared of a loan."""

    RUNNING = 0
    DEFAULTED = 1
    LOST = 2  # its loss was recorded, or it was written off


class Point(NamedTuple):
    """A loan from the end of a day until its next point.

    Attributes:
        outstanding: principal, due or not.
        oldest_unpaid_day: the loan's own due day from which it is late if nothing is paid.
    """

    day: int
    outstanding: int
    oldest_unpaid_day: int
    standing: Standing


class Halt(NamedTuple):
    """Calendar days from `first` on that a loan lost; `end` is the first that counts again."""

    first: int
    end: int | None  # None: it lasts


@dataclass(slots=True, kw_only=True)
class BookLoan:
    """A loan with its life up to today.

    Attributes:
        borrower: party of the borrower; its group counts as one name.
        group: number of the group of parties under one control; 0: none.
        tier: credit tier on the day of the draw; 0: none.
        debtor: party that owes the claim which is the collateral; None: no claim, or unknown.
        points: at least one, by day; one for each day on which something happened.
        loss: the recorded loss; 0: none, also if the loan was written off without one.
        goods_value: market value of the goods that are its collateral; None: none, or unknown.
        complete: whether its whole life is known; else only its last point is.
    """

    number: int
    product: int
    borrower: int
    start_day: int
    drawn: int
    points: list[Point]
    facility: int = 0
    group: int = 0
    tier: int = 0
    debtor: int | None = None
    loss: int = 0
    halts: tuple[Halt, ...] = ()
    on_goods: bool = False
    goods_value: int | None = None
    complete: bool = True

    @property
    def last(self) -> Point:
        """The loan as of today."""
        return self.points[-1]


def own_day(loan: BookLoan, day: int) -> int:
    """The loan's own day at the end of a calendar day."""
    days = day
    for halt in loan.halts:
        if day > halt.first:
            days -= (day if halt.end is None else min(day, halt.end)) - halt.first
    return days


def calendar_day(loan: BookLoan, own: int) -> int | None:
    """The first calendar day with one of the loan's own days; None: a halt lasts before it."""
    day = own
    for halt in loan.halts:
        if day > halt.first:
            if halt.end is None:
                return None
            day += halt.end - halt.first
    return day


def bucket_at(loan: BookLoan, point: Point, day: int, *, delay: int = 0) -> Bucket:
    """The bucket at the end of a day on which `point` holds.

    Args:
        delay: further days on which nothing is paid.
    """
    if point.outstanding == 0:
        return Bucket.REPAID
    if point.standing:
        return Bucket.LOST if point.standing is Standing.LOST else Bucket.DEFAULTED
    late = (own_day(loan, day) if loan.halts else day) + delay - point.oldest_unpaid_day
    if late <= 0:
        return Bucket.CURRENT
    return Bucket.OVER_90 if late > DEFAULT_DAYS else Bucket((late + 29) // 30)


def in_default(bucket: Bucket) -> bool:
    """Whether a loan counts as defaulted: declared, lost, or overdue for more than 90 days."""
    return Bucket.OVER_90 <= bucket <= Bucket.LOST


def spans(loan: BookLoan, today: int) -> Iterator[tuple[Point, int]]:
    """Each point with the last day on which it holds."""
    for place, point in enumerate(loan.points):
        following = place + 1
        yield point, loan.points[following].day - 1 if following < len(loan.points) else today


class Event(NamedTuple):
    """When something happened to a loan first, and its outstanding principal then."""

    day: int
    outstanding: int


def first_late(loan: BookLoan, days: int, today: int) -> Event | None:
    """When the loan was first overdue for more than so many days, or declared in default."""
    for point, until in spans(loan, today):
        if not point.outstanding:
            continue
        if point.standing:
            return Event(point.day, point.outstanding)
        crossed = calendar_day(loan, point.oldest_unpaid_day + days + 1)
        if crossed is not None and crossed <= until:
            return Event(max(crossed, point.day), point.outstanding)
    return None


def first_default(loan: BookLoan, today: int) -> Event | None:
    """When the loan first counted as defaulted."""
    return first_late(loan, DEFAULT_DAYS, today)


def first_loss(loan: BookLoan) -> Event | None:
    """When the loss was recorded or the loan was written off first, with the loss."""
    for point in loan.points:
        if point.standing is Standing.LOST:
            return Event(point.day, loan.loss or point.outstanding)
    return None
