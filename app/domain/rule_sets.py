"""Rule sets: the limits that the law of a place sets for products, as data with their sources."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from app.domain.catalogue import Row, Strict, Whole, positive_minor, share
from app.domain.classification import ClassificationRules

DEBT_LIMITS = ("borrower_limit", "group_limit")


class Limit(Strict):
    """One limit that the law of a place sets, with its source."""

    term: Literal[
        "annual_rate.max",
        "total_cost.max",
        "penalty",
        "tenor_days.max",
        "months.max",
        "day_count",
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
    def _money(self) -> Limit:
        if (self.term in DEBT_LIMITS) != (self.currency is not None):
            raise ValueError(f"currency: give it for {' and '.join(DEBT_LIMITS)}, and only there")
        if self.currency is not None:
            if self.min is not None or self.max is None:
                raise ValueError(f"{self.term}: give max, and no min")
            positive_minor(self.term, self.max, currency=self.currency)
        return self


class Rules(Strict):
    """A rule set with name and version; the `digest` of its bytes goes on the ledger."""

    name: str = Field(pattern=r"^[a-z]{2,10}$")
    version: Whole = Field(ge=1)
    title: str
    limits: list[Limit]
    classification: ClassificationRules | None = None
    digest: str = ""

    def broken_by(self, row: Row) -> list[str]:
        """The rules that a row breaks, in words."""
        values: dict[str, int | None] = {
            "annual_rate.max": row.annual_rate.max,
            "total_cost.max": row.max_cost_of_a_year,
            "penalty": row.penalty,
            "tenor_days.max": None if row.tenor_days is None else row.tenor_days.max,
            "months.max": max(row.months, default=None),
            "day_count": row.day_count,
        }
        broken = []
        for limit in self.limits:
            value = values.get(limit.term)
            if value is None:
                continue
            lower, upper = _bound(limit.min), _bound(limit.max)
            if (lower is not None and value < lower) or (upper is not None and value > upper):
                range_text = f"{limit.min or 'any'} to {limit.max or 'any'}"
                broken.append(
                    f"{row.code}: {limit.term} must be {range_text} ({limit.source.strip()})"
                )
        currencies = sorted({limit.currency for limit in self.limits if limit.currency})
        if currencies and row.currency not in currencies:
            broken.append(
                f"{row.code}: rule set {self.name} limits borrowers in {', '.join(currencies)}, "
                f"and not in {row.currency}; add a limit in {row.currency}"
            )
        return broken

    def debt_limit(self, term: str, *, currency: str) -> int:
        """What a borrower, or a group, may owe under all products of the rule set; 0: no bound.

        Args:
            term: `borrower_limit` or `group_limit`.
        """
        for limit in self.limits:
            if limit.term == term and limit.currency == currency and limit.max is not None:
                return positive_minor(term, limit.max, currency=currency)
        return 0


def _bound(text: str | None) -> int | None:
    if text is None:
        return None
    return share(text) if text.endswith("%") else int(text)
