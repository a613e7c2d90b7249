"""Bodies of receivables."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money
from app.gateway.path_types import MAX, BodyNumber, Day
from app.gateway.signing import SIGNATURE
from app.trade.documents.due import MAX_INSTALMENTS

HASH = r"^0x[0-9a-fA-F]{64}$"


class NewReceivable(BaseModel):
    """A debt that the buyer is asked to confirm, from an uploaded invoice."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "documentId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "graceDays": 5,
                "lateRate": 73500,
            }
        },
    )
    documentId: str
    debtorPartyId: str | None = Field(
        None, description="Default: the party with the buyer's legal id in the invoice."
    )
    instalment: int | None = Field(
        None,
        ge=1,
        le=MAX_INSTALMENTS,
        description="Number of the invoice's instalment, from 1; each is a receivable.",
    )
    dueDate: Day | None = Field(None, description="Only if the invoice states none.")
    graceDays: int = Field(
        5, ge=0, le=255, description="Days after the due day without late charge."
    )
    lateRate: int = Field(
        0, ge=0, le=1_000_000, description="Late charge: parts per million a year (360 days)."
    )
    disputeDays: int = Field(10, ge=0, le=365, description="From confirmation.")
    maxDepth: int = Field(16, ge=0, le=64, description="Maximum generations of splitting.")


class DebtorSignature(BaseModel):
    """A debtor's own signature, if the gateway does not hold its key."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"signature": None}})
    signature: str | None = Field(
        None, pattern=SIGNATURE, description="Over the typed data of GET …/confirmation."
    )


class Reason(BaseModel):
    """The reason; its hash goes on the ledger."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "not our order"}}
    )
    reason: str = Field("", max_length=4000)


class DisputeStatement(BaseModel):
    """A statement of the debtor about a dispute; its hash goes on the ledger."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"statement": "three castings of forty are cracked; see our report of 3 May"}
        },
    )
    statement: str = Field(min_length=1, max_length=20_000)


class Payment(BaseModel):
    """An amount to pay; the ledger takes at most what is due."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"amount": {"amount": "450000.01", "currency": "CNY"}}},
    )
    amount: Money


class ByClaim(BaseModel):
    """The claim by which its holder or lienholder acts; default: the caller's largest one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"claimId": 7}})
    claimId: BodyNumber | None = None


class NewCreditNote(BaseModel):
    """A credit note of the seller's, for the debtor to sign too."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"documentId": "01a20b01-b514-70dd-928c-b6cc4f15541b"}},
    )
    documentId: str
    claimId: int | None = Field(
        None,
        ge=0,
        le=MAX,
        description="The seller's claim that is burned first, 0 for none; default: its largest "
        "free one. A wallet that signs itself gives it.",
    )
    deadline: int | None = Field(
        None,
        ge=1,
        lt=2**40,
        description="Until when the signatures are valid (seconds of UTC); default: the ledger's "
        "usual time from now. A wallet that signs itself gives it.",
    )
    signature: str | None = Field(None, pattern=SIGNATURE)


class Receivable(BaseModel):
    """A receivable as of a block."""

    model_config = ConfigDict(extra="allow")
    id: int
    status: str = Field(description="As the ledger stores it.")
    overdue: bool = Field(description="By the time of the block.")
    seller: dict[str, Any]
    debtor: dict[str, Any]
    faceAmount: Money
    principalPaid: Money
    lateChargePaid: Money
    credited: Money
    unpaid: Money
    dueDate: str
    claimId: int | None
    document: dict[str, Any] | None = Field(
        None,
        description="For seller, debtor and auditors: `documentId` (null: not stored here), the "
        "terms in which receivable and document differ (`differs`), which `instalment` it is, an "
        "`assignment` to another party that the document states, and receivables `alike`: between "
        "the same two parties over the same amount.",
    )
    asOf: dict[str, Any]


class ReceivablePage(BaseModel):
    """A page of receivables, newest first."""

    items: list[dict[str, Any]]
    nextCursor: int | None
    asOf: dict[str, Any]


class CreditNoteDraft(BaseModel):
    """A credit note that waits for the debtor."""

    id: str
    receivableId: int
    amount: Money
    state: str = Field(description="waiting, under-way or applied")
    operationId: str | None
    typedData: dict[str, Any]
