"""Limits of a rule set against a book: the figure of each, how much of it is used, and the verdict.

A lender's own figures are its own word; without them, or by old ones, a ratio is not judged. What
the ledger does not show is unknown: a broken limit is certain, a kept one is kept on this ledger.
Amounts are minor units of one currency, and shares parts per million.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from app.domain.portfolio.book import BookLoan
from app.domain.portfolio.concentration import (
    borrower_of,
    concentration,
    debtor_of,
    group_of,
    owed,
)
from app.domain.portfolio.shares import MILLION, part_half_up

LenderKind = Literal["bank", "factor", "micro-lender"]
Measure = Literal["own-money", "single-name", "group", "single-debtor", "reserve"]
# What a lender states of itself; the first three are own money.
Base = Literal["net-capital", "tier-one-capital", "net-assets", "risk-assets"]
Verdict = Literal["kept", "warned", "broken", "not-judged"]
Reason = Literal[
    "nothing-lent",
    "lender-kind-unknown",
    "figure-not-stated",
    "statement-too-old",
    "other-currencies",
]
PROVISIONS = "provisions"
_NAMES: dict[Measure, Callable[[BookLoan], int | None]] = {
    "single-name": borrower_of,
    "group": group_of,
    "single-debtor": debtor_of,
}


@dataclass(frozen=True)
class Bound:
    """The bound of a ratio: a minimum share, a maximum share, or a maximum amount.

    Attributes:
        of: the stated figure that own money is, or that a name is compared with.
    """

    measure: Measure
    of: Base | None
    min_share: int | None
    max_share: int | None
    max_amount: int | None


class BoughtClaim(NamedTuple):
    """What is unpaid of a claim that the lender bought."""

    debtor: int
    amount: int


@dataclass(frozen=True)
class OwnFigures:
    """What a lender stated of itself in one currency.

    Attributes:
        day: as of which it is true.
        amounts: by name (`Base`, and the provisions beside the reserve on the ledger); what is
            missing is unknown.
    """

    lender: LenderKind
    day: int
    amounts: Mapping[str, int]


class Largest(NamedTuple):
    """The largest name of a measure; a group's key is below zero."""

    key: int
    amount: int


@dataclass(frozen=True)
class Exposure:
    """What a lender lent in one currency, as the ledger shows it.

    Attributes:
        lent: principal without recorded loss, with what is unpaid of claims that it bought.
        reserve: what it holds in the reserve on the ledger.
        largest: by measure; without what it has no name for.
    """

    lent: int
    reserve: int
    largest: Mapping[Measure, Largest]


def exposure(
    loans: Sequence[BookLoan], bought: Iterable[BoughtClaim], *, reserve: int, today: int
) -> Exposure:
    """What a lender lent: its loans, and claims that it bought.

    A bought claim counts for its debtor, and for no borrower: its seller owes nothing.
    """
    claims = list(bought)
    largest: dict[Measure, Largest] = {}
    for measure, name_of in _NAMES.items():
        names = concentration(loans, name_of, today=today).names
        amounts = Counter({name.key: name.amount for name in names})
        if measure == "single-debtor":
            for claim in claims:
                amounts[claim.debtor] += claim.amount
        if amounts:
            key = min(amounts, key=lambda key: (-amounts[key], key))
            largest[measure] = Largest(key, amounts[key])
    lent = sum(owed(loan, today) for loan in loans) + sum(claim.amount for claim in claims)
    return Exposure(lent, reserve, largest)


@dataclass(frozen=True)
class Judged:
    """A ratio with its figure.

    Attributes:
        part, whole: the figure is the one divided by the other; None: unknown.
        figure: parts per million, a half upwards; None: unknown, or there is nothing to divide by.
        used: how much of the limit is used; above a million it is broken.
        key: the name that the figure is of; None: of no single one.
        reason: why it is not judged; None: it is.
    """

    part: int | None
    whole: int | None
    figure: int | None
    used: int | None
    verdict: Verdict
    key: int | None = None
    reason: Reason | None = None


def judge_ratio(
    bound: Bound,
    exposed: Exposure,
    own: OwnFigures | None,
    *,
    kind_known: bool,
    alone: bool,
    first_day: int,
) -> Judged:
    """One ratio against what a lender lent in one currency.

    Args:
        own: what it stated in this currency; None: nothing.
        kind_known: whether it ever said what kind of lender it is.
        alone: whether it lent in no other currency. Amounts are not converted, so what is lent in
            others may break a limit that is kept here.
        first_day: figures as of an earlier day judge nothing.
    """
    if not kind_known:
        return Judged(None, None, None, None, "not-judged", None, "lender-kind-unknown")
    stated = {} if own is None else own.amounts
    if bound.measure == "reserve":
        return _judge_reserve(bound, exposed, own, first_day=first_day)
    part: int | None
    whole: int | None
    key: int | None
    if bound.measure == "own-money":
        part, whole, key = stated.get(str(bound.of)), exposed.lent, None
    else:
        largest = exposed.largest.get(bound.measure)
        part, key = (0, None) if largest is None else (largest.amount, largest.key)
        whole = bound.max_amount if bound.of is None else stated.get(bound.of)
    if part is None or whole is None:
        return Judged(part, whole, None, None, "not-judged", key, "figure-not-stated")
    if bound.of is not None and own is not None and own.day < first_day:
        return Judged(part, whole, None, None, "not-judged", key, "statement-too-old")
    judged = _judged(bound, part, whole, key)
    if judged.verdict == "kept" and not alone:
        return replace(judged, verdict="not-judged", reason="other-currencies")
    return judged


def _judge_reserve(
    bound: Bound, exposed: Exposure, own: OwnFigures | None, *, first_day: int
) -> Judged:
    """The reserve on the ledger with the provisions in the books.

    While the reserve on the ledger alone is enough, nobody needs the provisions.
    """
    enough = _judged(bound, exposed.reserve, exposed.lent, None)
    provisions = None if own is None else own.amounts.get(PROVISIONS)
    if own is not None and provisions is not None and own.day >= first_day:
        return _judged(bound, exposed.reserve + provisions, exposed.lent, None)
    if enough.verdict == "kept":
        return enough
    reason: Reason = "figure-not-stated" if provisions is None else "statement-too-old"
    return replace(enough, used=None, verdict="not-judged", reason=reason)


def _judged(bound: Bound, part: int, whole: int, key: int | None) -> Judged:
    """Compares exactly; only what is shown is rounded."""
    figure = None if bound.max_amount is not None else part_half_up(part, whole)
    if bound.min_share is not None:
        within = part * MILLION >= bound.min_share * whole
        used = part_half_up(bound.min_share * whole, part * MILLION)
    else:
        share = MILLION if bound.max_share is None else bound.max_share
        within = part * MILLION <= share * whole
        used = part_half_up(part * MILLION, share * whole)
    return Judged(part, whole, figure, used, "kept" if within else "broken", key)


@dataclass(frozen=True, slots=True)
class LoanFacts:
    """What the limits of single loans look at.

    Attributes:
        tenor_days: of a bullet loan or a bill; None: it runs in months.
        months: of a schedule; None: it runs in days.
        hedge_share: the share of a hedge that its product counts.
    """

    number: int
    annual_rate: int
    penalty: int
    day_count: int
    tenor_days: int | None
    months: int | None
    hedge_share: int


_DAYS_OF_A_YEAR = 365


def year_cost_up(loan: LoanFacts) -> int:
    """What overdue money of the loan costs in 365 days, rounded up, as the catalogue counts it."""
    rate = loan.annual_rate * max(loan.penalty, MILLION)
    return -(-rate * _DAYS_OF_A_YEAR // (loan.day_count * MILLION))


_FIGURES: dict[str, Callable[[LoanFacts], int | None]] = {
    "annual_rate.max": lambda loan: loan.annual_rate,
    "total_cost.max": year_cost_up,
    "penalty": lambda loan: loan.penalty,
    "tenor_days.max": lambda loan: loan.tenor_days,
    "tenor_days.warn": lambda loan: loan.tenor_days,
    "months.max": lambda loan: loan.months,
    "months.warn": lambda loan: loan.months,
    "day_count": lambda loan: loan.day_count,
    "hedge_share.max": lambda loan: loan.hedge_share,
}
TERMS_OF_LOANS = tuple(_FIGURES)


class Worst(NamedTuple):
    """The loan that goes furthest: out of the limit, or nearest to its maximum."""

    figure: int
    loan: int
    used: int | None
    verdict: Verdict


def worst_loan(
    term: str, loans: Iterable[LoanFacts], *, minimum: int | None, maximum: int | None
) -> Worst | None:
    """The worst loan under a limit of single loans; None: none comes under it.

    A loan below the minimum is the worst one only if none is above the maximum. Of equal loans the
    first is named.
    """
    figure_of = _FIGURES[term]
    lowest: tuple[int, int] | None = None
    highest: tuple[int, int] | None = None
    for loan in loans:
        figure = figure_of(loan)
        if figure is None:
            continue
        if lowest is None or figure < lowest[0]:
            lowest = figure, loan.number
        if highest is None or figure > highest[0]:
            highest = figure, loan.number
    if lowest is None or highest is None:
        return None
    above = maximum is not None and highest[0] > maximum
    below = minimum is not None and lowest[0] < minimum
    figure, number = lowest if below and not above else highest
    used = None if maximum is None else part_half_up(figure, maximum)
    beyond: Verdict = "warned" if term.endswith(".warn") else "broken"
    return Worst(figure, number, used, beyond if above or below else "kept")
