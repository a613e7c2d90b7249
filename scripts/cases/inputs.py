"""One value of a row's inputs, checked, in the units of `app.domain`."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from app.domain.calendar import day_of
from app.domain.repayment import WHOLE
from scripts.cases.reading import Question

PERCENT = WHOLE // 100
HUNDREDTHS = 100
MAX_PERIODS = 600
MAX_MONTHS = 1200
MAX_DAYS = 200_000
DECIMAL = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,12})?")
_YEARS = range(1970, 2200)


class Unsupported(ValueError):
    """Our products or our table of sources lack what the row asks for; the message says what."""


def decimal_in(question: Question, field: str) -> Decimal:
    """A number from zero, or a text that holds one.

    Raises:
        FileInvalid.
    """
    value = _value(question, field)
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, bool) or not DECIMAL.fullmatch(text):
        raise question.invalid(f"inputs.{field}", f"{value!r} is not a plain number from zero")
    return Decimal(text)


def whole_in(question: Question, field: str, *, min_value: int = 0, max_value: int) -> int:
    """A whole number between bounds.

    Raises:
        FileInvalid.
    """
    value = _value(question, field)
    if type(value) is not int or not min_value <= value <= max_value:
        raise question.invalid(
            f"inputs.{field}", f"{value!r} is not a whole number from {min_value} to {max_value}"
        )
    return value


def money_in(question: Question, field: str, *, minor: int) -> int:
    """An amount in minor units.

    Args:
        minor: minor units of the unit that the row is in; 1 if the row is in minor units.

    Raises:
        FileInvalid.
    """
    return _exact(question, field, decimal_in(question, field) * minor, "finer than a minor unit")


def rate_in(question: Question, *, unit: int) -> int:
    """The annual rate in parts per million.

    Args:
        unit: parts per million of the unit that the row is in.

    Raises:
        FileInvalid.
    """
    rate = decimal_in(question, "rate")
    if rate * unit > WHOLE * HUNDREDTHS:
        raise question.invalid("inputs.rate", f"{rate} is more than 10,000% a year")
    return _exact(question, "rate", rate * unit, "finer than a part per million")


def day_in(question: Question, field: str) -> int:
    """Day number of an ISO date.

    Raises:
        FileInvalid.
    """
    value = _value(question, field)
    try:
        when = date.fromisoformat(str(value))
    except ValueError as error:
        raise question.invalid(
            f"inputs.{field}", f"{value!r} is not a date: write it like 2027-01-31"
        ) from error
    if when.year not in _YEARS:
        raise question.invalid(f"inputs.{field}", f"{when} is not from {_YEARS[0]} to {_YEARS[-1]}")
    return day_of(when)


def days_in(question: Question, start: str, end: str) -> tuple[int, int]:
    """Day numbers of two dates, the later one second.

    Raises:
        FileInvalid.
    """
    first, last = day_in(question, start), day_in(question, end)
    if last < first:
        raise question.invalid(f"inputs.{end}", f"is before {start}")
    return first, last


def _value(question: Question, field: str) -> object:
    try:
        return question.inputs[field]
    except KeyError:
        raise question.invalid(f"inputs.{field}", "is missing") from None


def _exact(question: Question, field: str, value: Decimal, problem: str) -> int:
    if value != value.to_integral_value():
        raise question.invalid(f"inputs.{field}", f"{question.inputs[field]} is {problem}")
    return int(value)
