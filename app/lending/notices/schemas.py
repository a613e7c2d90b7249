"""Bodies of notices."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from app.gateway.money import MoneyView
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView

Status = Literal["notified", "acknowledged"]


class NoticeFacts(TypedDict):
    """What a notice says."""

    basis: Annotated[
        str, Field(description="assignment: the claim was assigned; lien: it secures a debt.")
    ]
    claimId: int
    receivableId: int
    debtor: PartyView
    assignor: Annotated[
        PartyView, Field(description="The seller, or the owner of the claim under a lien.")
    ]
    assignee: Annotated[
        PartyView, Field(description="Who is to be paid: the claim's owner, or the lienholder.")
    ]
    loanId: Annotated[
        int | None, Field(description="The loan that has the lien; null: another lien, or none.")
    ]
    value: Annotated[MoneyView, Field(description="The amount of the claim.")]


class NoticeText(TypedDict):
    """The text of a notice."""

    textVersion: int
    textHash: Annotated[
        str, Field(description="Keccak-256 of the text's UTF-8 bytes, 0x and 64 digits.")
    ]
    text: Annotated[
        str | None,
        Field(description="The text; null: the gateway does not know the version of it."),
    ]


class NoticeDraft(NoticeFacts, NoticeText):
    """What a notice on a claim would say now."""

    lastNoticeId: Annotated[
        int | None, Field(description="The last notice on the claim; null: there is none.")
    ]


class Notice(NoticeFacts):
    """A notice as of a block."""

    id: int
    current: Annotated[
        bool | None,
        Field(
            description="Whether it says what the ledger says now. false: the claim was paid, "
            "released, assigned on or changed since, or a later notice replaces this one, so its "
            "assignee need not be the one to pay. null: the chain did not answer."
        ),
    ]
    status: Annotated[str, Field(description="notified or acknowledged.")]
    notifier: Annotated[PartyView, Field(description="Who gave the notice.")]
    date: Annotated[str, Field(description="The day of the notice.")]
    textVersion: int
    textHash: str
    acknowledgedBy: Annotated[
        PartyView | None, Field(description="Who acknowledged it; null: nobody yet.")
    ]
    acknowledgedDate: str | None
    replacedBy: Annotated[
        int | None, Field(description="A later notice on the same claim; null: there is none.")
    ]
    transactionHash: str
    acknowledgementHash: Annotated[
        str | None, Field(description="Hash of the transaction of the acknowledgement.")
    ]


class NoticeDetails(Notice):
    """A notice with its text."""

    text: Annotated[
        str | None,
        Field(
            description="The text, written again from the facts on the ledger; null: the gateway "
            "does not know its version."
        ),
    ]
    textMatches: Annotated[
        bool, Field(description="Whether the hash on the ledger is that of this text.")
    ]
    asOf: AsOf


class NoticePage(TypedDict):
    """A page of notices, newest first."""

    items: list[Notice]
    nextCursor: int | None
    asOf: AsOf
