"""How a loan's class by risk looks in JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict


class ClassReason(TypedDict):
    """Why a loan is at least in a class by risk."""

    reason: Annotated[str, Field(description="Days overdue, or an event such as `defaulted`.")]
    minimum: str
    source: str


RiskClass = TypedDict(
    "RiskClass",
    {
        "class": Annotated[
            str,
            Field(description="normal, special-mention, substandard, doubtful or loss."),
        ],
        "ruleSet": str,
        "reasons": Annotated[list[ClassReason], Field(description="The worst first.")],
        "observedUntil": Annotated[
            str | None,
            Field(description="Until when a restructured loan is observed; null: it is not."),
        ],
    },
)
