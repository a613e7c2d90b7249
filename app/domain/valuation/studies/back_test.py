"""The back-test: lots of each month's best sellers are lent on and sold; then the losses.

At each month's end with a whole window before it and a whole horizon after it, the goods with the
most money taken in that window are valued with what was known on that day. The lot lent on is
`stock_days` of the window's pace. The file has no stock; that a shop holds so many days of its own
pace is a simple assumption that needs no later knowledge.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.domain.calendar import date_of, month_end
from app.domain.valuation.grades import SHIPPED, Grade, findings, grade_of
from app.domain.valuation.haircuts import Choice, choose
from app.domain.valuation.lots import Losses, Outcome, SellingTerms, by_day, losses, sell
from app.domain.valuation.measures import WINDOW_DAYS, Measures, measure
from app.domain.valuation.model import MILLION, History, HistoryInvalid
from app.domain.valuation.studies.files import FileInvalid
from app.domain.valuation.studies.retail import (
    Goods,
    Shop,
    best_sellers,
    closures,
    history_of,
    stocked,
)
from app.domain.valuation.valuing import Valuation, value_goods

STOCK_DAYS = (30, 60, 75, 90, 120, 180)
FLOORS = (0, 250_000, 500_000)
# For the table of single measures: one haircut for all, so that only the lots differ.
PLAIN_HAIRCUT = 400_000


@dataclass(frozen=True, slots=True)
class LotResult:
    """One lot: the goods, the day of their valuation, and the outcome."""

    day: int
    goods: Goods
    measures: Measures
    later: list[tuple[int, int]]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Ageing:
    """A grade's goods at the next month's end; parts per million of `lots`."""

    grade: Grade
    lots: int
    fallen: int
    fallen_twice: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """Everything that the reports show."""

    terms: SellingTerms
    counts: Mapping[str, int]
    tested: Sequence[LotResult]
    choices: Sequence[Choice]
    shipped: Mapping[Grade, Losses]
    early: Sequence[Choice]
    late: Mapping[Grade, Losses]
    late_from: int
    by_stock_days: Mapping[int, Sequence[Choice]]
    floors: Mapping[int, Sequence[Choice]]
    measures: Mapping[str, Mapping[Grade, Losses]]
    ageing: Sequence[Ageing]
    values: Sequence[tuple[Goods, Valuation]] = field(default=())
    unvalued: Sequence[Goods] = ()

    @property
    def months(self) -> list[str]:
        """The tested months, such as 2011-02."""
        return [f"{date_of(day):%Y-%m}" for day in sorted({lot.day for lot in self.tested})]


def shipped_haircuts() -> dict[Grade, int]:
    """The default haircuts of the grades."""
    return {grade: terms.haircut for grade, terms in SHIPPED.items()}


def back_test(shop: Shop, *, terms: SellingTerms, count: int) -> BackTest:
    """Runs the back-test.

    Args:
        count: number of best sellers of each month's window, and of the table of values.

    Raises:
        FileInvalid: the file spans too few days, or none of its goods can be valued.
    """
    days = test_days(shop, terms=terms)
    tested, ageing = _tested(shop, days=days, terms=terms, count=count)
    if not tested:
        raise FileInvalid("none of the goods could be valued at the end of any month")
    outcomes = [lot.outcome for lot in tested]
    haircuts = shipped_haircuts()
    late_from = days[(len(days) + 1) // 2] if len(days) > 1 else days[0]
    early = choose([lot.outcome for lot in tested if lot.day < late_from])
    values, unvalued = value_best_sellers(shop, terms=terms, count=count)
    return BackTest(
        terms=terms,
        counts=dict(shop.counts),
        tested=tested,
        choices=choose(outcomes),
        shipped=_each(outcomes, haircuts),
        early=early,
        late=_each(
            [lot.outcome for lot in tested if lot.day >= late_from],
            {choice.grade: choice.haircut for choice in early},
        ),
        late_from=late_from,
        by_stock_days={
            size: choose(outcomes_under(tested, replace(terms, stock_days=size)))
            for size in STOCK_DAYS
        },
        floors={
            floor: choose(outcomes_under(tested, replace(terms, floor=floor))) for floor in FLOORS
        },
        measures=_by_measure(tested),
        ageing=ageing,
        values=values,
        unvalued=unvalued,
    )


def test_days(shop: Shop, *, terms: SellingTerms) -> list[int]:
    """Ends of months with a whole window before them and a whole horizon after them.

    Raises:
        FileInvalid: there are none.
    """
    days = []
    day = month_end(shop.first_day)
    while day + terms.horizon_days <= shop.last_day:
        if day - WINDOW_DAYS + 1 >= shop.first_day:
            days.append(day)
        day = month_end(day + 1)
    if not days:
        raise FileInvalid(
            f"sales from {date_of(shop.first_day)} to {date_of(shop.last_day)} have no month's end "
            f"with {WINDOW_DAYS} days before it and {terms.horizon_days} after it"
        )
    return days


def value_best_sellers(
    shop: Shop, *, terms: SellingTerms, count: int
) -> tuple[list[tuple[Goods, Valuation]], list[Goods]]:
    """The best sellers of the whole file, valued at its last day; and those without a value."""
    values, unvalued = [], []
    for goods in best_sellers(shop, count=count, first=shop.first_day, last=shop.last_day):
        history = history_of(goods, currency=shop.currency, as_of_day=shop.last_day)
        try:
            sold = measure(history).sold
            quantity = _lot_quantity(sold, terms)
            values.append((goods, value_goods(stocked(history, goods, quantity=quantity))))
        except HistoryInvalid:
            unvalued.append(goods)
    return values, unvalued


def _lot_quantity(sold: int, terms: SellingTerms) -> int:
    return max(1, sold * terms.stock_days // WINDOW_DAYS)


def _tested(
    shop: Shop, *, days: Sequence[int], terms: SellingTerms, count: int
) -> tuple[list[LotResult], list[Ageing]]:
    known: dict[tuple[str, int], Measures | None] = {}
    closed = closures(shop)

    def measured(goods: Goods, day: int) -> Measures | None:
        key = goods.sku, day
        if key not in known:
            known[key] = measured_on(goods, shop.currency, day, terms, closed)
        return known[key]

    tested, steps = [], []
    for day in days:
        first = day - WINDOW_DAYS + 1
        for goods in best_sellers(shop, count=count, first=first, last=day):
            measures = measured(goods, day)
            if measures is None:
                continue
            later_sales = by_day(goods.between(day + 1, day + terms.horizon_days))
            outcome = sold_under(later_sales, measures, terms)
            tested.append(LotResult(day, goods, measures, later_sales, outcome))
            after = month_end(day + 1)
            if after <= shop.last_day:
                later = measured(goods, after)
                grade = Grade.E if later is None else grade_of(later)
                steps.append((grade_of(measures), grade))
    return tested, _ageing(steps)


def measured_on(
    goods: Goods, currency: str, day: int, terms: SellingTerms, closed: Collection[int] = ()
) -> Measures | None:
    """The measures of a day; None if nothing was sold net of returns, so nothing is lent on."""
    history = history_of(goods, currency=currency, as_of_day=day)
    try:
        bare = measure(history, closed=closed)
    except HistoryInvalid:
        return None
    return with_stock(bare, history, goods, terms)


def with_stock(bare: Measures, history: History, goods: Goods, terms: SellingTerms) -> Measures:
    """The measures with the assumed stock, and with the losses in the file."""
    held = stocked(history, goods, quantity=_lot_quantity(bare.sold, terms))
    lost = sum(move.quantity for move in held.movements[1:])
    share = lost * MILLION // held.movements[0].quantity
    return replace(bare, days_of_stock=terms.stock_days, lost=share)


def sold_under(later: list[tuple[int, int]], measures: Measures, terms: SellingTerms) -> Outcome:
    """The lot of goods with these measures, sold as they sold later."""
    return sell(
        grade=grade_of(measures),
        quantity=_lot_quantity(measures.sold, terms),
        price=measures.price,
        later=later,
        terms=terms,
    )


def outcomes_under(tested: Iterable[LotResult], terms: SellingTerms) -> list[Outcome]:
    """The same goods and days under other terms, each lot with its old grade."""
    return [
        replace(sold_under(lot.later, lot.measures, terms), grade=lot.outcome.grade)
        for lot in tested
    ]


def _by_measure(tested: Sequence[LotResult]) -> dict[str, dict[Grade, Losses]]:
    """The lots' losses at one haircut, by the grade that each measure alone would give."""
    split: dict[str, list[Outcome]] = {}
    for lot in tested:
        for finding in findings(lot.measures):
            alone = replace(lot.outcome, grade=finding.grade)
            split.setdefault(finding.measure, []).append(alone)
    plain = dict.fromkeys(Grade, PLAIN_HAIRCUT)
    return {name: _each(outcomes, plain) for name, outcomes in split.items()}


def _each(outcomes: Sequence[Outcome], haircuts: Mapping[Grade, int]) -> dict[Grade, Losses]:
    return {
        grade: losses(
            (outcome for outcome in outcomes if outcome.grade is grade), haircuts=haircuts
        )
        for grade in Grade
    }


def _ageing(steps: Sequence[tuple[Grade, Grade]]) -> list[Ageing]:
    def share(grade: Grade, fell: Callable[[Grade], bool]) -> int:
        afterwards = [after for before, after in steps if before is grade]
        return sum(map(fell, afterwards)) * MILLION // len(afterwards) if afterwards else 0

    return [
        Ageing(
            grade,
            sum(1 for before, _ in steps if before is grade),
            share(grade, lambda after, grade=grade: after > grade),  # type: ignore[misc]
            share(grade, lambda after, grade=grade: after > grade + 1),  # type: ignore[misc]
        )
        for grade in Grade
    ]
