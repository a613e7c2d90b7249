"""`cession quote`: what a draw under a row of the catalogue file would cost, without a gateway."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.domain.calendar import date_of, day_of
from app.domain.catalogue import Row, minor_of_flat_fee, share
from app.domain.catalogue_files import CatalogueInvalid, read_calendar, read_catalogue
from app.domain.draw_terms import (
    NO_FEES,
    DrawChoice,
    DrawFees,
    DrawInvalid,
    on_business_days,
    terms_of_draw,
)
from app.domain.effective_rate import rate_of_terms
from app.domain.loan import Loan, LoanTerms
from app.domain.money import AmountInvalid, CurrencyUnknown, decimal_text, minor_units
from app.domain.product_terms import terms_of
from app.domain.rule_sets import Rules
from app.domain.schedule import Due, schedule
from app.domain.total_cost import total_cost
from app.gateway.file_texts import percent

_COLUMNS = ("number", "due on", "interest", "service fees", "principal", "total", "outstanding")
_FEES = _COLUMNS.index("service fees")


@dataclass(frozen=True)
class FeesTyped:
    """Service fees as typed: an amount and two percentages; None: that fee is not charged."""

    flat: str | None = None
    draw: str | None = None
    periodic: str | None = None


@dataclass(frozen=True)
class Question:
    """A draw that somebody asks about, as typed.

    Attributes:
        rate: a percentage a year.
        date: the day of the draw.
        fees: those that the facility would name.
    """

    code: str
    amount: str
    rate: str
    choice: DrawChoice
    date: datetime.date
    fees: FeesTyped = FeesTyped()


class QuestionInvalid(ValueError):
    """The question has no answer; the message says why."""


def quote(catalogue: Path, question: Question) -> int:
    """Prints the schedule, the cost with all fees, and the effective annual rate.

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
        _check_cost(row, rules, terms, principal=amount)
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
    terms = terms_of_draw(
        product,
        question.choice,
        annual_rate=rate,
        today=day_of(question.date),
        fees=_fees(row, question.fees),
    )
    calendar = read_calendar(catalogue) if row.business_days else None
    return terms if calendar is None else on_business_days(terms, calendar.closed)


def _fees(row: Row, typed: FeesTyped) -> DrawFees:
    """The service fees of a facility, within the bounds of its product.

    Raises:
        QuestionInvalid: the option is named.
    """
    bounds = row.fees
    return DrawFees(
        flat=_flat_fee(row, typed.flat),
        draw=_fee_share(row, "--draw-fee", typed.draw, maximum=bounds.draw if bounds else 0),
        periodic=_fee_share(
            row, "--periodic-fee", typed.periodic, maximum=bounds.period if bounds else 0
        ),
    )


def _flat_fee(row: Row, text: str | None) -> int:
    if text is None:
        return 0
    maximum = minor_of_flat_fee(row)
    try:
        amount = minor_units(text, currency=row.currency)
    except AmountInvalid as error:
        raise QuestionInvalid(f"--flat-fee: {error}") from error
    if not 0 <= amount <= maximum:
        highest = f"{decimal_text(maximum, currency=row.currency)} {row.currency}"
        raise _fee_outside(row, "--flat-fee", text, highest=highest if maximum else None)
    return amount


def _fee_share(row: Row, option: str, text: str | None, *, maximum: int) -> int:
    if text is None:
        return 0
    try:
        parts = share(text)
    except ValueError as error:
        raise QuestionInvalid(f"{option}: {error}") from error
    if parts > maximum:
        raise _fee_outside(row, option, text, highest=percent(maximum) if maximum else None)
    return parts


def _fee_outside(row: Row, option: str, text: str, *, highest: str | None) -> QuestionInvalid:
    if highest is None:
        return QuestionInvalid(f"{option} is {text}; {row.code} has no such fee: leave it out")
    return QuestionInvalid(f"{option} is {text}; {row.code} allows 0 to {highest}")


def _check_cost(row: Row, rules: Rules, terms: LoanTerms, *, principal: int) -> None:
    """Refuses fees with which the ledger would refuse the draw: `TotalCostAboveCap`.

    Raises:
        QuestionInvalid.
    """
    cap, fees = rules.max_total_cost, DrawFees(terms.flat_fee, terms.draw_fee, terms.periodic_fee)
    if not cap or fees == NO_FEES:
        return
    cost, maximum = total_cost(terms, principal=principal, cap=cap)
    if cost > maximum:
        options = [
            option
            for option, fee in (
                *(("--flat-fee", fees.flat), ("--draw-fee", fees.draw)),
                ("--periodic-fee", fees.periodic),
            )
            if fee
        ]
        cost_text, maximum_text = (
            decimal_text(money, currency=row.currency) for money in (cost, maximum)
        )
        raise QuestionInvalid(
            f"{', '.join(options)}: interest and fees are {cost_text} {row.currency}; rule set "
            f"{rules.name} allows {maximum_text} for this draw ({percent(cap)} a year): lower "
            "the fees or --rate"
        )


def _print(terms: LoanTerms, amount: int, *, currency: str) -> None:
    def text(minor: int) -> str:
        return decimal_text(minor, currency=currency)

    due = schedule(Loan.opened(terms, principal=amount))
    fees = sum(item.parts.service for item in due)
    cells = [list(_COLUMNS), *(_cells(item, text) for item in due)]
    if not fees:
        for row in cells:
            del row[_FEES]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    cost = sum(item.parts.total for item in due) - amount
    rate = rate_of_terms(terms, principal=amount)
    if fees:
        print(f"service fees: {text(fees)} {currency}")
    print(f"total cost: {text(cost)} {currency}")
    print(f"effective annual rate: {'none' if rate is None else percent(rate)}")


def _cells(item: Due, text: Callable[[int], str]) -> list[str]:
    """An instalment as it is printed."""
    parts = item.parts
    amounts = (parts.interest, parts.service, parts.principal, parts.total, item.outstanding)
    return [str(item.number), date_of(item.day).isoformat(), *map(text, amounts)]
