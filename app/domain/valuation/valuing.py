"""The valuation itself: value, grade, haircut, every figure explained, and the ledger's price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.calendar import ZONE_OFFSET_SECONDS, start_of
from app.domain.money import currency_word
from app.domain.texts import say
from app.domain.valuation.grades import SHIPPED, Finding, Grade, GradeTerms, findings, rules_text
from app.domain.valuation.measures import (
    RECENT_DAYS,
    WINDOW_DAYS,
    Day,
    Measures,
    days_sold,
    measure,
    stock_of,
)
from app.domain.valuation.model import MAX_VALUE, History, HistoryInvalid, check, digest_of

# Changes whenever the same inputs would give other figures.
METHOD = "cession-valuation/1"


class ValuationAged(ValueError):
    """The valuation is past the last day of its last grade; value the goods again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A row of `IPriceFeed.post`: field for field, in its units.

    Attributes:
        item: the hash that names the goods, 0x and 64 digits.
        value: millionths of the currency's minor unit for a thousandth of a unit of goods.
        haircut: parts per million.
        as_of, valid_until: UTC seconds; the second is exclusive.
        evidence: hash of the inputs and the method.
    """

    item: str
    currency: str
    value: int
    haircut: int
    as_of: int
    valid_until: int
    evidence: str

    def arguments(self) -> tuple[str, str, int, int, int, int, str]:
        """The values in the order of `IPriceFeed.Price`, the currency as `bytes3`."""
        word = currency_word(self.currency)
        ages = (self.as_of, self.valid_until)
        return (self.item, word, self.value, self.haircut, *ages, self.evidence)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a valuation: its unit, its inputs and its formula.

    `grade` is the grade that the figure gives by itself, and `rule` the limit behind it; None for a
    figure without a grade.
    """

    name: str
    value: int | None
    unit: str
    formula: str
    inputs: tuple[tuple[str, int], ...] = ()
    grade: Grade | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """The value of goods at the close of a day, and the reasons for it."""

    sku: str
    currency: str
    as_of_day: int
    value: int
    grade: Grade
    measures: Measures
    figures: tuple[Figure, ...]
    daily: tuple[Day, ...]
    evidence: str
    terms: Mapping[Grade, GradeTerms]

    @property
    def haircut(self) -> int:
        """Parts per million taken off the value while the grade is fresh."""
        return self.terms[self.grade].haircut

    @property
    def falls_after_days(self) -> int:
        """Days after which the grade falls one step."""
        return self.terms[self.grade].days

    def grade_on(self, day: int) -> tuple[Grade, int]:
        """The grade on a later day, and the first day of that grade.

        Raises:
            ValuationAged: too late even for E, or before the valuation.
        """
        if day < self.as_of_day:
            raise ValuationAged(
                say(
                    "day {day} is before the day of valuation {as_of_day}",
                    day=day,
                    as_of_day=self.as_of_day,
                )
            )
        grade, first = self.grade, self.as_of_day
        while day >= first + self.terms[grade].days:
            if grade is Grade.E:
                raise ValuationAged(
                    say(
                        "{sku}: valued on day {as_of_day}, too old on day {day}; value it again",
                        sku=self.sku,
                        as_of_day=self.as_of_day,
                        day=day,
                    )
                )
            first += self.terms[grade].days
            grade = grade.next
        return grade, first

    def price(
        self, item: str, *, day: int | None = None, zone_offset: int = ZONE_OFFSET_SECONDS
    ) -> Price:
        """The price for the ledger: from the close of the day of valuation until its grade falls.

        Args:
            item: hash that names the goods on the ledger.
            day: a later day; the price then has the grade of that day.
            zone_offset: seconds that the ledger's day is ahead of UTC.

        Raises:
            ValuationAged.
        """
        grade, first = self.grade_on(self.as_of_day if day is None else day)
        opens = start_of(first + 1, zone_offset=zone_offset)
        closes = start_of(first + 1 + self.terms[grade].days, zone_offset=zone_offset)
        return Price(
            item=item,
            currency=self.currency,
            value=self.value,
            haircut=self.terms[grade].haircut,
            as_of=opens,
            valid_until=closes,
            evidence=self.evidence,
        )


def value_goods(history: History, *, terms: Mapping[Grade, GradeTerms] = SHIPPED) -> Valuation:
    """Values one kind of goods from its sales and stock movements.

    The same inputs give the same figures and the same evidence on any machine, in any order of the
    lines.

    Raises:
        HistoryInvalid: the inputs are not consistent, or nothing was sold in the window.
    """
    check(history)
    measures = measure(history)
    if measures.price > MAX_VALUE:
        raise HistoryInvalid(
            "sales.price", say("is above the ledger's maximum"), fix=say("check the unit")
        )
    results = findings(measures)
    return Valuation(
        sku=history.sku,
        currency=history.currency,
        as_of_day=history.as_of_day,
        value=measures.price,
        grade=max(finding.grade for finding in results),
        measures=measures,
        figures=_figures(history, measures, results),
        daily=days_sold(history),
        evidence=digest_of(history, method=f"{METHOD} {rules_text(terms)}"),
        terms=dict(terms),
    )


_FORMULAS = {
    "decay": f"1 − (sold in {RECENT_DAYS} days ÷ {RECENT_DAYS}) ÷ (sold before ÷ "
    f"{WINDOW_DAYS - RECENT_DAYS}), not below 0",
    "gap": "maximum number of days in a row in the window without a sale",
    "busiest": "net quantity sold on the busiest day ÷ net quantity sold in the window",
    "dispersion": "(median − price of the cheapest tenth) ÷ median, by quantity, of the window",
    "fall": "−trend, not below 0",
    "days_of_stock": f"stock ÷ (net quantity sold ÷ {WINDOW_DAYS}), rounded up",
    "returned": "quantity that came back in the window ÷ quantity sold in it",
    "lost": "quantity lost in the window ÷ (stock at its start + received in it)",
    "missing": "days of the window before the first known sale",
}


def _figures(
    history: History, measures: Measures, results: tuple[Finding, ...]
) -> tuple[Figure, ...]:
    sold = ("sold", measures.sold)
    stock = stock_of(history)
    inputs: dict[str, tuple[tuple[str, int], ...]] = {
        "fall": (("trend", measures.trend),),
        "busiest": (sold,),
        "days_of_stock": (sold,) if stock is None else (("stock", stock), sold),
    }
    first = history.as_of_day - WINDOW_DAYS + 1
    span = (("first_day", first), ("last_day", history.as_of_day))
    lines = sum(1 for sale in history.sales if sale.day >= first)
    plain = (
        Figure(
            "value",
            measures.price,
            "millionths of a minor unit for a thousandth",
            f"the lower of the median prices, by quantity, of the last {RECENT_DAYS} days and of "
            f"{WINDOW_DAYS}; sales undone at the same price are left out",
            (*span, ("lines", lines)),
        ),
        Figure(
            "sold",
            measures.sold,
            "thousandths",
            f"quantity sold less quantity that came back, in {WINDOW_DAYS} days",
            (*span, ("lines", lines)),
        ),
        Figure(
            "trend",
            measures.trend,
            "share",
            f"median slope between weekly median prices × {RECENT_DAYS // 7} weeks ÷ value",
            (("value", measures.price),),
        ),
    )
    graded = tuple(
        Figure(
            finding.measure,
            finding.figure,
            finding.limit.unit,
            _FORMULAS[finding.measure],
            inputs.get(finding.measure, span),
            finding.grade,
            _rule(finding),
        )
        for finding in results
    )
    return plain + graded


def _rule(finding: Finding) -> str:
    if finding.figure is None:
        return f"no known movements: {finding.grade.name}"
    if finding.maximum is None:
        return f"above {finding.limit.maximum[-1]}: E ({finding.limit.reason})"
    return f"at most {finding.maximum}: {finding.grade.name} ({finding.limit.reason})"
