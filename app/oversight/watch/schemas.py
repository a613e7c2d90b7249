"""Bodies of the watch. Shares, falls and rises are parts per million."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.domain.watch.model import SignalKind, SubjectKind, Unit
from app.gateway.money import MoneyView
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView

LevelName = Literal["clear", "watch", "warning", "alarm"]
LEVEL_NAMES: tuple[LevelName, ...] = ("clear", "watch", "warning", "alarm")


class SignalValue(TypedDict):
    """A figure behind a signal."""

    name: Annotated[str, Field(description="What it measures.")]
    number: Annotated[int, Field(description="A whole number.")]
    unit: Annotated[Unit, Field(description="What the number counts.")]


class WatchSignal(TypedDict):
    """One thing that speaks for trouble."""

    id: Annotated[str, Field(description="The same while the signal lasts, whatever its level.")]
    kind: Annotated[SignalKind, Field(description="Which rule it follows from.")]
    level: Annotated[LevelName, Field(description="How serious it is.")]
    reason: Annotated[str, Field(description="A sentence with the figures.")]
    values: Annotated[list[SignalValue], Field(description="The figures by themselves.")]
    evidence: Annotated[
        list[str],
        Field(
            description="What it follows from, such as `loan:7`, `party:3` (the party's number on "
            "the ledger) or `transaction:0x…`."
        ),
    ]


class UnknownSignal(TypedDict):
    """A signal that could not be judged: it may be there or not. It counts for no level."""

    kind: Annotated[SignalKind, Field(description="Which rule could not be judged.")]
    about: Annotated[str, Field(description="What it is about, such as `lot:4`.")]
    reason: Annotated[str, Field(description="What is missing.")]


class Assessment(TypedDict):
    """How a borrower, a debtor, a product or the portfolio stands."""

    party: Annotated[
        PartyView | None, Field(description="null: it is a product, or the portfolio.")
    ]
    productId: Annotated[int | None, Field(description="Number of the product; null: it is none.")]
    level: Annotated[LevelName, Field(description="The warning level.")]
    raised: Annotated[
        str | None,
        Field(description="Why the level is above that of each signal; null: it is not."),
    ]
    nextStep: Annotated[str, Field(description="What to do now. Nothing happens by itself.")]
    signals: Annotated[list[WatchSignal], Field(description="The worst first.")]
    unknown: Annotated[list[UnknownSignal], Field(description="What could not be judged.")]
    principal: Annotated[
        list[MoneyView],
        Field(description="Principal of the loans behind it that are not lost, by currency."),
    ]
    loanCount: Annotated[int, Field(description="Number of these loans.")]
    loanIds: Annotated[list[int], Field(description="At most 200 of them, the oldest first.")]


class LevelCount(TypedDict):
    """How many are at a level."""

    level: Annotated[LevelName, Field(description="The warning level.")]
    count: Annotated[int, Field(description="How many are at it.")]


class Assessments(TypedDict):
    """Warning levels, the worst first."""

    items: Annotated[list[Assessment], Field(description="The worst first.")]
    levels: Annotated[list[LevelCount], Field(description="All of them by level.")]
    asOf: AsOf


class PortfolioAssessment(TypedDict):
    """The warning level of all loans together."""

    portfolio: Annotated[Assessment, Field(description="All loans together.")]
    asOf: AsOf


class WatchThreshold(TypedDict):
    """From which value on a signal has each level."""

    kind: Annotated[SignalKind, Field(description="The signal.")]
    unit: Annotated[Unit, Field(description="What the bounds count.")]
    watch: Annotated[int | None, Field(description="null: it is never only to watch.")]
    warning: Annotated[int | None, Field(description="null: it is never a warning.")]
    alarm: Annotated[int | None, Field(description="null: it is never an alarm.")]
    reason: Annotated[str, Field(description="Why these bounds.")]


class WatchEvent(TypedDict):
    """The level of something that happened."""

    kind: Annotated[SignalKind, Field(description="The signal.")]
    level: Annotated[LevelName, Field(description="Its level.")]
    reason: Annotated[str, Field(description="Why this level.")]


class WatchStep(TypedDict):
    """The next step at a level."""

    subject: Annotated[SubjectKind, Field(description="What stands at the level.")]
    level: Annotated[LevelName, Field(description="The warning level.")]
    nextStep: Annotated[str, Field(description="What to do then.")]


class WatchRules(TypedDict):
    """The rules from which warning levels follow."""

    thresholds: Annotated[list[WatchThreshold], Field(description="Signals with a measure.")]
    events: Annotated[list[WatchEvent], Field(description="Signals without one.")]
    steps: Annotated[list[WatchStep], Field(description="The next step at each level.")]
    watchesToWarning: Annotated[
        int, Field(description="So many kinds of trouble to watch are a warning.")
    ]
    warningsToAlarm: Annotated[
        int, Field(description="So many kinds of trouble at warning are an alarm.")
    ]


class NewWebhook(BaseModel):
    """Where the gateway sends the caller's alerts."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"url": "https://risk.example.com/alerts", "minLevel": "warning"}
        },
    )
    url: str = Field(
        min_length=1, max_length=2000, description="An https address on the public internet."
    )
    minLevel: LevelName = Field(
        "clear", description="Only alerts whose level was or is at this level or a worse one."
    )
