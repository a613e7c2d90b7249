"""The output of the log: a full disk or an unread pipe loses log entries, but stops no work."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from typing import TextIO, cast

import structlog


class UnfailingOutput(io.TextIOBase):
    """A text stream that raises nothing when a write fails.

    When it works again, one entry (`log.lost`) says how many entries at most were lost; some may
    have waited in the stream's own buffer.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._failing = False
        self.lost = 0

    def write(self, text: str) -> int:
        """Writes the text, or drops it."""
        with self._lock:
            self._attempt(text)
        return len(text)

    def flush(self) -> None:
        """Passes on what was written, or drops it."""
        with self._lock:
            try:
                self._stream.flush()
            except (OSError, ValueError):
                self._failing = True

    def _attempt(self, text: str) -> None:
        try:
            if self._failing:
                self._stream.flush()
                lost = {"event": "log.lost", "level": "warning", "max_lost": self.lost}
                self._stream.write(json.dumps(lost) + "\n")
                self._failing, self.lost = False, 0
            self._stream.write(text)
        except (OSError, ValueError):  # no space, no reader, or closed
            self._failing = True
            self.lost += text.count("\n")


def configure_logs(*, json_lines: bool, level: int = logging.INFO) -> None:
    """Structured logs on standard error; they never contain a secret."""
    output = cast(TextIO, UnfailingOutput(sys.stderr))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer()
            if json_lines
            else structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=output),
        cache_logger_on_first_use=True,
    )
