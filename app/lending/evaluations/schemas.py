"""Bodies of evaluations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictInt, StrictStr
from typing_extensions import TypedDict

from app.domain.evaluation import MAX_WORDS
from app.domain.scoring.card_file import MAX_BYTES as MAX_CARD_BYTES
from app.domain.scoring.evidence import HASH
from app.domain.scoring.file_rows import MAX_BYTES
from app.gateway.money import Money, MoneyView
from app.gateway.path_types import Day, Whole
from app.gateway.read_as_of import AsOf
from app.gateway.views import Confusable

FileKindName = Literal["stock", "feedback", "tax", "registration", "statements"]
StepName = Literal["scope", "identify", "analyse", "quantify", "decide", "confirm"]
ReturnStep = Literal["identify", "analyse", "quantify", "decide"]
Words = Annotated[str, Field(max_length=MAX_WORDS)]
_PARTY = "01a20b01-b514-70dd-928c-b6cc4f15541b"
_ITEM: dict[str, JsonValue] = {
    "feature": "tax-standing",
    "value": "A",
    "partyId": _PARTY,
    "source": "certificate of the tax office, no. 2026-118",
    "asOf": "2026-03-31",
    "hash": "0x" + "a1" * 32,
}
_SALES: dict[str, JsonValue] = {
    "content": "month,sales,returns\n2026-02,182000.00,4100.00\n2026-03,195000.00,3900.00",
    "partyId": _PARTY,
    "source": "monthly report of the platform",
}
_FILE: dict[str, JsonValue] = {
    "kind": "tax",
    "content": "company,certificate,periodFrom,periodTo,issued,status\n"
    "91330106MA2CE1550K,TX-118,2025-01-01,2025-12-31,2026-02-10,A",
    "partyId": _PARTY,
    "source": "handed in by the party",
}


class NewEvaluation(BaseModel):
    """The scope: which party is judged, why, and by which scorecard."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "partyId": _PARTY,
                "purpose": "limit for purchase credit",
                "tradingSince": "2024-01-15",
                "card": "name: trade\nversion: 1\n…",
            }
        },
    )
    partyId: str = Field(max_length=100)
    purpose: str = Field(min_length=1, max_length=400)
    tradingSince: Day | None = Field(
        None, description="The day on which the party began to trade; null: it is unknown."
    )
    card: str = Field(
        min_length=1,
        max_length=MAX_CARD_BYTES,
        description="The scorecard's file: YAML, with its hash.",
    )


class GrantedConsent(BaseModel):
    """The party consents to the use of its data for the evaluation."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"until": None}})
    until: Day | None = Field(None, description="The last day; null: until it is withdrawn.")


class EvidenceItem(BaseModel):
    """One item of evidence; its value is written as the scorecard's feature asks."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _ITEM})
    feature: str = Field(min_length=1, max_length=100)
    value: StrictInt | StrictStr | Money | None = Field(
        description="null: it was asked for, and is unknown."
    )
    partyId: str = Field(max_length=100, description="The party that the item is about.")
    source: str = Field(min_length=1, max_length=400, description="Where the value is from.")
    asOf: Day = Field(description="The day on which the value was true.")
    hash: str = Field(pattern=HASH, description="Of what it rests on, such as a file.")


class SalesFile(BaseModel):
    """A platform's table of the party's sales and returns by month."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _SALES})
    content: str = Field(
        min_length=1,
        max_length=20_000,
        description="CSV with the columns month (2026-03), sales and returns, in the card's "
        "currency; each month once, in order.",
    )
    partyId: str = Field(max_length=100, description="The party that it is about.")
    source: str = Field(min_length=1, max_length=400, description="Where it is from.")


class EvidenceFile(BaseModel):
    """A file of the party, whose figures become items of evidence."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _FILE})
    kind: FileKindName
    content: str = Field(
        min_length=1,
        max_length=MAX_BYTES,
        description="CSV in UTF-8 with the columns of its kind, amounts in the card's currency.",
    )
    partyId: str = Field(max_length=100, description="The party that it is about.")
    source: str = Field(min_length=1, max_length=200, description="Where it is from.")


StepsTaken = Annotated[
    Whole | None,
    Field(
        description="Of the case as the person saw it: if steps were taken since, nothing happens. "
        "null: it is not compared."
    ),
]


class IdentifiedEvidence(BaseModel):
    """The evidence of the case."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "items": [_ITEM],
                "salesFile": _SALES,
                "files": [_FILE],
                "fromLedger": True,
            }
        },
    )
    items: list[EvidenceItem] = Field(default_factory=list, max_length=100)
    salesFile: SalesFile | None = Field(None, description="Adds what the table shows.")
    files: list[EvidenceFile] = Field(
        default_factory=list, max_length=10, description="Adds what each file shows."
    )
    fromLedger: bool = Field(
        True, description="Adds what the ledger says of the party as of its newest block."
    )
    stepsTaken: StepsTaken = None


class StepNote(BaseModel):
    """What the person who takes a step adds in words."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"note": "sales are seasonal"}}
    )
    note: Words = ""
    stepsTaken: StepsTaken = None


class EvaluationDecision(BaseModel):
    """What is decided. Without tier and limit it is what the scorecard gives."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "tier": 4,
                "limit": {"amount": "50000.00", "currency": "CNY"},
                "reason": "its largest buyer closes a plant",
            }
        },
    )
    tier: Whole | None = Field(None, ge=1, le=5, description="1 is the best.")
    limit: Money | None = Field(
        None, description="In the scorecard's currency; null: what its formula gives the tier."
    )
    reason: Words | None = Field(None, description="Needed if it is not what the card gives.")
    stepsTaken: StepsTaken = None


class EvaluationConfirmation(BaseModel):
    """A second person confirms the decision, or returns the case to an earlier step."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "outcome": "confirmed",
                "stepsTaken": 5,
                "returnTo": None,
                "reason": None,
            }
        },
    )
    outcome: Literal["confirmed", "returned"]
    stepsTaken: Whole = Field(
        description="Of the case as the person saw it: if steps were taken since, nothing happens."
    )
    returnTo: ReturnStep | None = Field(None, description="null: `decide`, if it is returned.")
    reason: Words | None = Field(None, description="Needed if it is returned.")


class NamedParty(TypedDict):
    """A party by its id, with name and account."""

    partyId: str
    name: Annotated[str | None, Field(description="null: it left the directory.")]
    account: Annotated[str | None, Field(description="null: it left the directory.")]
    confusable: Confusable


class ConsentView(TypedDict):
    """The party's consent, by days."""

    since: str
    until: Annotated[str | None, Field(description="The last day; null: no end.")]
    withdrawn: Annotated[str | None, Field(description="The day on which it was withdrawn.")]


class EvaluationStep(TypedDict):
    """A step that was taken. Person, inputs and result are for the rater and for auditors."""

    step: StepName
    takenAt: str
    person: NotRequired[Annotated[str, Field(description="The label of the person's key.")]]
    inputs: NotRequired[Mapping[str, Any]]
    result: NotRequired[Mapping[str, Any]]


class EvaluationResult(TypedDict):
    """What was confirmed."""

    points: Annotated[int, Field(description="What the scorecard gives.")]
    tier: int
    limit: MoneyView
    overridden: Annotated[bool, Field(description="It is not what the scorecard gives.")]
    confidence: Annotated[int, Field(description="Parts per million.")]
    mainReasons: Annotated[list[str], Field(description="Features that cost the most points.")]
    missing: Annotated[
        list[Mapping[str, Any]], Field(description="Documents that would help, the best first.")
    ]
    changes: Annotated[
        list[Mapping[str, str]], Field(description="The smallest ones that reach the next tier.")
    ]
    evidenceRoot: Annotated[str, Field(description="Merkle root of the evidence.")]


class Evaluation(TypedDict):
    """An evaluation and where it stands."""

    id: str
    party: NamedParty
    rater: NamedParty
    nextStep: Annotated[StepName | None, Field(description="null: it is confirmed.")]
    stepsTaken: Annotated[int, Field(description="How many; a step names it.")]
    consent: ConsentView | None
    steps: list[EvaluationStep]
    result: Annotated[EvaluationResult | None, Field(description="null: not confirmed yet.")]
    attested: Annotated[
        bool, Field(description="The attestation in force on the ledger names its evidence.")
    ]
    createdAt: str
    asOf: AsOf


class EvaluationSummary(TypedDict):
    """An evaluation in a list."""

    id: str
    party: NamedParty
    rater: NamedParty
    nextStep: StepName | None
    createdAt: str


class EvaluationPage(TypedDict):
    """A page of evaluations, newest first."""

    items: list[EvaluationSummary]
    nextCursor: str | None


class EvaluationPack(TypedDict):
    """A pack of credit evidence that is not signed yet; `cession credit sign` signs it."""

    format: str
    card: Mapping[str, Any]
    evidence: Mapping[str, Any]
    attestation: Mapping[str, Any]
