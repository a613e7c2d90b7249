"""What repays a loan whole on a day, if everything that falls due before is paid on its day."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.calendar import add_months
from app.domain.loan import Loan, Parts
from app.domain.schedule import schedule

_WEEK = 7
_MAX_WEEKS = 13  # a loan of more days is shown by months
_MAX_MONTHS = 12


@dataclass(frozen=True)
class Payoff:
    """What repays a loan whole on one of its own days; amounts in minor units.

    Attributes:
        before: what was paid on due days before.
    """

    day: int
    parts: Parts
    before: int


def payoffs(loan: Loan, days: Iterable[int]) -> list[Payoff]:
    """What repays the loan whole on each of these days; days on which nothing is owed are left out.

    Args:
        days: the loan's own days, none before the day as of which it is.
    """
    repaid = []
    due_days = schedule(loan)
    for day in sorted(set(days)):
        state, before = copy.deepcopy(loan), 0
        for due in due_days:
            if due.day >= day:
                break
            state.roll(due.day)
            state.pay(due.parts.total)
            before += due.parts.total
        state.roll(day)
        if not state.paid:
            repaid.append(Payoff(day, state.payoff, before))
    return repaid


def sample_days(loan: Loan) -> list[int]:
    """Days after the draw on which to show what repays a new loan: by weeks or months, and the end.

    At most fourteen, in order.
    """
    start, last = loan.terms.start_day, schedule(loan)[-1].day
    if last - start <= _MAX_WEEKS * _WEEK:
        days = list(range(start + _WEEK, last, _WEEK))
    else:
        months = 1
        while add_months(start, months * _MAX_MONTHS) < last:
            months += 1
        steps = (add_months(start, months * number) for number in range(1, _MAX_MONTHS + 1))
        days = [day for day in steps if day < last]
    return [*days, last]
