"""Bodies of documents for draws and of reported trade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.domain.catalogue import DocumentKind
from app.gateway.money import Money, MoneyView
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView

Fingerprint = Annotated[str, Field(pattern="^0x[0-9a-f]{64}$")]


class SubmittedDocuments(BaseModel):
    """Documents that the borrower submits to a facility for its next draw."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"documentIds": ["01a20b01-b514-70dd-928c-b6cc4f15541b"]}},
    )
    documentIds: list[str] = Field(min_length=1, max_length=16)


class AcceptedDocument(BaseModel):
    """The document that was read; another one that replaced it meanwhile is not accepted."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"root": "0x" + "5a" * 32}}
    )
    root: Annotated[str, Field(pattern="^0x[0-9a-f]{64}$")] | None = Field(
        None, description="Its root, as the list has it; null: whatever was submitted last."
    )


class NamedAttester(BaseModel):
    """Who accepts documents besides the lender, and whose reports of trade count; null: nobody."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"partyId": "01a20b01-b514-70dd-928c-b6cc4f15541b"}},
    )
    partyId: str | None


class NewTradeReport(BaseModel):
    """What a merchant sold on the caller's platform in a month; a later report corrects it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "merchantPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "month": "2026-10",
                "amount": {"amount": "182000.00", "currency": "CNY"},
                "returned": {"amount": "4100.00", "currency": "CNY"},
            }
        },
    )
    merchantPartyId: str
    month: str = Field(max_length=7, description="A month that is over, like 2026-10.")
    amount: Money = Field(description="What was sold; it may be zero.")
    returned: Money = Field(description="What of it was returned; it may be zero.")


class DrawDocument(TypedDict):
    """A document for a draw, as its owner uploaded it."""

    id: str
    kind: DocumentKind
    fingerprint: Annotated[str, Field(description="A keyed hash of what identifies it.")]
    root: Annotated[str, Field(description="The Merkle root of its fields.")]
    content: Annotated[Mapping[str, Any], Field(description="Its fields, which depend on `kind`.")]
    createdAt: str


class DrawDocumentPage(TypedDict):
    """A page of documents, newest first."""

    items: list[DrawDocument]
    nextCursor: str | None


class LoanDocument(TypedDict):
    """A document behind a draw, as the ledger knows it, with its content."""

    facilityId: int
    loanId: Annotated[int | None, Field(description="The loan that used it; null: none yet.")]
    kind: DocumentKind
    fingerprint: Annotated[str, Field(description="A keyed hash of what identifies it.")]
    root: Annotated[str, Field(description="The Merkle root of its fields.")]
    date: str
    amount: Annotated[
        MoneyView | None, Field(description="The amount of a customs declaration; else null.")
    ]
    offered: Annotated[bool, Field(description="Whether the next draw uses it.")]
    acceptedBy: Annotated[
        PartyView | None, Field(description="The party that accepted it; null: nobody yet.")
    ]
    content: Annotated[
        Mapping[str, Any] | None,
        Field(description="Its fields, which depend on `kind`; null: they are not stored here."),
    ]
    transactionHash: str
    at: str


class LoanDocuments(TypedDict):
    """The documents that a loan's draw used."""

    items: list[LoanDocument]
    asOf: AsOf


class FacilityDocuments(TypedDict):
    """A page of the documents that were submitted to a facility, by fingerprint."""

    items: list[LoanDocument]
    nextCursor: str | None
    asOf: AsOf


class TradeMonth(TypedDict):
    """A month of trade that counts."""

    month: str
    amount: MoneyView
    returned: Annotated[MoneyView, Field(description="What of it was returned.")]


class Trade(TypedDict):
    """The trade that bounds what may be owed under a facility, and how the limit follows."""

    basis: Annotated[
        Literal["declarations", "reports"],
        Field(description="Accepted customs declarations, or reports of a platform."),
    ]
    attester: Annotated[PartyView, Field(description="Whose acceptance or reports count.")]
    months: Annotated[list[TradeMonth], Field(description="The months that count, in order.")]
    traded: Annotated[MoneyView, Field(description="What was sold less what was returned.")]
    share: Annotated[int, Field(description="The share of the trade that may be owed.")]
    measure: Annotated[
        Literal["sum", "mean"],
        Field(description="A share of the sum of the months, or of their mean."),
    ]
    limit: Annotated[MoneyView, Field(description="What may be owed under the facility.")]


class TradeReportView(TypedDict):
    """A report of a merchant's trade of a month; the last revision counts."""

    platform: PartyView
    merchant: PartyView
    month: str
    amount: MoneyView
    returned: Annotated[MoneyView, Field(description="What of it was returned.")]
    revision: Annotated[int, Field(description="1: the report; above: a correction of it.")]
    transactionHash: str
    at: str


class TradeReportPage(TypedDict):
    """A page of reports, newest first."""

    items: list[TradeReportView]
    nextCursor: int | None
    asOf: AsOf
