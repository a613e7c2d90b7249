"""Vintage curves: what became of the loans of one quarter, by months since each was drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.calendar import add_months, date_of
from app.domain.portfolio.book import BookLoan, Event, first_default, first_late, first_loss
from app.domain.portfolio.shares import part_half_up

_MONTHS = 12
_QUARTER = 3


@dataclass(frozen=True)
class Age:
    """What had happened by so many months since the draw; amounts in minor units.

    Attributes:
        overdue: principal of loans when they first were overdue for more than the chosen days.
        defaulted: principal of loans when they first counted as defaulted.
        lost: losses that were recorded.
    """

    months: int
    overdue: int
    defaulted: int
    lost: int


@dataclass(frozen=True)
class Vintage:
    """The loans that were drawn in one quarter.

    Attributes:
        quarter: such as 2026-Q3.
        ages: from 0 months up to the age that its youngest loan has reached.
    """

    quarter: str
    loans: int
    drawn: int
    ages: tuple[Age, ...]

    def share(self, amount: int) -> int:
        """An amount in parts per million of what was drawn."""
        return part_half_up(amount, self.drawn) or 0


def quarter_of(day: int) -> str:
    """The quarter of a day: 2026-Q3."""
    when = date_of(day)
    return f"{when.year:04d}-Q{(when.month - 1) // _QUARTER + 1}"


def months_between(start: int, day: int) -> int:
    """Whole months that have passed from a start to a later day."""
    first, last = date_of(start), date_of(day)
    months = (last.year - first.year) * _MONTHS + last.month - first.month
    return months if add_months(start, months) <= day else months - 1


def age_of(start: int, day: int) -> int:
    """The first age in whole months at which something that happened on a day has happened."""
    months = months_between(start, day)
    return months if add_months(start, months) == day else months + 1


def vintages(
    loans: Iterable[BookLoan], *, overdue_days: int, max_months: int, today: int
) -> list[Vintage]:
    """The vintages, oldest first."""
    by_quarter: defaultdict[str, list[BookLoan]] = defaultdict(list)
    quarters: dict[int, str] = {}
    for loan in loans:
        if not loan.complete:
            continue
        start = loan.start_day
        if start not in quarters:
            quarters[start] = quarter_of(start)
        by_quarter[quarters[start]].append(loan)
    return [
        _vintage(quarter, by_quarter[quarter], overdue_days, max_months, today)
        for quarter in sorted(by_quarter)
    ]


def _vintage(
    quarter: str, loans: list[BookLoan], overdue_days: int, max_months: int, today: int
) -> Vintage:
    youngest = max(loan.start_day for loan in loans)
    reached = min(max_months, months_between(youngest, today))
    changes = [[0, 0, 0] for _ in range(reached + 1)]
    for loan in loans:
        events: tuple[Event | None, ...] = (
            first_late(loan, overdue_days, today),
            first_default(loan, today),
            first_loss(loan),
        )
        for place, event in enumerate(events):
            if event is not None:
                age = age_of(loan.start_day, event.day)
                if age <= reached:
                    changes[age][place] += event.outstanding
    ages, sums = [], [0, 0, 0]
    for months, change in enumerate(changes):
        sums = [total + amount for total, amount in zip(sums, change, strict=True)]
        ages.append(Age(months, *sums))
    return Vintage(quarter, len(loans), sum(loan.drawn for loan in loans), tuple(ages))
