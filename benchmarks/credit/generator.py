"""Cases of simulated trade from a number: the same seed and size give the same cases.

A firm is drawn, lives, and is seen on the first day of its cohort's month by the features of the
trade card. `benchmarks.credit.assumptions` lists what is assumed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import date

from app.domain.calendar import add_months, day_of
from app.domain.catalogue import MILLION
from app.domain.money import minor_units
from app.domain.scoring.sales_table import SalesTable
from app.domain.scoring.values import Kind, Value, read_number
from benchmarks.credit.assumptions import Assumptions
from benchmarks.credit.cases import StudyCase
from benchmarks.credit.firms import YEAR, Firm, Life, drawn_firm, lived, shocks

CURRENCY = "CNY"
MIN_SIZE, MAX_SIZE = 50, 10_000
CENTS = 100
_TAX = (("A", 1.2), ("B", -0.3), ("C", -1.7))  # the least figure of each grade; D below


class SizeRefused(ValueError):
    """Too few or too many firms."""


def trade_cases(
    seed: int,
    size: int,
    given: Assumptions = Assumptions(),  # noqa: B008 - it is frozen
) -> list[StudyCase]:
    """The cases of a seed, cohort after cohort.

    Args:
        size: firms of each cohort.

    Raises:
        SizeRefused: fewer than 50, or more than 10,000.
    """
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise SizeRefused(f"size {size}: take {MIN_SIZE} to {MAX_SIZE} firms of each cohort")
    return [case for case, _, _ in generate(seed, size, given)]


def generate(seed: int, size: int, given: Assumptions) -> Iterator[tuple[StudyCase, Firm, Life]]:
    """The cases with all that is hidden of them."""
    shock = shocks(seed, given)
    first = day_of(date(given.first_year, 1, 1))
    for quarter in given.quarters:
        month = given.first_cohort + 3 * quarter
        day = add_months(first, month)
        for number in range(size):
            chance = random.Random(f"{seed} {quarter} {number}")
            while True:
                firm = drawn_firm(chance, given)
                life = lived(firm, chance, shock, case=month, given=given)
                if life is not None:
                    break
            view = random.Random(f"{seed} {quarter} {number} seen")
            values = seen(firm, life, view, day=day, given=given)
            case = StudyCase(
                f"q{quarter:02}-{number:05}", day, values, life.default_month is not None
            )
            yield case, firm, life


def seen(
    firm: Firm, life: Life, chance: random.Random, *, day: int, given: Assumptions
) -> dict[str, Value | None]:
    """What the trade card sees of a firm."""

    def there(missing: float) -> bool:
        return chance.random() >= missing * math.exp(-given.missing_by_quality * firm.quality)

    young = firm.tenure < YEAR
    ledger = _ledger(firm, life, chance, given)
    platform = _platform(firm, life, day)
    tax = {"tax-standing": _tax_grade(firm, life, chance, given)}
    register: dict[str, Value | None] = {
        "registration-months": firm.tenure + firm.before_platform,
        "ownership": _ownership(firm, chance, given),
    }
    values: dict[str, Value | None] = {}
    for document, missing in (
        (ledger, given.no_ledger_young if young else given.no_ledger),
        (platform, given.no_sales),
        (tax, given.no_tax),
        (register, given.no_register),
    ):
        known = there(missing)
        values |= {name: value if known else None for name, value in document.items()}
    return values


def _ledger(
    firm: Firm, life: Life, chance: random.Random, given: Assumptions
) -> dict[str, Value | None]:
    year = slice(-YEAR, None)
    sales, late = life.sales[year], life.late[year]
    days = sum(part * when for part, when in zip(sales, late, strict=True)) / sum(sales)
    distress = sum(life.distress[year]) / len(life.distress[year])
    invoices = len(sales) * (4 + min(12, int(firm.base / given.sales_median * 4)))
    rate = min(0.5, firm.disputes * (1 + distress))
    disputed = sum(chance.random() < rate for _ in range(invoices))
    notes = firm.credit_notes * chance.lognormvariate(0, 0.3) + 0.3 * disputed / invoices
    use = firm.use + given.use_in_distress * life.distress[-1] + chance.gauss(0, 0.06)
    return {
        "days-paid-late": math.floor(days + 0.5),
        "defaults": life.defaults,
        "disputed-share": disputed * MILLION // invoices,
        "credit-note-share": _parts(notes),
        "largest-buyer-share": _parts(firm.buyer + chance.gauss(0, 0.03), lowest=0.02),
        "limit-use": _parts(use),
    }


def _platform(firm: Firm, life: Life, day: int) -> dict[str, Value | None]:
    """What the platform's table of sales shows, by the same reading as of a real one."""
    table = SalesTable(
        sales=tuple(round(amount * CENTS) for amount in life.sales),
        returns=tuple(round(amount * CENTS) for amount in life.returns),
        currency=CURRENCY,
        as_of=day,
    )
    shown = table.values()
    amount = shown["yearly-sales"]
    assert isinstance(amount, dict)
    trend, returned = shown.get("sales-trend"), shown.get("return-share")
    return {
        "months-of-trade": firm.tenure,
        "yearly-sales": minor_units(amount["amount"], currency=CURRENCY),
        "sales-trend": None if trend is None else _percentage(Kind.CHANGE, trend),
        "return-share": None if returned is None else _percentage(Kind.SHARE, returned),
    }


def _percentage(kind: Kind, text: object) -> int:
    return read_number(kind, text, currency=CURRENCY)


def _parts(fraction: float, *, lowest: float = 0.0) -> int:
    """Parts per million, rounded up as shares of returns are."""
    return math.ceil(min(1.0, max(lowest, fraction)) * MILLION)


def _tax_grade(firm: Firm, life: Life, chance: random.Random, given: Assumptions) -> str:
    figure = given.tax_by_quality * firm.quality + given.tax_by_buffer * (life.cash - 1)
    figure += chance.gauss(0, 1)
    if firm.tenure + firm.before_platform < YEAR:
        return "M"
    return next((grade for grade, lowest in _TAX if figure >= lowest), "D")


def _ownership(firm: Firm, chance: random.Random, given: Assumptions) -> str:
    confirmed = given.owners_confirmed + given.owners_by_quality * firm.quality
    draw = chance.random()
    if draw < confirmed:
        return "confirmed"
    return "stated" if draw < confirmed + 0.75 * (1 - confirmed) else "unclear"
