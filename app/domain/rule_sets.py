"""Rule sets: the limits that the law of a place sets for products, as data with their sources."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from pydantic import Field, field_validator, model_validator

from app.domain.calendar import add_months
from app.domain.catalogue import (
    MILLION,
    STYLES,
    Row,
    Strict,
    Whole,
    positive_minor,
    share,
)
from app.domain.classification import ClassificationRules
from app.domain.lender_rules import LenderRules
from app.domain.loan import SCHEDULES, LoanTerms, Style
from app.domain.texts import Sentence, say
from app.domain.total_cost import total_cost

DEBT_LIMITS = ("borrower_limit", "group_limit")
TENOR_DAYS, TENOR_MONTHS = "tenor_days", "months"
# Days from the first day of a bill to its closing day, at most.
CYCLE_DAYS = {"none": 0, "weekly": 6, "monthly": 30}
_DAYS_OF_FOUR_YEARS = 1461
_PROBE = 10**12  # minor units, so that rounding does not show
_DAY = 20_454  # the day of the draw: the first of a year


class Limit(Strict):
    """One limit that the law of a place sets, with its source."""

    term: Literal[
        "annual_rate.max",
        "total_cost.max",
        "penalty",
        "tenor_days.max",
        "months.max",
        "tenor_days.warn",
        "months.warn",
        "day_count",
        "hedge_share.max",
        "borrower_limit",
        "group_limit",
    ]
    min: str | None = None
    max: str | None = None
    currency: str | None = Field(
        None, pattern=r"^[A-Z]{3}$", description="Currency of a limit of money, and only there."
    )
    source: str = Field(min_length=10)
    lawyer: bool

    @model_validator(mode="after")
    def _share(self) -> Limit:
        if self.term == "hedge_share.max" and (
            self.min is not None or self.max is None or share(self.max) > MILLION
        ):
            raise ValueError("hedge_share.max: give max, at most 100%, and no min")
        return self

    @model_validator(mode="after")
    def _money(self) -> Limit:
        if (self.term in DEBT_LIMITS) != (self.currency is not None):
            raise ValueError(f"currency: give it for {' and '.join(DEBT_LIMITS)}, and only there")
        if self.term.endswith(".warn") and (self.min is not None or self.max is None):
            raise ValueError(f"{self.term}: give max, above which the rule set warns, and no min")
        if self.currency is not None:
            if self.min is not None or self.max is None:
                raise ValueError(f"{self.term}: give max, and no min")
            positive_minor(self.term, self.max, currency=self.currency)
        return self


class FilingMonths(Strict):
    """How long a filing holds: months of the calendar."""

    min: Whole = Field(ge=1, le=360)
    max: Whole = Field(ge=1, le=360)


class FilingRule(Strict):
    """The public register in which a lender files its right, and when the rule set asks for it.

    Attributes:
        required: kinds of collateral for which a filing is required.
        number: how a number of the register is written, a regular expression.
    """

    register_name: str = Field(min_length=1, max_length=200)
    required: list[Literal["claim", "order", "warehouse-receipt"]]
    number: str = Field(min_length=1, max_length=100)
    months: FilingMonths
    source: str = Field(min_length=10)
    lawyer: bool

    @field_validator("number")
    @classmethod
    def _is_expression(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"{value!r} is no regular expression: {error}") from error
        return value


class NoticeRule(Strict):
    """When the debtor of a claim must know who is to be paid."""

    required: list[Literal["assignment", "lien"]]
    source: str = Field(min_length=10)
    lawyer: bool


class WatchStep(Strict):
    """A step that the gateway proposes to the lender when a borrower's warning level rises.

    Attributes:
        level: proposed when the level rises to this one or above.
        step: `propose-suspension`: to suspend draws of the borrower's facilities with the lender.
        hours: after which nobody can confirm it any more.
    """

    level: Literal["warning", "alarm"]
    step: Literal["propose-suspension"]
    hours: Whole = Field(ge=1, le=720)


class WatchRule(Strict):
    """What the gateway may begin by itself when a warning level rises; without it, nothing."""

    steps: list[WatchStep]
    source: str = Field(min_length=10)
    lawyer: bool

    @field_validator("steps")
    @classmethod
    def _once(cls, value: list[WatchStep]) -> list[WatchStep]:
        names = [step.step for step in value]
        if len(names) != len(set(names)):
            raise ValueError("give each step once, with the lowest level that allows it")
        return value


class Tenor(Strict):
    """What a rule set says of a tenor.

    Attributes:
        unit: days or months, as the tenor was given.
        bound: the number that the tenor exceeds.
        refused: the rule set allows no such financing; else it warns of it.
    """

    unit: Literal["days", "months"]
    value: int
    bound: int
    refused: bool
    source: str

    @property
    def words(self) -> Sentence:
        """One sentence."""
        named = {"value": self.value, "bound": self.bound}
        if self.unit == "days":
            if self.refused:
                return say(
                    "{value} days are more than {bound} days (the most that is allowed)", **named
                )
            return say("{value} days are more than {bound} days (as a rule the most)", **named)
        if self.refused:
            return say(
                "{value} months are more than {bound} months (the most that is allowed)", **named
            )
        return say("{value} months are more than {bound} months (as a rule the most)", **named)


class Rules(Strict):
    """A rule set with name and version; the `digest` of its bytes goes on the ledger."""

    name: str = Field(pattern=r"^[a-z]{2,10}$")
    version: Whole = Field(ge=1)
    title: str
    limits: list[Limit]
    filing: FilingRule | None = None
    notice: NoticeRule | None = None
    watch: WatchRule | None = None
    classification: ClassificationRules | None = None
    lenders: LenderRules | None = None
    digest: str = ""

    def broken_by(self, row: Row) -> list[str]:
        """The rules that a row breaks, in words."""
        values: dict[str, int | None] = {
            "annual_rate.max": row.annual_rate.max,
            "total_cost.max": row.max_cost_of_a_year,
            "penalty": row.penalty,
            "tenor_days.max": max_days_of(row),
            "months.max": max(row.months, default=None),
            "day_count": row.day_count,
        }
        broken = []
        for limit in self.limits:
            value = values.get(limit.term)
            if value is None:
                continue
            lower, upper = bound_of(limit.min), bound_of(limit.max)
            if (lower is not None and value < lower) or (upper is not None and value > upper):
                range_text = f"{limit.min or 'any'} to {limit.max or 'any'}"
                broken.append(
                    f"{row.code}: {limit.term} must be {range_text} ({limit.source.strip()})"
                )
        broken += self._broken_by_fees(row)
        if row.goods is not None and row.goods.hedge_share > self.max_hedge_share:
            broken.append(
                f"{row.code}: goods.hedge_share must be at most what hedge_share.max of rule set "
                f"{self.name} allows; without that limit no hedge counts"
            )
        currencies = sorted({limit.currency for limit in self.limits if limit.currency})
        if currencies and row.currency not in currencies:
            broken.append(
                f"{row.code}: rule set {self.name} limits borrowers in {', '.join(currencies)}, "
                f"and not in {row.currency}; add a limit in {row.currency}"
            )
        return broken

    def _broken_by_fees(self, row: Row) -> list[str]:
        """Whether the longest draws would cost too much at the row's highest rate and fees.

        The flat fee and shorter draws count at each draw, where their amount and days are known.
        """
        cap = self.max_total_cost
        if row.fees is None or not cap:
            return []
        broken = []
        for style in row.styles:
            cost, maximum = total_cost(_max_tenor_loan(row, style), principal=_PROBE, cap=cap)
            if cost > maximum:
                broken.append(
                    f"{row.code}: fees.draw and fees.period with annual_rate.max cost more than "
                    f"total_cost.max of rule set {self.name} in the longest draw of style {style}: "
                    "lower one of them"
                )
        return broken

    @property
    def max_total_cost(self) -> int:
        """The most that a loan may cost in 365 days, in parts per million; 0: no cap."""
        limit = self._limit("total_cost.max")
        return 0 if limit is None or limit.max is None else share(limit.max)

    def tenor(self, *, days: int | None = None, months: int | None = None) -> Tenor | None:
        """What the rule set says of a tenor; None: nothing.

        Days are compared with days and months with months. The bounds in days are the fewest days
        that so many months of the calendar can have, so that no tenor within them is longer.
        """
        for ending in ("max", "warn"):
            for name, unit, value in (
                (TENOR_DAYS, "days", days),
                (TENOR_MONTHS, "months", months),
            ):
                limit = self._limit(f"{name}.{ending}")
                if value is None or limit is None or limit.max is None:
                    continue
                if value > int(limit.max):
                    return Tenor.model_validate(
                        {
                            "unit": unit,
                            "value": value,
                            "bound": int(limit.max),
                            "refused": ending == "max",
                            "source": limit.source.strip(),
                        }
                    )
        return None

    def _limit(self, term: str) -> Limit | None:
        return next((limit for limit in self.limits if limit.term == term), None)

    @property
    def max_hedge_share(self) -> int:
        """The share of what a hedge adds that may count, in parts per million; 0: none."""
        shares = [limit.max for limit in self.limits if limit.term == "hedge_share.max"]
        return min((share(text) for text in shares if text is not None), default=0)

    def debt_limit(self, term: str, *, currency: str) -> int:
        """What a borrower, or a group, may owe under all products of the rule set; 0: no bound.

        Args:
            term: `borrower_limit` or `group_limit`.
        """
        for limit in self.limits:
            if limit.term == term and limit.currency == currency and limit.max is not None:
                return positive_minor(term, limit.max, currency=currency)
        return 0


def _max_tenor_loan(row: Row, style: str) -> LoanTerms:
    """The longest loan of a style at the row's highest rate and shares."""
    loan_style = Style(STYLES.index(style))
    scheduled = loan_style in SCHEDULES
    days = 0 if row.tenor_days is None else row.tenor_days.max
    assert row.fees is not None
    with_grace = scheduled and loan_style is not Style.INTEREST_ONLY
    return LoanTerms(
        style=loan_style,
        start_day=_DAY,
        annual_rate=row.annual_rate.max,
        periods=max(row.months) // row.months_per_period if scheduled else 1,
        due_day=0 if scheduled else _DAY + days,
        day_count=row.day_count,
        months_per_period=row.months_per_period if scheduled else 1,
        principal_grace=row.principal_grace if with_grace else 0,
        interest_grace=row.interest_grace if scheduled else 0,
        draw_fee=row.fees.draw,
        periodic_fee=row.fees.period,
    )


def bound_of(text: str | None) -> int | None:
    """A bound of a limit as a number: a percentage in parts per million; None: there is none."""
    if text is None:
        return None
    return share(text) if text.endswith("%") else int(text)


@cache
def days_of_months(months: int) -> int:
    """The most days that so many months of the calendar have, from whatever day."""
    return max(add_months(day, months) - day for day in range(_DAYS_OF_FOUR_YEARS))


def max_days_for(*, max_days: int, cycle: str, free_days: int, months: int) -> int | None:
    """The longest tenor in days, of a bullet loan or of a purchase on a bill; None: of neither.

    A bill is closed at the end of its cycle and due after its free days. Its instalments begin with
    that due day.

    Args:
        max_days: of a bullet loan; 0: none is allowed.
        cycle: none, weekly or monthly.
        months: the most months of instalments; 0: none.
    """
    if cycle == "none":
        return max_days or None
    instalments = days_of_months(months) if months else 0
    return max(max_days, CYCLE_DAYS[cycle] + free_days + instalments)


def max_days_of(row: Row) -> int | None:
    """The longest tenor of a row in days; None: it has only instalments."""
    return max_days_for(
        max_days=0 if row.tenor_days is None else row.tenor_days.max,
        cycle=row.cycle,
        free_days=row.free_days,
        months=max(row.months, default=0),
    )
