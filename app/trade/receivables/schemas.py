"""Bodies of receivables."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money
from app.gateway.path_types import MOST, Day, NumberGiven
from app.gateway.signing import SIGNATURE
from app.trade.documents.due import MOST_INSTALMENTS

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
        None, description="Found by the buyer's legal id in the invoice when left out."
    )
    instalment: int | None = Field(
        None,
        ge=1,
        le=MOST_INSTALMENTS,
        description="Which of the invoice's `instalments`, from 1; each is a receivable.",
    )
    dueDate: Day | None = Field(None, description="Only where the invoice has none.")
    graceDays: int = Field(5, ge=0, le=255, description="Days after the due day without charge.")
    lateRate: int = Field(
        0, ge=0, le=1_000_000, description="Late charge: parts per million a year (360 days)."
    )
    disputeDays: int = Field(10, ge=0, le=365, description="From confirmation.")
    maxDepth: int = Field(16, ge=0, le=64, description="Most generations of splitting.")


class DebtorSignature(BaseModel):
    """A debtor's own signature, when the gateway does not keep its key."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"signature": None}})
    signature: str | None = Field(
        None, pattern=SIGNATURE, description="Over the typed data of GET …/confirmation."
    )


class Reason(BaseModel):
    """Why; its hash goes on the ledger."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "not our order"}}
    )
    reason: str = Field("", max_length=4000)


class Papers(BaseModel):
    """Papers behind a step: a text, or a document that was uploaded, whose hash goes on chain."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"statement": "three castings of forty are cracked; see our report of 3 May"}
        },
    )
    statement: str = Field(min_length=1, max_length=20_000)


class Payment(BaseModel):
    """What to pay; at most what is due is taken."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"amount": {"amount": "450000.01", "currency": "CNY"}}},
    )
    amount: Money


class ByClaim(BaseModel):
    """The claim by which its holder or lienholder acts; any of the caller's when left out."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"claimId": 7}})
    claimId: NumberGiven | None = None


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
        le=MOST,
        description="The seller's claim that is burned first, 0 for none; its largest free one if "
        "left out. A wallet that signs itself names it.",
    )
    deadline: int | None = Field(
        None,
        ge=1,
        lt=2**40,
        description="Until when the signatures count (seconds of UTC); the ledger's usual time "
        "from now if left out. A wallet that signs itself names it.",
    )
    signature: str | None = Field(None, pattern=SIGNATURE)


class Receivable(BaseModel):
    """A receivable as of a block."""

    model_config = ConfigDict(extra="allow")
    id: int
    status: str = Field(description="As stored on the ledger.")
    overdue: bool = Field(description="From the clock of the block.")
    seller: dict[str, Any]
    debtor: dict[str, Any]
    faceAmount: Money
    principalPaid: Money
    lateChargePaid: Money
    credited: Money
    unpaid: Money
    dueDate: str
    claimId: int | None
    paper: dict[str, Any] | None = Field(
        None,
        description="For seller, debtor and those who audit: `documentId` (null: not kept here), "
        "in what receivable and paper differ, which `instalment` it is, an `assignment` to another "
        "that the paper states, and receivables `alike` between the same two.",
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
