"""Days and months: a day is a number, days since 1970-01-01 in the ledger's zone.

Twin of contracts/math/Calendar.sol.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

_EPOCH = date(1970, 1, 1)
_LAST_DAY = (date.max - _EPOCH).days
# The ledger's default zone is UTC+8.
ZONE_OFFSET_SECONDS = 8 * 3600
SECONDS_PER_DAY = 86_400


def day_of(when: date) -> int:
    """Day number of a date."""
    return (when - _EPOCH).days


def date_of(day: int) -> date:
    """Date of a day number; the calendar's last date for a later day, which the ledger may hold."""
    return _EPOCH + timedelta(days=min(day, _LAST_DAY))


def day_at(seconds: int, *, zone_offset: int = ZONE_OFFSET_SECONDS) -> int:
    """Business day in the ledger's zone of a time in UTC seconds."""
    return (seconds + zone_offset) // SECONDS_PER_DAY


def start_of(day: int, *, zone_offset: int = ZONE_OFFSET_SECONDS) -> int:
    """First moment of a day in the ledger's zone, in UTC seconds; of any day, however late."""
    return day * SECONDS_PER_DAY - zone_offset


def add_months(day: int, months: int) -> int:
    """The same day of a later month; the last day of a month that is too short."""
    start = date_of(day)
    count = start.year * 12 + start.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return day_of(date(year, month, min(start.day, calendar.monthrange(year, month)[1])))


def month_end(day: int) -> int:
    """Last day of the month."""
    when = date_of(day)
    return day_of(when.replace(day=calendar.monthrange(when.year, when.month)[1]))


def week_end(day: int) -> int:
    """Sunday of the week, which runs from Monday."""
    return day + 6 - (day + 3) % 7


def in_month(day: int, months: int, day_of_month: int) -> int:
    """A day, 1 to 28, of the month that comes some months later."""
    return day_of(date_of(add_months(day, months)).replace(day=day_of_month))
