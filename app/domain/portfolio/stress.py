"""A stress test of a book: what each shock alone would cost, and all of them together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain.portfolio.book import BookLoan, Bucket, bucket_at, in_default
from app.domain.portfolio.concentration import group_of, owed
from app.domain.portfolio.shares import MILLION, times_half_up


@dataclass(frozen=True)
class Shocks:
    """The shocks; shares in parts per million, each from 0.

    Attributes:
        prices_down: goods are worth so much less.
        parties: those that default: as borrower, and as debtor of a claim that is collateral. A
            number below zero is a group of borrowers.
        delay_days: for so many days nobody pays anything.
        sales_down: borrowers sell so much less.
        loss_severity: which part of a defaulted exposure is lost.
    """

    loss_severity: int
    prices_down: int = 0
    parties: frozenset[int] = frozenset()
    delay_days: int = 0
    sales_down: int = 0


@dataclass
class Effect:
    """What a shock does.

    Attributes:
        loans: number of loans that it hits.
        exposure: their principal.
        loss: what it adds to the losses.
        unknown: principal of loans of which the book does not know enough to tell.
    """

    loans: int = 0
    exposure: int = 0
    loss: int = 0
    unknown: int = 0


@dataclass
class StressResult:
    """The effects, and the book before and after the delay.

    Attributes:
        together: all shocks; no loan loses more than it owes.
        before, after: principal by bucket, without and with the delay.
    """

    prices: Effect = field(default_factory=Effect)
    defaults: Effect = field(default_factory=Effect)
    delay: Effect = field(default_factory=Effect)
    sales: Effect = field(default_factory=Effect)
    together: Effect = field(default_factory=Effect)
    before: Counter[Bucket] = field(default_factory=Counter)
    after: Counter[Bucket] = field(default_factory=Counter)


def exposures(loans: Sequence[BookLoan], *, today: int) -> Counter[int]:
    """By name: what it owes as borrower, with its group, and what hangs on claims on it."""
    amounts: Counter[int] = Counter()
    for loan in loans:
        amount = owed(loan, today)
        if amount:
            for name in {group_of(loan), loan.borrower, loan.debtor}:
                if name is not None:
                    amounts[name] += amount
    return amounts


def largest_names(loans: Sequence[BookLoan], count: int, *, today: int) -> frozenset[int]:
    """The names with the largest exposure; a borrower that is in a group counts as the group."""
    grouped = {loan.borrower for loan in loans if loan.group}
    names = [item for item in exposures(loans, today=today).items() if item[0] not in grouped]
    return frozenset(
        name for name, _ in sorted(names, key=lambda item: (-item[1], item[0]))[:count]
    )


def stressed(
    loans: Sequence[BookLoan],
    shocks: Shocks,
    *,
    trade: dict[int, int],
    today: int,
) -> StressResult:
    """What the shocks do to a book as of today.

    Args:
        trade: by facility, what may be owed under it by the borrower's sales, where they bound it.
    """
    result = StressResult()
    above = _above_sales(loans, shocks, trade, today=today)
    for loan in loans:
        amount = owed(loan, today)
        if not amount:
            continue
        bucket = bucket_at(loan, loan.last, today)
        later = bucket_at(loan, loan.last, today, delay=shocks.delay_days)
        result.before[bucket] += amount
        result.after[later] += amount
        losses = [
            _of_prices(loan, amount, shocks, result.prices),
            _of_default(loan, amount, shocks, result.defaults),
            _of_delay(amount, bucket, later, shocks, result.delay),
            _of_sales(amount, above.get(loan.number), shocks, result.sales),
        ]
        loss = min(amount, sum(losses))
        if loss:
            result.together.loans += 1
            result.together.exposure += amount
            result.together.loss += loss
    return result


def _hit(effect: Effect, amount: int, loss: int) -> int:
    if loss:
        effect.loans += 1
        effect.exposure += amount
        effect.loss += loss
    return loss


def _of_prices(loan: BookLoan, amount: int, shocks: Shocks, effect: Effect) -> int:
    """What the goods no longer secure, beyond what they do not secure today."""
    if not shocks.prices_down or not loan.on_goods:
        return 0
    if loan.goods_value is None:
        effect.unknown += amount
        return 0
    value = loan.goods_value * (MILLION - shocks.prices_down) // MILLION
    return _hit(effect, amount, max(0, amount - value) - max(0, amount - loan.goods_value))


def _of_default(loan: BookLoan, amount: int, shocks: Shocks, effect: Effect) -> int:
    names = {loan.borrower, group_of(loan), loan.debtor}
    if shocks.parties.isdisjoint(names):
        return 0
    return _hit(effect, amount, times_half_up(amount, shocks.loss_severity))


def _of_delay(amount: int, before: Bucket, after: Bucket, shocks: Shocks, effect: Effect) -> int:
    if in_default(before) or not in_default(after):
        return 0
    return _hit(effect, amount, times_half_up(amount, shocks.loss_severity))


def _of_sales(amount: int, above: int | None, shocks: Shocks, effect: Effect) -> int:
    if not shocks.sales_down:
        return 0
    if above is None:
        effect.unknown += amount
        return 0
    return _hit(effect, amount, times_half_up(above, shocks.loss_severity))


def _above_sales(
    loans: Sequence[BookLoan], shocks: Shocks, trade: dict[int, int], *, today: int
) -> dict[int, int]:
    """By loan, what is owed above its facility's lower bound and was not before: newest first."""
    if not shocks.sales_down:
        return {}
    of_facility: defaultdict[int, list[BookLoan]] = defaultdict(list)
    for loan in loans:
        if loan.facility in trade and owed(loan, today):
            of_facility[loan.facility].append(loan)
    above: dict[int, int] = {}
    for facility, own in of_facility.items():
        bound = trade[facility]
        lower = bound * (MILLION - shocks.sales_down) // MILLION
        total = sum(owed(loan, today) for loan in own)
        left = max(0, total - lower) - max(0, total - bound)
        for loan in sorted(own, key=lambda loan: -loan.number):
            part = min(left, owed(loan, today))
            above[loan.number], left = part, left - part
    return above
