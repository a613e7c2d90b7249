"""One log entry when something starts to fail, and one when it works again."""

from __future__ import annotations

import time
from typing import Any


class Outage:
    """Counts failures of one activity, so that a loop that retries does not fill the log.

    Args:
        log: a structlog logger.
        name: first word of the events: `<name>.failed`, `<name>.recovered`.

    Attributes:
        failures: number in a row; 0 while it works.
        since: UTC seconds of the first of them.
        total: failures since the start of the process.
    """

    def __init__(self, log: Any, name: str) -> None:
        self._log = log
        self._name = name
        self._kinds: set[str] = set()
        self.failures = 0
        self.since = 0.0
        self.total = 0

    def failed(self, error: BaseException, *, known: bool = True, logged: bool = False) -> None:
        """Counts a failure; the first of each kind is logged, with its trace unless `known`.

        Args:
            logged: another part has already logged it.
        """
        if self.failures == 0:
            self.since = time.time()
        self.failures += 1
        self.total += 1
        kind = type(error).__name__
        if kind in self._kinds or logged:
            return
        self._kinds.add(kind)
        trace = None if known else error
        self._log.warning(f"{self._name}.failed", error=f"{kind}: {error}", exc_info=trace)

    def over(self) -> None:
        """Logs once that it works again, with the number of failures and their time in seconds."""
        if not self.failures:
            return
        if not self._kinds:  # nothing was logged when it began
            self.failures = 0
            return
        seconds = round(time.time() - self.since, 1)
        self._log.info(f"{self._name}.recovered", failures=self.failures, seconds=seconds)
        self.failures = 0
        self._kinds.clear()
