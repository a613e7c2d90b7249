"""The replay: loans on five commodities through 2008 and through 2014 to 2016."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.calendar import add_months, day_of
from app.domain.valuation.grades import SHIPPED, Grade
from app.domain.valuation.margin import Conduct, Course, Happening, MarginTerms, Pledge, run_loan
from app.domain.valuation.market import PricesInvalid, market_grade
from app.domain.valuation.model import MILLION
from app.domain.valuation.studies.commodities import Series
from app.domain.valuation.studies.files import FileInvalid

# Each lot is worth a million at opening, in minor units.
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
class Replayed:
    """One loan of the replay."""

    series: Series
    period: Period
    grade: Grade
    conduct: Conduct
    course: Course


@dataclass(frozen=True, slots=True)
class Summary:
    """All loans of one commodity, period and conduct; `rate` in parts per million of the lent.

    A loan on grade E is not made, and counts as refused.
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


def replay(series: Sequence[Series], *, terms: MarginTerms) -> list[Replayed]:
    """Every loan, under every conduct.

    Raises:
        FileInvalid: a month that is needed has no price, or too few months stand before it.
    """
    found = []
    for one in series:
        for period in PERIODS:
            for conduct in Conduct:
                found += _loans(one, period, conduct, terms)
    return found


def _loans(series: Series, period: Period, conduct: Conduct, terms: MarginTerms) -> list[Replayed]:
    day, found = day_of(period.first), []
    while day <= day_of(period.last):
        start = series.month_of(day)
        series.month_of(add_months(day, terms.months))
        try:
            grade = market_grade(series.prices[:start])
        except PricesInvalid as error:
            raise FileInvalid(f"column {series.commodity.column}: {error}") from error
        if grade is not Grade.E:
            prices = series.prices[start : start + terms.months + 2]
            pledge = Pledge(OPENING_VALUE * MILLION // prices[0], SHIPPED[grade].haircut)
            course = run_loan(
                opened=day, prices=prices, pledge=pledge, conduct=conduct, terms=terms
            )
            found.append(Replayed(series, period, grade, conduct, course))
        day = add_months(day, 1)
    return found


def summaries(loans: Sequence[Replayed]) -> list[Summary]:
    """One row for each commodity, period and conduct, in the order of the loans."""
    groups: dict[tuple[str, str, Conduct], list[Course]] = {}
    for one in loans:
        key = one.series.commodity.name, one.period.name, one.conduct
        groups.setdefault(key, []).append(one.course)
    return [_summary(*key, courses) for key, courses in groups.items()]


def total(loans: Sequence[Replayed], conduct: Conduct, period: str | None = None) -> Summary:
    """Over all commodities; of one period, or of both."""
    courses = [
        one.course for one in loans if one.conduct is conduct and period in (None, one.period.name)
    ]
    return _summary("all", period or "both", conduct, courses)


def _summary(commodity: str, period: str, conduct: Conduct, courses: Sequence[Course]) -> Summary:
    def happened(what: Happening) -> int:
        return sum(course.count(what) for course in courses)

    lent = sum(course.lent for course in courses)
    lost = sum(course.loss for course in courses)
    return Summary(
        commodity,
        period,
        conduct,
        len(courses),
        happened(Happening.CALL),
        happened(Happening.CURE),
        happened(Happening.LIQUIDATION),
        happened(Happening.HANDED_OVER),
        happened(Happening.LOSS),
        lent,
        sum(course.paid_in for course in courses),
        lost,
        lost * MILLION // lent if lent else 0,
        max((course.loss * MILLION // course.lent for course in courses), default=0),
    )
