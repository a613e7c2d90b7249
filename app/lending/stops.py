"""Days that a loan lost because its currency was stopped: they do not count.

A loan has days of its own: the calendar days less the days lost since it was drawn. The ledger and
its twin count in the loan's own days. Callers see calendar dates.
"""

from __future__ import annotations

import msgspec


class Stop(msgspec.Struct, array_like=True):
    """A stop of the currency since the loan was drawn.

    Attributes:
        own_day: the loan's own day on which it began.
        days: calendar days lost; 0 while the stop lasts, and if it ended on its first day.
    """

    own_day: int
    days: int = 0


def lost(stops: list[Stop], *, after: int | None = None) -> int:
    """Days lost in stops that have ended: in all of them, or in those that put off an own day."""
    return sum(stop.days for stop in stops if after is None or stop.own_day < after)


def own_day_on(day: int, stops: list[Stop]) -> int:
    """A loan's own day on a calendar day, by stops that have ended, oldest first."""
    lost_before = 0
    for stop in stops:
        if day <= stop.own_day + lost_before:
            break
        if day < stop.own_day + lost_before + stop.days:
            return stop.own_day
        lost_before += stop.days
    return day - lost_before
