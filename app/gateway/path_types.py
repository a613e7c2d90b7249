"""Numbers that the chain gave to a claim, a receivable or a block, and dates: what a request may
ask for."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BeforeValidator, Field

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST = 2**63 - 1  # what both databases hold in a column

Number = Annotated[int, Path(ge=1, le=MOST)]
NumberGiven = Annotated[int, Field(ge=1, le=MOST)]
NumberWanted = Annotated[int | None, Query(ge=1, le=MOST)]
NumberCursor = Annotated[
    int | None, Query(ge=0, le=MOST, description="`nextCursor` of the page before.")
]


def _written_day(value: Any) -> Any:
    """A number is no date, though it could be read as seconds since 1970."""
    if not isinstance(value, datetime.date) and not (
        isinstance(value, str) and _DAY.fullmatch(value)
    ):
        raise ValueError("give a date as YYYY-MM-DD")
    return value


Day = Annotated[datetime.date, BeforeValidator(_written_day)]
