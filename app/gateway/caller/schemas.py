"""Body of the caller."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict


class CallerParty(TypedDict):
    """The party of a caller."""

    id: str
    name: str


class CallerBody(TypedDict):
    """Who makes the request, and what it may do."""

    label: Annotated[str, Field(description="Names the caller in logs.")]
    roles: list[str]
    party: Annotated[CallerParty | None, Field(description="Null: the caller is no party.")]
    account: Annotated[
        str | None, Field(description="Address that it acts with on the ledger; null: none.")
    ]
    custody: Annotated[
        bool, Field(description="Whether the gateway signs for it; else its own wallet does.")
    ]
