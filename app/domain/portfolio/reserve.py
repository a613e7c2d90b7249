"""The reserve that a book needs, by volume and by the history of its losses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.portfolio.book import BookLoan, first_loss
from app.domain.portfolio.concentration import owed
from app.domain.portfolio.losses import HORIZON_DAYS
from app.domain.portfolio.shares import part_half_up, times_half_up
from app.domain.portfolio.vintages import quarter_of


@dataclass(frozen=True)
class ReserveNeed:
    """What is needed beside what is held, in minor units.

    Attributes:
        outstanding: principal without recorded loss.
        by_volume: the product's reserve share of it.
        loss_rate: losses ÷ drawn of the loans drawn at least 365 days ago, parts per million; None:
            there are none.
        worst_rate: the same of the worst quarter of draws.
        by_history, by_worst: these rates of what is outstanding.
        needed: the larger one of `by_volume` and `by_history`.
        shortfall: the part of it that is not held.
    """

    outstanding: int
    by_volume: int
    loss_rate: int | None
    worst_quarter: str | None
    worst_rate: int | None
    by_history: int | None
    by_worst: int | None
    held: int
    needed: int
    shortfall: int


def reserve_need(
    loans: Sequence[BookLoan], *, reserve_share: int, held: int, today: int
) -> ReserveNeed:
    """What the loans of one product need.

    Args:
        reserve_share: parts per million of each draw that go into the reserve.
    """
    outstanding = sum(owed(loan, today) for loan in loans)
    drawn: defaultdict[str, int] = defaultdict(int)
    lost: defaultdict[str, int] = defaultdict(int)
    for loan in loans:
        if loan.start_day + HORIZON_DAYS <= today:
            quarter = quarter_of(loan.start_day)
            loss = first_loss(loan)
            drawn[quarter] += loan.drawn
            lost[quarter] += loss.outstanding if loss else 0
    rate = part_half_up(sum(lost.values()), sum(drawn.values()))
    rates = {quarter: part_half_up(lost[quarter], drawn[quarter]) or 0 for quarter in drawn}
    worst = max(sorted(rates), key=lambda quarter: rates[quarter], default=None)
    worst_rate = None if worst is None else rates[worst]
    by_volume = times_half_up(outstanding, reserve_share)
    by_history = None if rate is None else times_half_up(outstanding, rate)
    needed = max(by_volume, by_history or 0)
    return ReserveNeed(
        outstanding=outstanding,
        by_volume=by_volume,
        loss_rate=rate,
        worst_quarter=worst,
        worst_rate=worst_rate,
        by_history=by_history,
        by_worst=None if worst_rate is None else times_half_up(outstanding, worst_rate),
        held=held,
        needed=needed,
        shortfall=max(0, needed - held),
    )
