"""Days that a loan lost because its currency stood still: they count for nothing.

A loan has days of its own: those of the calendar less the days lost since it was drawn. All that
the ledger says of a loan, and all that its twin reckons with, is in its own days; callers see dates
of the calendar.
"""

from __future__ import annotations

import msgspec


class Stop(msgspec.Struct, array_like=True):
    """A stop of the currency since the loan was drawn.

    Attributes:
        own_day: the loan's own day on which it began.
        days: of the calendar that were lost; 0 while it lasts.
    """

    own_day: int
    days: int = 0


def lost(stops: list[Stop], *, after: int | None = None) -> int:
    """Days lost in the stops that have ended, or in those that put off an own day."""
    return sum(stop.days for stop in stops if after is None or stop.own_day < after)
