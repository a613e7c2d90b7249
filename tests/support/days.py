"""Days of the ledger, which is ahead of UTC, whatever the hour at which tests run."""

from __future__ import annotations

import datetime
import time

from app.domain.calendar import date_of, day_at, start_of

_LAST_SECONDS = 240  # of a day; most tests take less


def ledger_today(ahead: int = 0) -> datetime.date:
    """The ledger's day where the chain's clock is so many seconds ahead of this machine's."""
    return date_of(day_at(int(time.time()) + ahead))


def pass_midnight() -> None:
    """Waits for the ledger's next day where this one is nearly over.

    Tests count days exactly: what is 60 days away when they begin is 59 at their end, if midnight
    passes between.
    """
    now = time.time()
    left = start_of(day_at(int(now)) + 1) - now
    if left < _LAST_SECONDS:
        time.sleep(left)


def day(days: int) -> str:
    """A date so many days from the ledger's today.

    Midnight may pass between a module's import and its tests: what is made at import, such as the
    cases of a parametrized test, must hold a day later too.
    """
    return (ledger_today() + datetime.timedelta(days=days)).isoformat()
