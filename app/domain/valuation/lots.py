"""The arithmetic of the back-test: a lot is lent on, then sold as such goods really sold.

A lot sells at the pace and the prices of the days that follow; the rest sells at a floor when the
time is over. Selling costs reduce the proceeds; interest for the whole time increases the debt. The
result, divided by the value, is the lot's *recovery*: lending more than that loses money.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.valuation.grades import Grade
from app.domain.valuation.model import MILLION, Sale, SaleKind

YEAR_DAYS = 360


@dataclass(frozen=True, slots=True, kw_only=True)
class SellingTerms:
    """How a lot is sold when the borrower does not repay; shares in parts per million.

    Attributes:
        stock_days: the lot is this many days of the window's pace.
        horizon_days: days in which the lot is sold.
        floor: the value of the rest after that, as a share of the value lent on.
        costs: of storage and sale, as a share of the proceeds.
        annual_rate: interest on the debt, for the whole horizon.
        pace, price: what a lender in haste reaches of the later quantities, and of their prices.
    """

    stock_days: int = 60
    horizon_days: int = 90
    floor: int = 250_000
    costs: int = 50_000
    annual_rate: int = 72_000
    pace: int = MILLION
    price: int = MILLION


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one lot: value, proceeds, what was left, and the recovery."""

    grade: Grade
    quantity: int
    value: int
    proceeds: int
    left: int
    recovery: int


@dataclass(frozen=True, slots=True)
class Losses:
    """The losses of lending on a set of lots; money in the lots' unit, shares in ppm.

    Attributes:
        frequency: lots with a loss, divided by all lots.
        rate: money lost, divided by the money lent.
        severity: money lost, divided by the money lent on the lots with a loss.
        worst: the greatest loss of one lot, divided by the money lent on it.
    """

    lots: int
    lost_lots: int
    lent: int
    lost: int
    frequency: int
    rate: int
    severity: int
    worst: int


def by_day(sales: Iterable[Sale]) -> list[tuple[int, int]]:
    """Net quantity and net money of each day with a sale or a return, in order."""
    days: dict[int, list[int]] = {}
    for sale in sales:
        sign = 1 if sale.kind is SaleKind.SALE else -1
        day = days.setdefault(sale.day, [0, 0])
        day[0] += sign * sale.quantity
        day[1] += sign * sale.quantity * sale.price
    return [(days[day][0], days[day][1]) for day in sorted(days)]


def sell(
    *,
    grade: Grade,
    quantity: int,
    price: int,
    later: Sequence[tuple[int, int]],
    terms: SellingTerms,
) -> Outcome:
    """Sells a lot at the prices of `later`: first in, first out, net of each day's returns.

    Args:
        quantity: of the lot, thousandths, above zero.
        price: the value at which it was lent on.
        later: `by_day` of the sales of the same goods within the horizon.
    """
    left, proceeds = quantity, 0
    for day_net, day_money in later:
        # Rounded down, also below zero: against the lender.
        net = day_net * terms.pace // MILLION
        money = day_money * terms.pace * terms.price // MILLION**2
        if net > 0:
            taken = min(net, left)
            proceeds += money * taken // net
            left -= taken
        elif net < 0:
            back = min(-net, quantity - left)
            # The refund is rounded up: every rounding here is against the lender.
            proceeds -= max(0, -(money * back // -net))
            left += back
    proceeds = max(0, proceeds) + left * price * terms.floor // MILLION
    value = quantity * price
    return Outcome(grade, quantity, value, proceeds, left, recovery_of(value, proceeds, terms))


def recovery_of(value: int, proceeds: int, terms: SellingTerms) -> int:
    """The share of the value that, lent at the start, the proceeds just repay; rounded down."""
    net_proceeds = proceeds * (MILLION - terms.costs)
    grown = YEAR_DAYS * MILLION + terms.annual_rate * terms.horizon_days
    return net_proceeds * YEAR_DAYS * MILLION // (value * grown)


def losses(outcomes: Iterable[Outcome], *, haircuts: Mapping[Grade, int]) -> Losses:
    """The losses if each lot had been lent on at its value less its grade's haircut."""
    lots = lost_lots = lent = lost = lent_on_lost = worst = 0
    for outcome in outcomes:
        share = MILLION - haircuts[outcome.grade]
        short = max(0, share - outcome.recovery)
        lots += 1
        lent += outcome.value * share
        lost += outcome.value * short
        if short:
            lost_lots += 1
            lent_on_lost += outcome.value * share
            worst = max(worst, short * MILLION // share)
    return Losses(
        lots,
        lost_lots,
        lent // MILLION,
        lost // MILLION,
        lost_lots * MILLION // lots if lots else 0,
        lost * MILLION // lent if lent else 0,
        lost * MILLION // lent_on_lost if lent_on_lost else 0,
        worst,
    )


def by_grade(outcomes: Sequence[Outcome]) -> dict[Grade, list[Outcome]]:
    """The lots of each grade, from A to E; a grade without lots has an empty list."""
    return {grade: [outcome for outcome in outcomes if outcome.grade is grade] for grade in Grade}
