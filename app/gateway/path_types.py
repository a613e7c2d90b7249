"""Numbers, dates and signatures as requests send them.

The chain numbers claims, receivables and blocks.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BeforeValidator, Field, Strict
from pydantic_core import PydanticCustomError

from app.chain.evm.wallet_signatures import MAX_SIGNATURE_BYTES
from app.domain.texts import say

_NUMBER = re.compile(r"0|[1-9][0-9]{0,29}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX = 2**63 - 1  # the maximum of a column in both databases

# A signature is 65 bytes from a key, or whatever a wallet's contract accepts (ERC-1271).
SIGNATURE = r"^0x([0-9a-fA-F]{2})+$"
SIGNATURE_LENGTH = 2 + 2 * MAX_SIGNATURE_BYTES


def _canonical(value: Any) -> Any:
    """Refuses all but a number's one spelling: `007`, `+7`, `7.0` and ` 7` are not number 7."""
    if not isinstance(value, str):
        return value
    if _NUMBER.fullmatch(value) is None:
        raise PydanticCustomError("whole_number", "give a whole number in digits alone, such as 7")
    return int(value)


Written = Annotated[int, BeforeValidator(_canonical)]
"""A number in an address: digits alone, without sign, separators or zeros before them."""

Whole = Annotated[int, Strict()]
"""A number in a body: a whole JSON number, and no text that reads like one."""

Number = Annotated[Written, Path(ge=1, le=MAX)]
BodyNumber = Annotated[Whole, Field(ge=1, le=MAX)]
QueryNumber = Annotated[Written | None, Query(ge=1, le=MAX)]
NumberCursor = Annotated[
    Written | None, Query(ge=0, le=MAX, description="`nextCursor` of the page before.")
]


def _written_day(value: Any) -> Any:
    """Refuses a number, which could be read as seconds since 1970."""
    if not isinstance(value, datetime.date) and not (
        isinstance(value, str) and _DAY.fullmatch(value)
    ):
        raise ValueError(say("give a date as YYYY-MM-DD"))
    return value


Day = Annotated[datetime.date, BeforeValidator(_written_day)]
