"""Numbers that the chain gave to a claim, a receivable or a block: what a request may ask for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from pydantic import Field

MOST = 2**63 - 1  # what both databases hold in a column

Number = Annotated[int, Path(ge=1, le=MOST)]
NumberGiven = Annotated[int, Field(ge=1, le=MOST)]
NumberWanted = Annotated[int | None, Query(ge=1, le=MOST)]
NumberCursor = Annotated[
    int | None, Query(ge=0, le=MOST, description="`nextCursor` of the page before.")
]
