"""The header `Prefer`: how long a caller waits for the end of an operation."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

MAX_WAIT = 60.0
_WAIT = re.compile(r"(?:^|,)\s*wait\s*=\s*(\d{1,4})")
Prefer = Annotated[
    str | None,
    Header(description="`wait=N`: wait up to N seconds for the operation to end."),
]


def wait_of(prefer: str | None) -> float:
    """Seconds that the caller wants to wait, from the header `Prefer`."""
    match = _WAIT.search(prefer or "")
    return min(float(match[1]), MAX_WAIT) if match else 0.0
