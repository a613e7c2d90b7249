"""Bodies of receivables."""

from __future__ import annotations

from typing import Annotated, NotRequired

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.chain.evm.typed_data import TypedData
from app.gateway.money import Money, MoneyView
from app.gateway.path_types import MAX, SIGNATURE, SIGNATURE_LENGTH, BodyNumber, Day, Whole
from app.gateway.read_as_of import AsOf
from app.gateway.signing import DraftView
from app.gateway.sorted_pages import Count, NextCursor
from app.gateway.views import PartyView
from app.trade.documents.due import MAX_INSTALMENTS
from app.trade.documents.views import StatedAssignment

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
    instalment: Whole | None = Field(
        None,
        ge=1,
        le=MAX_INSTALMENTS,
        description="Number of the invoice's instalment, from 1; each is a receivable.",
    )
    dueDate: Day | None = Field(None, description="Only if the invoice states none.")
    graceDays: Whole = Field(
        5, ge=0, le=255, description="Days after the due day without late charge."
    )
    lateRate: Whole = Field(
        0, ge=0, le=1_000_000, description="Late charge: parts per million a year (360 days)."
    )
    disputeDays: Whole = Field(10, ge=0, le=365, description="From confirmation.")
    maxDepth: Whole = Field(16, ge=0, le=64, description="Maximum generations of splitting.")


class DebtorSignature(BaseModel):
    """A debtor's own signature, if the gateway does not hold its key."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"signature": None}})
    signature: str | None = Field(
        None,
        pattern=SIGNATURE,
        max_length=SIGNATURE_LENGTH,
        description="Over the typed data of GET …/confirmation.",
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
    claimId: Whole | None = Field(
        None,
        ge=0,
        le=MAX,
        description="The seller's claim that is burned first, 0 for none; default: its largest "
        "free one. A wallet that signs itself gives it.",
    )
    deadline: Whole | None = Field(
        None,
        ge=1,
        lt=2**40,
        description="Until when the signatures are valid (seconds of UTC); default: the ledger's "
        "usual time from now. A wallet that signs itself gives it.",
    )
    signature: str | None = Field(None, pattern=SIGNATURE, max_length=SIGNATURE_LENGTH)


class ReceivableDocument(TypedDict):
    """How a receivable compares with the document behind it."""

    documentId: Annotated[
        str | None, Field(description="A document's id, a UUID; null: it is not stored here.")
    ]
    differs: Annotated[
        list[str], Field(description="The terms in which receivable and document differ.")
    ]
    alike: Annotated[
        list[int],
        Field(description="Receivables between the same two parties over the same amount."),
    ]
    instalment: Annotated[
        int | None,
        Field(description="Number of the document's instalment, from 1; null: the whole."),
    ]
    assignment: Annotated[
        StatedAssignment | None,
        Field(description="An assignment to another party that the document states."),
    ]


class Receivable(TypedDict):
    """A receivable as of a block."""

    id: int
    status: Annotated[str, Field(description="As the ledger stores it.")]
    overdue: Annotated[bool, Field(description="By the time of the block.")]
    seller: PartyView
    debtor: PartyView
    currency: str
    faceAmount: MoneyView
    principalPaid: MoneyView
    lateChargePaid: MoneyView
    credited: MoneyView
    redeemed: MoneyView
    unpaid: MoneyView
    dueDate: str
    graceDays: Annotated[int, Field(description="Days after the due day without late charge.")]
    lateRate: Annotated[int, Field(description="Late charge: parts per million a year (360 days).")]
    disputeDays: Annotated[
        int, Field(description="Days from confirmation in which the debtor may dispute the debt.")
    ]
    maxDepth: Annotated[int, Field(description="Maximum generations of splitting.")]
    fingerprint: Annotated[str, Field(description="Keyed hash of seller, debtor and number.")]
    documentRoot: str
    legalTextHash: Annotated[
        str, Field(description="Hash of the legal text that the debtor signs, 0x and 64 digits.")
    ]
    claimId: Annotated[
        int | None, Field(description="The first claim on it; null: it is not confirmed.")
    ]
    debtorSignature: Annotated[
        str | None,
        Field(description="The debtor's signature over the terms; null: it is not confirmed."),
    ]
    requestedAt: Annotated[str, Field(description="The time when it was requested, UTC.")]
    confirmedAt: Annotated[
        str | None,
        Field(description="The time when the debtor confirmed it, UTC; null: it is not confirmed."),
    ]
    document: NotRequired[
        Annotated[
            ReceivableDocument,
            Field(
                description="The document behind it; for seller, debtor and auditors, of one "
                "receivable, not in a list."
            ),
        ]
    ]


class ReceivablePayment(TypedDict):
    """A payment on a receivable."""

    payer: Annotated[PartyView, Field(description="The party that paid.")]
    principal: Annotated[MoneyView, Field(description="The principal in it.")]
    lateCharge: Annotated[MoneyView, Field(description="The late charge in it.")]
    unpaid: Annotated[MoneyView, Field(description="Principal that was still owed after it.")]
    transactionHash: str
    at: str


class AppliedCreditNote(TypedDict):
    """A credit note that reduced a receivable."""

    fingerprint: Annotated[str, Field(description="Keyed hash of seller, debtor and number.")]
    amount: MoneyView
    burned: Annotated[MoneyView, Field(description="The part that reduced the debt.")]
    paidIn: Annotated[
        MoneyView, Field(description="The part that the seller paid in for other holders.")
    ]
    transactionHash: str
    at: str


class ReceivableDispute(TypedDict):
    """A dispute of a receivable."""

    evidenceHash: Annotated[
        str, Field(description="Hash of the debtor's statement, 0x and 64 digits.")
    ]
    since: Annotated[str, Field(description="The time when it began, UTC.")]
    until: Annotated[
        str | None, Field(description="The time when it ended, UTC; null: it is open.")
    ]


class ReceivableDetails(Receivable):
    """A receivable with its payments, credit notes and disputes."""

    payments: Annotated[list[ReceivablePayment], Field(description="Payments, oldest first.")]
    creditNotes: Annotated[
        list[AppliedCreditNote], Field(description="Credit notes, oldest first.")
    ]
    disputes: Annotated[list[ReceivableDispute], Field(description="Disputes, oldest first.")]
    asOf: AsOf


class ReceivablePage(TypedDict):
    """A page of receivables, in the order that the request names."""

    items: list[Receivable]
    nextCursor: NextCursor
    asOf: AsOf
    total: NotRequired[Annotated[Count, Field(description="Only where the request asks for it.")]]


class CreditNoteDraft(DraftView):
    """A credit note that waits for the debtor; its state is waiting, under-way or applied."""

    receivableId: int
    amount: MoneyView
    claimId: Annotated[int | None, Field(description="The claim that is burned first; null: none.")]
    documentId: Annotated[
        str | None,
        Field(
            description="The uploaded credit note, which seller and debtor may see; "
            "null: none that the caller may see."
        ),
    ]


class CreditNoteToSign(TypedDict):
    """What the seller's own wallet signs, and what goes to the gateway with its signature."""

    receivableId: int
    documentId: str
    amount: MoneyView
    claimId: Annotated[int, Field(description="The claim that is burned first; 0: none.")]
    deadline: Annotated[
        int, Field(description="Until when the signatures are valid (seconds of UTC).")
    ]
    typedData: Annotated[TypedData, Field(description="EIP-712 typed data (eth_signTypedData_v4).")]


class DueDay(TypedDict):
    """What falls due on a day."""

    date: Annotated[str, Field(description="The due day, YYYY-MM-DD.")]
    due: Annotated[MoneyView, Field(description="Unpaid principal that is due on it.")]
    count: Annotated[int, Field(description="How many debts that is.")]
    needed: Annotated[
        MoneyView, Field(description="What is needed up to and on this day, with what is overdue.")
    ]
    missing: Annotated[MoneyView, Field(description="What of `needed` is not held now.")]


class DueCurrency(TypedDict):
    """What falls due in a currency."""

    currency: str
    held: Annotated[MoneyView, Field(description="What the party's account holds now.")]
    overdue: Annotated[MoneyView, Field(description="Unpaid principal due before the first day.")]
    overdueCount: Annotated[int, Field(description="How many debts that is.")]
    days: Annotated[list[DueDay], Field(description="Days on which something is due, in order.")]


# `from` is no name in Python, so that the class cannot state it.
DueRange = TypedDict(
    "DueRange",
    {
        "from": Annotated[str, Field(description="The first day, YYYY-MM-DD.")],
        "to": Annotated[str, Field(description="The last day, YYYY-MM-DD.")],
    },
)


class DueCalendar(DueRange):
    """What a party must pay by day and currency, without late charges."""

    currencies: Annotated[list[DueCurrency], Field(description="Each currency by itself.")]
    asOf: AsOf
