"""How a loan's class by risk looks in JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict


class ClassReason(TypedDict):
    """Why a loan is at least in a class by risk."""

    reason: Annotated[str, Field(description="Days overdue, or an event such as `defaulted`.")]
    minimum: Annotated[str, Field(description="The best class that the reason allows.")]
    source: Annotated[str, Field(description="Where the rule comes from.")]


RiskClass = TypedDict(
    "RiskClass",
    {
        "class": Annotated[
            str,
            Field(description="normal, special-mention, substandard, doubtful or loss."),
        ],
        "ruleSet": Annotated[str, Field(description="Name of the rule set that has the classes.")],
        "reasons": Annotated[list[ClassReason], Field(description="The worst first.")],
        "observedUntil": Annotated[
            str | None,
            Field(description="Until when a restructured loan is observed; null: it is not."),
        ],
    },
)
