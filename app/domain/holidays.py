"""Days off as an operator writes them, and as the ledger stores them: a bit for each day.

A due day that falls on a day off moves to the next business day if the product says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from app.domain.calendar import date_of, day_of
from app.domain.loan import MAX_SHIFT_DAYS

WORD_DAYS = 256
_FIRST_YEAR = 2000
_SATURDAY = 5
MAX_DAYS = 3660


def _date(value: Any) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError(f"{value!r} is not a date: write it like 2027-01-31")
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a day of the calendar: {error}") from error
    if day.year < _FIRST_YEAR:
        raise ValueError(f"{value} is too far in the past")
    return day


Date = Annotated[date, BeforeValidator(_date)]


class BusinessCalendar(BaseModel):
    """The days from `first` to `last` that are not business days; it does not cover other days.

    Attributes:
        weekends: whether Saturdays and Sundays are off.
        working_days: days of weekends that are business days.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: Date
    last: Date
    weekends: bool = True
    holidays: list[Date] = []
    working_days: list[Date] = []

    @model_validator(mode="after")
    def _consistent(self) -> BusinessCalendar:
        if not self.first <= self.last:
            raise ValueError("last: is before first")
        if (self.last - self.first).days >= MAX_DAYS:
            raise ValueError(f"last: is more than {MAX_DAYS} days after first")
        for name, dates in (("holidays", self.holidays), ("working_days", self.working_days)):
            for when in dates:
                if not self.first <= when <= self.last:
                    raise ValueError(f"{name}: {when} is not between {self.first} and {self.last}")
                if dates.count(when) > 1:
                    raise ValueError(f"{name}: {when} occurs twice")
        for when in self.working_days:
            if when in self.holidays or not self.weekends or when.weekday() < _SATURDAY:
                raise ValueError(f"working_days: {when} is not a day of a weekend that is off")
        closed, run = self.closed, 0
        for day in range(day_of(self.first), day_of(self.last) + 1):
            run = run + 1 if day in closed else 0
            if run > MAX_SHIFT_DAYS:
                raise ValueError(
                    f"holidays: more than {MAX_SHIFT_DAYS} days without a business day up to "
                    f"{date_of(day)}; a due day could not move past them"
                )
        return self

    @property
    def days(self) -> range:
        """Numbers of the days that the calendar covers."""
        return range(day_of(self.first), day_of(self.last) + 1)

    @property
    def closed(self) -> frozenset[int]:
        """Numbers of the days that are not business days."""
        off = {day_of(when) for when in self.holidays}
        if self.weekends:
            off.update(day for day in self.days if date_of(day).weekday() >= _SATURDAY)
        return frozenset(off - {day_of(when) for when in self.working_days})


def words_of(days: Iterable[int]) -> dict[int, int]:
    """Days as `Products.setHolidays` takes them: bit d % 256 of word d / 256."""
    words: dict[int, int] = {}
    for day in days:
        words[day // WORD_DAYS] = words.get(day // WORD_DAYS, 0) | 1 << day % WORD_DAYS
    return words
