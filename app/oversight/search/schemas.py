"""Bodies of the search."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from app.gateway.read_as_of import AsOf

Kind = Literal[
    "claim",
    "receivable",
    "party",
    "document",
    "loan",
    "facility",
    "facility-proposal",
    "agreement",
    "offer",
    "order",
    "lot",
    "warehouse-receipt",
    "campaign",
    "operation",
    "transaction",
    "block",
]


class SearchItem(TypedDict):
    """Something that the caller may see and that fits the search."""

    kind: Annotated[Kind, Field(description="What it is; with its id it is one thing.")]
    id: Annotated[str, Field(description="Its number, its UUID or its hash, as text.")]
    label: Annotated[str, Field(description="Its name, its number or its kind with its id.")]
    hint: Annotated[
        str,
        Field(description="Names, an amount and a date that tell it from others; may be empty."),
    ]
    status: Annotated[
        str | None, Field(description="Its state, as its own endpoint names it; null: it has none.")
    ]


class SearchAnswer(TypedDict):
    """What fits a search: what has exactly this id first, then by name and number."""

    items: list[SearchItem]
    more: Annotated[bool, Field(description="Whether more would fit than the limit lets through.")]
    asOf: AsOf
