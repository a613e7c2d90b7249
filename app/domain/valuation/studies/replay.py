"""The replay: loans on five commodities through 2008 and through 2014 to 2016."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.calendar import add_months, day_of
from app.domain.valuation.grades import SHIPPED, Grade
from app.domain.valuation.margin import (
    Collateral,
    Conduct,
    Course,
    Happening,
    MarginTerms,
    run_loan,
)
from app.domain.valuation.market import PricesInvalid, market_grade
from app.domain.valuation.model import MILLION
from app.domain.valuation.studies.commodities import Series
from app.domain.valuation.studies.files import FileInvalid

# Each lot is worth a million at the opening, in minor units.
OPENING_VALUE = 100_000_000


@dataclass(frozen=True, slots=True)
class Period:
    """Loans are opened on the first of each month from `first` to `last`."""

    name: str
    first: date
    last: date


PERIODS = (
    Period("2008", date(2007, 1, 1), date(2008, 12, 1)),
    Period("2014 to 2016", date(2013, 1, 1), date(2015, 12, 1)),
)


@dataclass(frozen=True, slots=True)
class ReplayedLoan:
    """One loan of the replay."""

    series: Series
    period: Period
    grade: Grade
    conduct: Conduct
    course: Course


@dataclass(frozen=True, slots=True)
class Summary:
    """All loans of one commodity, period and conduct; `rate` is in parts per million of `lent`.

    A lender refuses a loan on grade E, so such loans are not among them.
    """

    commodity: str
    period: str
    conduct: Conduct
    loans: int
    calls: int
    cures: int
    liquidations: int
    handed_over: int
    losses: int
    lent: int
    paid_in: int
    lost: int
    rate: int
    worst: int


def replay(series: Sequence[Series], *, terms: MarginTerms) -> list[ReplayedLoan]:
    """Every loan, under every conduct.

    Raises:
        FileInvalid: a month that is needed has no price, or too few months are before it.
    """
    loans = []
    for commodity_series in series:
        for period in PERIODS:
            for conduct in Conduct:
                loans += _loans(commodity_series, period, conduct, terms)
    return loans


def _loans(
    series: Series, period: Period, conduct: Conduct, terms: MarginTerms
) -> list[ReplayedLoan]:
    day, loans = day_of(period.first), []
    while day <= day_of(period.last):
        start = series.month_of(day)
        series.month_of(add_months(day, terms.months))
        try:
            grade = market_grade(series.prices[:start])
        except PricesInvalid as error:
            raise FileInvalid(f"column {series.commodity.column}: {error}") from error
        if grade is not Grade.E:
            prices = series.prices[start : start + terms.months + 2]
            collateral = Collateral(OPENING_VALUE * MILLION // prices[0], SHIPPED[grade].haircut)
            course = run_loan(
                opened=day, prices=prices, collateral=collateral, conduct=conduct, terms=terms
            )
            loans.append(ReplayedLoan(series, period, grade, conduct, course))
        day = add_months(day, 1)
    return loans


def summaries(loans: Sequence[ReplayedLoan]) -> list[Summary]:
    """One row for each commodity, period and conduct, in the order of the loans."""
    groups: dict[tuple[str, str, Conduct], list[Course]] = {}
    for loan in loans:
        key = loan.series.commodity.name, loan.period.name, loan.conduct
        groups.setdefault(key, []).append(loan.course)
    return [_summary(*key, courses) for key, courses in groups.items()]


def total(loans: Sequence[ReplayedLoan], conduct: Conduct, period: str | None = None) -> Summary:
    """Over all commodities; of one period, or of both."""
    courses = [
        loan.course
        for loan in loans
        if loan.conduct is conduct and period in (None, loan.period.name)
    ]
    return _summary("all", period or "both", conduct, courses)


def _summary(commodity: str, period: str, conduct: Conduct, courses: Sequence[Course]) -> Summary:
    def count(happening: Happening) -> int:
        return sum(course.count(happening) for course in courses)

    lent = sum(course.lent for course in courses)
    lost = sum(course.loss for course in courses)
    return Summary(
        commodity,
        period,
        conduct,
        len(courses),
        count(Happening.CALL),
        count(Happening.CURE),
        count(Happening.LIQUIDATION),
        count(Happening.HANDED_OVER),
        count(Happening.LOSS),
        lent,
        sum(course.paid_in for course in courses),
        lost,
        lost * MILLION // lent if lent else 0,
        max((course.loss * MILLION // course.lent for course in courses), default=0),
    )
