"""Bodies of reference rates."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.chain.evm.hashing import ZERO_HASH
from app.domain.catalogue import REFERENCE
from app.gateway.path_types import Day, Whole
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView

HASH = r"^0x[0-9a-fA-F]{64}$"
RateField = Annotated[int, Field(description="Parts per million a year; it may be negative.")]
StepField = Annotated[
    int, Field(description="How far a rate may be from the one before it, in parts per million.")
]
DaysField = Annotated[int, Field(description="Days for which one rate counts at most.")]


class NewReference(BaseModel):
    """A reference that appraisers may post, with the bounds for its next rate."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"code": "CNY-LPR-1Y", "maxStep": 5000, "maxDays": 45}},
    )
    code: str = Field(pattern=REFERENCE, description="Short name of the reference.")
    maxStep: Whole = Field(
        ge=1,
        le=1_000_000,
        description="How far a rate may be from the one before it, in parts per million a year.",
    )
    maxDays: Whole = Field(ge=1, le=400, description="Days for which one rate counts at most.")


class NewRate(BaseModel):
    """The rate of the next period of a reference."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"rate": 30_000, "lastDate": "2099-12-19"}},
    )
    rate: Whole = Field(
        ge=-1_000_000, le=1_000_000, description="Parts per million a year; it may be negative."
    )
    fromDate: Day | None = Field(
        None,
        description="First day for which it counts; by default the day after the last period, or "
        "today for a first rate.",
    )
    lastDate: Day = Field(
        description="Last day for which it counts: the day before the next publication."
    )
    evidence: str = Field(ZERO_HASH, pattern=HASH, description="Hash of the publication.")


class RateConfirmation(BaseModel):
    """Which rate a second appraiser confirms, exactly as it was proposed or is in force."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"rate": 30_000, "fromDate": "2099-11-20", "lastDate": "2099-12-19"}
        },
    )
    rate: Whole = Field(
        ge=-1_000_000, le=1_000_000, description="The rate that was proposed, or is in force."
    )
    fromDate: Day = Field(description="First day for which it counts.")
    lastDate: Day = Field(description="Last day for which it counts.")
    evidence: str = Field(ZERO_HASH, pattern=HASH, description="Hash of the publication.")


class ReferenceRate(TypedDict):
    """A rate that was proposed or is in force."""

    code: Annotated[str, Field(description="Short name of the reference.")]
    rate: RateField
    fromDate: Annotated[str, Field(description="First day for which it counts.")]
    lastDate: Annotated[str, Field(description="Last day for which it counts.")]
    inForce: Annotated[bool, Field(description="False: it was only proposed.")]
    appraiser: Annotated[PartyView, Field(description="Who proposed it.")]
    confirmer: Annotated[
        PartyView | None, Field(description="Who confirmed it; null: nobody has yet.")
    ]
    evidence: Annotated[str, Field(description="Hash of the publication.")]
    transactionHash: str
    postedAt: Annotated[str, Field(description="The time of the block that it is in, UTC.")]


class Reference(TypedDict):
    """A reference with its bounds and its newest rate."""

    code: Annotated[str, Field(description="Short name of the reference.")]
    maxStep: StepField
    maxDays: DaysField
    newest: Annotated[
        ReferenceRate | None, Field(description="The newest rate in force; null: there is none.")
    ]
    isLate: Annotated[
        bool, Field(description="Whether no rate is in force for today: appraisers have to post.")
    ]


class ReferencePage(TypedDict):
    """All references."""

    items: list[Reference]
    asOf: AsOf


class ReferenceRatePage(TypedDict):
    """Rates of a reference, newest first."""

    items: list[ReferenceRate]
    nextCursor: int | None
    asOf: AsOf
