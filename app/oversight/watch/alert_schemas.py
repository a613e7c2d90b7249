"""Bodies of alerts of the watch, and of steps that the gateway proposes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.domain.watch.model import SubjectKind
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView
from app.oversight.watch.schemas import LevelName, WatchSignal

ProposalState = Literal["proposed", "confirmed", "refused", "expired"]
DecisionOutcome = Literal["confirmed", "refused", "expired", "level-fell"]


class AlertBlock(TypedDict):
    """The block from which an alert follows."""

    blockNumber: int
    blockHash: str
    timestamp: Annotated[str, Field(description="Time of the block, UTC.")]
    undone: Annotated[
        bool, Field(description="A reorganisation has taken the block out of the chain.")
    ]


class AlertAcknowledgement(TypedDict):
    """Who has seen an alert."""

    person: Annotated[str, Field(description="The label of the person's API key.")]
    takenAt: Annotated[str, Field(description="When, UTC.")]
    note: Annotated[str, Field(description="What the person wrote.")]


class Alert(TypedDict):
    """A level that rose or fell, or a signal at warning or above that began or ended."""

    id: Annotated[int, Field(description="Its number: a later alert has a greater one.")]
    lender: Annotated[PartyView, Field(description="The party whose loans these are.")]
    subject: Annotated[SubjectKind, Field(description="What stands at the level.")]
    party: Annotated[
        PartyView | None,
        Field(description="The borrower or debtor; null: it is a product, or the portfolio."),
    ]
    productId: Annotated[int | None, Field(description="Number of the product; null: it is none.")]
    fromLevel: Annotated[LevelName, Field(description="The level that was told before.")]
    toLevel: Annotated[LevelName, Field(description="The level of now.")]
    raised: Annotated[
        str | None,
        Field(description="Why the level is above that of each signal; null: it is not."),
    ]
    nextStep: Annotated[str, Field(description="What to do at the level of now.")]
    signals: Annotated[list[WatchSignal], Field(description="All signals of now, the worst first.")]
    began: Annotated[
        list[str], Field(description="Ids of the signals at warning or above that are new.")
    ]
    ended: Annotated[
        list[WatchSignal],
        Field(description="Signals at warning or above that no longer are, as they were told."),
    ]
    block: Annotated[AlertBlock, Field(description="The block from which it follows.")]
    afterReorganisation: Annotated[
        bool,
        Field(
            description="The block from which the level before followed was undone, so the change "
            "may come from that."
        ),
    ]
    acknowledgement: Annotated[
        AlertAcknowledgement | None, Field(description="Who has seen it; null: nobody yet.")
    ]
    proposalIds: Annotated[list[str], Field(description="Steps that the gateway proposed for it.")]


class AlertPage(TypedDict):
    """Alerts, the oldest first."""

    items: list[Alert]
    nextCursor: Annotated[
        int | None, Field(description="`after` of the next page; null: this is the last page.")
    ]
    asOf: AsOf


class NewAcknowledgement(BaseModel):
    """What the person who has seen an alert writes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"note": "called the borrower; it pays on Friday"}},
    )
    note: str = Field(min_length=1, max_length=2000, description="What was found or done.")


class StepDecision(TypedDict):
    """What somebody decided about a proposed step."""

    outcome: Annotated[
        DecisionOutcome,
        Field(description="level-fell: the gateway ended it, because its reason is gone."),
    ]
    person: Annotated[
        str | None, Field(description="The label of the person's API key; null: the gateway.")
    ]
    takenAt: Annotated[str, Field(description="When, UTC.")]
    reason: Annotated[str | None, Field(description="What the person wrote; null: nothing.")]
    operationId: str | None


class StepProposal(TypedDict):
    """A step that the gateway proposes to a lender."""

    id: str
    step: Annotated[
        Literal["suspend-draws"], Field(description="To suspend draws of the facility.")
    ]
    state: ProposalState
    alertId: Annotated[int, Field(description="Number of the alert from which it follows.")]
    lender: Annotated[PartyView, Field(description="The party that may take the step.")]
    borrower: Annotated[PartyView, Field(description="The party whose level rose.")]
    facilityId: int
    level: Annotated[LevelName, Field(description="From this level on the rule allows the step.")]
    ruleSet: Annotated[str, Field(description="The rule set that allows the step.")]
    source: Annotated[str, Field(description="The source of its rule.")]
    createdAt: str
    expiresAt: str
    decisions: Annotated[list[StepDecision], Field(description="In their order.")]


class StepProposalPage(TypedDict):
    """Proposed steps, newest first."""

    items: list[StepProposal]
    nextCursor: str | None
    asOf: AsOf


class StepConfirmation(CommandAnswer):
    """The operation that carries out a step."""

    proposal: Annotated[StepProposal, Field(description="The proposal, confirmed.")]


class StepRefusal(BaseModel):
    """Why a step is not taken."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "the payment is on its way"}}
    )
    reason: str = Field(min_length=1, max_length=2000, description="In words.")
