"""Numbers, dates and signatures as requests send them.

The chain numbers claims, receivables and blocks.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BeforeValidator, Field

from app.chain.evm.wallet_signatures import MAX_SIGNATURE_BYTES

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX = 2**63 - 1  # the maximum of a column in both databases

# A signature is 65 bytes from a key, or whatever a wallet's contract accepts (ERC-1271).
SIGNATURE = r"^0x([0-9a-fA-F]{2})+$"
SIGNATURE_LENGTH = 2 + 2 * MAX_SIGNATURE_BYTES

Number = Annotated[int, Path(ge=1, le=MAX)]
BodyNumber = Annotated[int, Field(ge=1, le=MAX)]
QueryNumber = Annotated[int | None, Query(ge=1, le=MAX)]
NumberCursor = Annotated[
    int | None, Query(ge=0, le=MAX, description="`nextCursor` of the page before.")
]


def _written_day(value: Any) -> Any:
    """Refuses a number, which could be read as seconds since 1970."""
    if not isinstance(value, datetime.date) and not (
        isinstance(value, str) and _DAY.fullmatch(value)
    ):
        raise ValueError("give a date as YYYY-MM-DD")
    return value


Day = Annotated[datetime.date, BeforeValidator(_written_day)]
