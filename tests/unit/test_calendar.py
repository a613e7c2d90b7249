"""Days and the seconds at which they begin."""

from __future__ import annotations

import datetime

from app.domain.calendar import SECONDS_PER_DAY, day_at, day_of, start_of


def test_day_begins_at_midnight_in_the_ledgers_zone() -> None:
    day = day_of(datetime.date(2026, 1, 2))
    begins = datetime.datetime(2026, 1, 1, 16, tzinfo=datetime.UTC)
    assert start_of(day) == int(begins.timestamp())
    assert day_at(start_of(day)) == day == day_at(start_of(day) - 1) + 1


def test_a_promise_may_end_with_the_calendars_last_day() -> None:
    """What follows that day has no date, but the ledger counts seconds."""
    last = day_of(datetime.date.max)
    assert start_of(last + 1, zone_offset=0) == (last + 1) * SECONDS_PER_DAY
