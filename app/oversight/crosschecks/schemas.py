"""Bodies of the cross-checks. Weights are parts per million."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from app.domain.crosschecks.records import Kind
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView

MAX_REASON = 2_000
DecisionName = Literal["confirmed", "dismissed", "needs-documents"]
StatusName = Literal["open", "confirmed", "dismissed", "needs-documents"]
RecordFileKind = Literal["tax", "registry"]
STATUSES: tuple[StatusName, ...] = get_args(StatusName)


class NewDecision(BaseModel):
    """What somebody decides about a finding. An earlier decision stays in the record."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "decision": "dismissed",
                "reason": "two deliveries of one order; both goods received notes are here",
            }
        },
    )
    decision: DecisionName = Field(
        description="confirmed: it is what it seems; dismissed: it is explained; "
        "needs-documents: somebody was asked for documents."
    )
    reason: str = Field(
        min_length=1,
        max_length=MAX_REASON,
        description="In words; whoever sees the finding reads it.",
    )


class FindingDecision(TypedDict):
    """A decision about a finding."""

    id: str
    decision: Annotated[DecisionName, Field(description="What was decided.")]
    reason: Annotated[str, Field(description="Why, in words.")]
    person: Annotated[str, Field(description="The label of the key that decided.")]
    partyId: Annotated[str | None, Field(description="The party that decided; null: an official.")]
    decidedAt: Annotated[str, Field(description="When, UTC.")]


class Finding(TypedDict):
    """What does not fit together."""

    id: Annotated[str, Field(description="The same while the finding lasts.")]
    kind: Annotated[Kind, Field(description="What does not fit.")]
    weight: Annotated[
        int, Field(description="How sure the check is, in parts per million; at most 990,000.")
    ]
    reason: Annotated[str, Field(description="One sentence with the values that do not fit.")]
    status: Annotated[StatusName, Field(description="The last decision; open: nobody has decided.")]
    lasts: Annotated[
        bool, Field(description="false: the checks no longer find it; this is how it last was.")
    ]
    explained: Annotated[
        bool, Field(description="It follows from a surer finding; read that one first.")
    ]
    changed: Annotated[
        bool,
        Field(description="Its records are others than those that the last decision was about."),
    ]
    parties: Annotated[
        list[PartyView],
        Field(description="Sellers and debtors, or depositors and warehouses."),
    ]
    receivableIds: Annotated[list[int], Field(description="The receivables that it speaks of.")]
    lotIds: Annotated[list[int], Field(description="The lots that it speaks of.")]
    evidence: Annotated[
        list[str],
        Field(
            description="The records that show it, such as `receivable:7`, `order:3`, `party:4` "
            "(the party's number on the ledger) or `payment:…` (a position in the history)."
        ),
    ]
    decisions: Annotated[list[FindingDecision], Field(description="All of them, oldest first.")]


class LeftOutView(TypedDict):
    """What a check did not look at."""

    check: Annotated[str, Field(description="Which check, or which records.")]
    count: Annotated[int, Field(description="How many.")]
    reason: Annotated[str, Field(description="Why.")]


class StatusCount(TypedDict):
    """How many findings have a status."""

    status: Annotated[StatusName, Field(description="The last decision; open: none.")]
    count: Annotated[int, Field(description="How many have it.")]


@with_config(
    ConfigDict(
        json_schema_extra={
            "example": {
                "items": [],
                "statuses": [{"status": "open", "count": 0}],
                "leftOut": [{"check": "goods", "count": 3, "reason": "no movements are known"}],
                "asOf": {"blockNumber": 42, "blockHash": "0x…"},
            }
        }
    )
)
class Findings(TypedDict):
    """Findings, the surest first."""

    items: Annotated[list[Finding], Field(description="The surest first.")]
    statuses: Annotated[
        list[StatusCount], Field(description="All that match the other filters, by status.")
    ]
    leftOut: Annotated[
        list[LeftOutView],
        Field(description="What the checks did not look at; no finding there says nothing."),
    ]
    asOf: AsOf


class FindingAnswer(TypedDict):
    """One finding."""

    finding: Annotated[Finding, Field(description="The finding, with all decisions about it.")]
    asOf: AsOf


class RecordFile(TypedDict):
    """A file of tax or registry records; its content is encrypted and not shown."""

    id: str
    kind: Annotated[RecordFileKind, Field(description="What its records are.")]
    source: Annotated[str, Field(description="Who made the records.")]
    asOfDate: Annotated[str, Field(description="The day as of which they are true.")]
    periodFrom: Annotated[
        str | None, Field(description="The first day of tax records; null: registry.")
    ]
    periodTo: Annotated[
        str | None, Field(description="The last day of tax records; null: registry.")
    ]
    documentHash: Annotated[str, Field(description="SHA-256 of the file, 0x and 64 digits.")]
    records: Annotated[int, Field(description="How many rows it has.")]
    person: Annotated[str, Field(description="The label of the key that handed it in.")]
    partyId: Annotated[
        str | None, Field(description="The party that handed it in; null: an official.")
    ]
    handedInAt: Annotated[str, Field(description="When, UTC.")]


class RecordFilePage(TypedDict):
    """Files, the newest first."""

    items: Annotated[list[RecordFile], Field(description="The newest first.")]
    nextCursor: Annotated[str | None, Field(description="For the next page; null: the last.")]
