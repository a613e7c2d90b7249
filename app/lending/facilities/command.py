"""`cession quote`: what a draw under a row of the catalogue file would cost, without a gateway."""

from __future__ import annotations

import datetime
import sys
from dataclasses import dataclass
from pathlib import Path

from app.domain.calendar import date_of, day_of
from app.domain.catalogue import Row, share
from app.domain.catalogue_files import CatalogueInvalid, read_calendar, read_catalogue
from app.domain.draw_terms import DrawChoice, DrawInvalid, on_business_days, terms_of_draw
from app.domain.effective_rate import rate_of_terms
from app.domain.loan import Loan, LoanTerms
from app.domain.money import AmountInvalid, CurrencyUnknown, decimal_text, minor_units
from app.domain.product_terms import terms_of
from app.domain.rule_sets import Rules
from app.domain.schedule import schedule
from app.lending.loans.statement_files import percent

_COLUMNS = ("number", "due on", "interest", "principal", "total", "outstanding")


@dataclass(frozen=True)
class Question:
    """A draw that somebody asks about, as typed.

    Attributes:
        rate: a percentage a year.
        date: the day of the draw.
    """

    code: str
    amount: str
    rate: str
    choice: DrawChoice
    date: datetime.date


class QuestionInvalid(ValueError):
    """The question has no answer; the message says why."""


def quote(catalogue: Path, question: Question) -> int:
    """Prints the schedule, the cost and the effective annual rate.

    Limits, tiers and collateral are not checked: the gateway's quote does that.

    Returns:
        The exit status: 0, or 1 when the file or the question is wrong.
    """
    try:
        rows, rules = read_catalogue(catalogue)
        row = next((row for row in rows if row.code == question.code), None)
        if row is None:
            codes = ", ".join(row.code for row in rows)
            raise QuestionInvalid(f"there is no product {question.code!r}; there are {codes}")
        amount = minor_units(question.amount, currency=row.currency)
        if amount <= 0:
            raise QuestionInvalid(f"the amount is {question.amount}; it must be above zero")
        terms = _terms(catalogue, row, rules, question)
    except (
        *(CatalogueInvalid, QuestionInvalid, DrawInvalid, AmountInvalid, CurrencyUnknown),
    ) as error:
        print(f"cession: {error}", file=sys.stderr)
        return 1
    _print(terms, amount, currency=row.currency)
    return 0


def _terms(catalogue: Path, row: Row, rules: Rules, question: Question) -> LoanTerms:
    """Terms of the loan.

    Raises:
        QuestionInvalid, DrawInvalid, CatalogueInvalid.
    """
    try:
        rate = share(question.rate)
    except ValueError as error:
        raise QuestionInvalid(f"the rate {error}") from error
    if not row.annual_rate.min <= rate <= row.annual_rate.max:
        bounds = f"{percent(row.annual_rate.min)} to {percent(row.annual_rate.max)}"
        raise QuestionInvalid(f"the rate is {question.rate}; {row.code} allows {bounds}")
    product = terms_of(row, currency="", legal_text_hash="", rules=rules)
    terms = terms_of_draw(product, question.choice, annual_rate=rate, today=day_of(question.date))
    calendar = read_calendar(catalogue) if row.business_days else None
    return terms if calendar is None else on_business_days(terms, calendar.closed)


def _print(terms: LoanTerms, amount: int, *, currency: str) -> None:
    def text(minor: int) -> str:
        return decimal_text(minor, currency=currency)

    due = schedule(Loan.opened(terms, principal=amount))
    cells = [_COLUMNS] + [
        (
            str(item.number),
            date_of(item.day).isoformat(),
            *(text(item.parts.interest), text(item.parts.principal), text(item.parts.total)),
            text(item.outstanding),
        )
        for item in due
    ]
    widths = [max(len(row[place]) for row in cells) for place in range(len(_COLUMNS))]
    for row in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    cost = sum(item.parts.total for item in due) - amount
    rate = rate_of_terms(terms, principal=amount)
    print(f"total cost: {text(cost)} {currency}")
    print(f"effective annual rate: {'none' if rate is None else percent(rate)}")
