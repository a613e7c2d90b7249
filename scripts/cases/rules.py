"""Our figure for each rule and quantity of a file of cases.

Every amount comes from the functions of `app.domain` that the gateway uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from app.domain import repayment
from app.domain.calendar import add_months, date_of
from app.domain.catalogue_files import read_calendar
from app.domain.holidays import BusinessCalendar
from app.domain.loan import LoanTerms, Style
from scripts.cases.inputs import (
    HUNDREDTHS,
    MAX_DAYS,
    MAX_MONTHS,
    MAX_PERIODS,
    PERCENT,
    Unsupported,
    day_in,
    days_in,
    money_in,
    rate_in,
    whole_in,
)
from scripts.cases.reading import Question
from scripts.cases.schedules import Instalment, bullet, instalments, paid_off, schedule_terms
from scripts.cases.sources import (
    Extra,
    face_of,
    grace_of,
    loan_of,
    rate_of,
    schedule_of,
)

ROOT = Path(__file__).resolve().parents[2]
_RANGE = re.compile(r"interest (\d{1,4})\.\.(\d{1,4})")
Answer = Callable[[Question], str]


@dataclass(frozen=True)
class Units:
    """What a row's numbers are in: minor units of its money, parts per million of its rate."""

    minor: int
    rate: int


# Engines take units of the currency and percent; Fineract's features are in hundredths and parts
# per million; QuantLib takes hundredths and shares; a whole-unit schedule has no minor unit.
PLAIN = Units(minor=HUNDREDTHS, rate=PERCENT)
MINOR = Units(minor=1, rate=1)
SHARES = Units(minor=1, rate=repayment.WHOLE)
TEXTBOOK = Units(minor=HUNDREDTHS, rate=1)
WHOLE_UNITS = Units(minor=1, rate=PERCENT)


def answer_to(question: Question) -> Answer:
    """What answers a rule and quantity: it takes the question and returns our figure.

    The figure is as the file writes one: hundredths, an ISO date, True or False. Asking raises
    `FileInvalid` where an input is missing or wrong, and `Unsupported` where our products or our
    table of sources lack it.

    Raises:
        FileInvalid: the rule or the quantity is unknown.
    """
    quantities = RULES.get(question.rule)
    if quantities is None:
        raise question.invalid("rule", f"{question.rule!r} is unknown")
    for pattern, figure in quantities.items():
        if re.fullmatch(pattern, question.quantity):
            return figure
    raise question.invalid("quantity", f"{question.quantity!r} is unknown for {question.rule!r}")


# ------------------------------------------------------------------------------------ schedules


def _instalments(question: Question, style: Style, units: Units) -> tuple[Instalment, ...]:
    if {"P", "rate", "n"}.isdisjoint(question.inputs):
        loan = loan_of(question)
        return instalments(
            schedule_terms(
                style,
                annual_rate=loan.rate,
                periods=loan.periods,
                after_prepayment=loan.after_prepayment,
            ),
            principal=int(loan.principal * units.minor),
            extra=loan.extra,
        )
    rate = rate_in(question, unit=units.rate)
    periods = whole_in(question, "n", min_value=1, max_value=MAX_PERIODS)
    return instalments(
        schedule_terms(style, annual_rate=rate, periods=periods, grace=grace_of(question)),
        principal=money_in(question, "P", minor=units.minor),
    )


def _of_schedule(question: Question, *, style: Style, units: Units, name: str) -> str:
    rows = _instalments(question, style, units)
    number = whole_in(question, "k", min_value=1, max_value=len(rows))
    return str(getattr(rows[number - 1], name))


def _schedule(style: Style, units: Units) -> dict[str, Answer]:
    names = ("interest", "principal", "payment", "balance", "balance_before")
    return {
        name.replace("_", " "): partial(_of_schedule, style=style, units=units, name=name)
        for name in names
    }


def _pmt(question: Question) -> str:
    if question.inputs:
        return str(
            repayment.equal_instalment_half_up(
                money_in(question, "P", minor=HUNDREDTHS),
                annual_rate=rate_in(question, unit=PERCENT),
                periods=whole_in(question, "n", min_value=1, max_value=MAX_PERIODS),
            )
        )
    loan = loan_of(question)
    return str(
        repayment.equal_instalment_half_up(loan.minor, annual_rate=loan.rate, periods=loan.periods)
    )


def _of_function(question: Question, *, name: str) -> str:
    """The sum over the instalments that the quantity, or else the function's name, asks for."""
    loan = loan_of(question)
    numbers = _RANGE.fullmatch(question.quantity)
    first, last = (int(numbers[1]), int(numbers[2])) if numbers else (loan.number, loan.last)
    if not 1 <= first <= last <= loan.periods:
        raise question.invalid("quantity", f"the loan has {loan.periods} instalments")
    rows = instalments(
        schedule_terms(Style.EQUAL_INSTALMENT, annual_rate=loan.rate, periods=loan.periods),
        principal=loan.minor,
    )
    return str(sum(getattr(row, name) for row in rows[first - 1 : last]))


def _pay_off(question: Question, *, name: str) -> str:
    return str(getattr(paid_off(loan_of(question)).payoff, name))


# ------------------------------------------------------------------------------------ days


def _due_date(question: Question) -> str:
    number = whole_in(question, "k", max_value=MAX_MONTHS)
    start = day_in(question, "first") if "first" in question.inputs else _start(question)
    return _iso(_monthly_terms(start).due_day_of(number))


def _start(question: Question) -> int:
    return schedule_of(question, minor=_units_of(question).minor).start


def _units_of(question: Question) -> Units:
    """Rows that name a scenario are in minor units and parts per million."""
    return MINOR if "scenario" in question.inputs else PLAIN


def _monthly_terms(start_day: int) -> LoanTerms:
    return LoanTerms(
        style=Style.EQUAL_INSTALMENT, start_day=start_day, annual_rate=0, periods=MAX_MONTHS
    )


def _add_months(question: Question) -> str:
    months = whole_in(question, "n", max_value=MAX_MONTHS)
    return _iso(add_months(day_in(question, "d0"), months))


def _days(question: Question) -> str:
    start_day, due_day = days_in(question, "a", "b")
    terms = LoanTerms(style=Style.BULLET, start_day=start_day, due_day=due_day, annual_rate=0)
    return str(terms.span(1))


@cache
def _calendar() -> BusinessCalendar:
    calendar = read_calendar(ROOT / "products.yaml")
    if calendar is None:
        raise Unsupported("products.yaml has no calendar")
    return calendar


@cache
def _days_off() -> frozenset[int]:
    return _calendar().closed


def _works(day: int) -> bool:
    if day not in _calendar().days:
        raise Unsupported(f"the calendar of products.yaml does not cover {date_of(day).year}")
    return day not in _days_off()


def _following(question: Question) -> str:
    day = day_in(question, "d")
    while not _works(day):
        day += 1
    return _iso(day)


def _workday(question: Question) -> str:
    return str(_works(day_in(question, "d")))


def _iso(day: int) -> str:
    return date_of(day).isoformat()


# ------------------------------------------------------------------------------------ interest


def _simple(question: Question, *, day_count: int) -> str:
    if "days" in question.inputs:
        units, days = TEXTBOOK, whole_in(question, "days", max_value=MAX_DAYS)
    else:
        start_day, end_day = days_in(question, "d0", "d1")
        units, days = SHARES, end_day - start_day
    principal = money_in(question, "P", minor=units.minor)
    rate = rate_in(question, unit=units.rate)
    return _interest(principal, rate=rate, days=days, day_count=day_count)


def _interest(principal: int, *, rate: int, days: int, day_count: int) -> str:
    return str(repayment.interest_half_up(principal * days, annual_rate=rate, day_count=day_count))


def _bullet(question: Question, *, day_count: int) -> str:
    start_day, due_day = days_in(question, "d0", "d1")
    loan = bullet(
        money_in(question, "P", minor=SHARES.minor),
        annual_rate=rate_in(question, unit=SHARES.rate),
        day_count=day_count,
        start_day=start_day,
        due_day=due_day,
    )
    loan.roll(due_day)
    return str(loan.amount_due.interest)


def _on_peers_balance(question: Question, *, day_count: int, days: int | None) -> str:
    """Interest of one period on what the peer says was outstanding.

    Args:
        days: days of interest of a period; None: as many as the row or the calendar says.
    """
    if "balance" in question.inputs:
        balance = money_in(question, "balance", minor=HUNDREDTHS)
        has_rate = "rate" in question.inputs
        rate = rate_in(question, unit=PERCENT) if has_rate else rate_of(question)
        if days is None:
            days = whole_in(question, "days", max_value=MAX_DAYS)
        return _interest(balance, rate=rate, days=days, day_count=day_count)
    units = _units_of(question)
    number = whole_in(question, "k", min_value=1, max_value=MAX_PERIODS)
    schedule = schedule_of(question, minor=units.minor)
    if days is None:
        terms = _monthly_terms(schedule.start)
        before = terms.due_day_of(number - 1) if number > 1 else terms.start_day
        days = terms.due_day_of(number) - before
    return _interest(
        schedule.balance(question, number),
        rate=rate_in(question, unit=units.rate),
        days=days,
        day_count=day_count,
    )


# ------------------------------------------------------------------------------------ discounts


def _price(question: Question) -> str:
    face = face_of(question)
    today, due_day = days_in(question, "d0", "d1")
    discount = repayment.discount_half_up(
        face, annual_rate=rate_in(question, unit=1), days_early=due_day - today
    )
    return str(face - discount)


def _bank_discount(question: Question, *, proceeds: bool) -> str:
    face = money_in(question, "face", minor=HUNDREDTHS)
    discount = repayment.discount_half_up(
        face,
        annual_rate=rate_in(question, unit=1),
        days_early=whole_in(question, "days", max_value=MAX_DAYS),
    )
    return str(face - discount if proceeds else discount)


# ------------------------------------------------------------------------------------ in part


def _paid_in_part(question: Question, *, at_due: bool) -> str:
    source = loan_of(question)
    extra = source.extra or Extra(money=0)
    loan = bullet(
        source.minor,
        annual_rate=source.rate,
        day_count=source.day_count,
        start_day=source.start,
        due_day=source.due,
    )
    loan.roll(extra.day)
    parts, _ = loan.pay(extra.money)
    if not at_due:
        return str(parts.interest)
    loan.roll(source.due)
    return str(loan.amount_due.total)


# ------------------------------------------------------------------------------------ the table

_INSTALMENT = Style.EQUAL_INSTALMENT
_MONTH = repayment.MONTH_DAYS
_YEAR = repayment.YEAR_DAYS
_EXACT_YEAR = 365

# What each rule answers, by quantity; a quantity is a pattern.
_OTHERS: dict[str, dict[str, Answer]] = {
    "equal-instalment": _schedule(_INSTALMENT, PLAIN),
    "equal-principal": _schedule(Style.EQUAL_PRINCIPAL, PLAIN),
    "schedule": _schedule(_INSTALMENT, PLAIN),
    "schedule 30/360": _schedule(_INSTALMENT, PLAIN),
    "schedule 30/360, whole units": _schedule(_INSTALMENT, WHOLE_UNITS),
    "schedule EQUAL_INSTALMENT": _schedule(_INSTALMENT, MINOR),
    "schedule EQUAL_PRINCIPAL": _schedule(Style.EQUAL_PRINCIPAL, MINOR),
    "early repayment, lower the instalment": _schedule(_INSTALMENT, PLAIN),
    "early repayment, shorten the term": _schedule(_INSTALMENT, PLAIN),
    "early repayment": {
        name: partial(_pay_off, name=name) for name in ("interest", "principal", "total")
    },
    "pmt": {"instalment": _pmt},
    "ipmt": {"interest": partial(_of_function, name="interest")},
    "ppmt": {"principal": partial(_of_function, name="principal")},
    "cumipmt": {_RANGE.pattern: partial(_of_function, name="interest")},
    "due date": {"due date": _due_date},
    "add_months": {"due day": _add_months},
    "following": {"business day": _following},
    "workday": {"works": _workday},
    "days first in, last out": {"days": _days},
    "simple daily /360": {"interest": partial(_simple, day_count=_YEAR)},
    "simple daily /365": {"interest": partial(_simple, day_count=_EXACT_YEAR)},
    "bullet /360": {"interest at due day": partial(_bullet, day_count=_YEAR)},
    "bullet /365": {"interest at due day": partial(_bullet, day_count=_EXACT_YEAR)},
    "discount act/360": {"price": _price},
    "bank discount act/360": {
        "discount": partial(_bank_discount, proceeds=False),
        "proceeds": partial(_bank_discount, proceeds=True),
    },
    "partial payment": {
        "interest in the payment": partial(_paid_in_part, at_due=False),
        "balance due at maturity": partial(_paid_in_part, at_due=True),
        "last payment": partial(_paid_in_part, at_due=True),
    },
}
_ON_PEERS_BALANCE: dict[str, dict[str, Answer]] = {
    f"{words} on the peer's balance{suffix}": {
        "interest": partial(_on_peers_balance, day_count=day_count, days=days)
    }
    for words, suffix, day_count, days in (
        ("month = 30/360", "", _YEAR, _MONTH),
        ("simple daily /360", "", _YEAR, None),
        ("simple daily /365", "", _EXACT_YEAR, None),
        ("interest", " 30/360", _YEAR, _MONTH),
        ("interest", " 60/360", _YEAR, 2 * _MONTH),
        ("interest", " 360", _YEAR, None),
        ("interest", " 365", _EXACT_YEAR, None),
    )
}
RULES = _OTHERS | _ON_PEERS_BALANCE
