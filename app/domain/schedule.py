"""What a loan will cost when: its instalments, if the borrower pays each on its due day."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from app.domain.loan import Loan, Parts, Style


@dataclass(frozen=True)
class Due:
    """What falls due on one of the loan's own days; amounts in minor units."""

    number: int
    day: int
    parts: Parts
    outstanding: int


def schedule(loan: Loan) -> list[Due]:
    """What falls due from the loan's day on, after it pays what is due that day.

    A bill is paid on its due day, free of interest.
    """
    state = copy.deepcopy(loan)
    state.pay(state.amount_due.total)
    instalments = []
    for number in range(state.period + 1, state.terms.periods + 1):
        day = state.terms.due_day_of(number)
        state.roll(day)
        billed = state.terms.style is Style.BILLING_CYCLE
        parts = state.payoff if billed else state.amount_due
        state.pay(parts.total)
        instalments.append(Due(number, day, parts, state.outstanding))
        if state.paid:
            break
    return instalments
