"""Bodies of payments."""

from __future__ import annotations

import datetime
from typing import Annotated, NotRequired

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.domain.accounts import checked_account, checked_bic
from app.domain.hidden_text import hidden_in
from app.domain.texts import say
from app.gateway.money import Money, MoneyView
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import BodyNumber, Day
from app.lending.payments.addresses import PostalAddress

ACCOUNT = r"^[A-Z0-9]{1,34}$"
BIC = r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$"
Account = Annotated[str, Field(pattern=ACCOUNT), AfterValidator(checked_account)]
Bic = Annotated[str, Field(pattern=BIC), AfterValidator(checked_bic)]


def _visible(text: str) -> str:
    hidden = hidden_in(text)
    if hidden is not None:
        raise ValueError(say("{hidden}: send visible characters and plain spaces", hidden=hidden))
    return text


Name = Annotated[str, Field(min_length=1, max_length=140), AfterValidator(_visible)]


def _not_past(day: datetime.date) -> datetime.date:
    """A day that is not over in any time zone; the service also checks the ledger's today.

    Raises:
        ValueError.
    """
    if day < (datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=12)).date():
        raise ValueError(say("{day:day} is past: give a later day", day=day.isoformat()))
    return day


Reason = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_visible)]


class PayOut(BaseModel):
    """Pays out a loan to the borrower's account."""

    model_config = ConfigDict(extra="forbid")
    loanId: BodyNumber
    account: Account = Field(description="An IBAN, or the bank's own account number.")
    bic: Bic | None = None
    name: Name | None = Field(
        None,
        description="The account holder's name as its bank knows it; by default the registered "
        "name. In euro at most 70 characters, in Latin letters.",
    )
    address: PostalAddress | None = None


class NewPayOuts(BaseModel):
    """Drawn loans that one order to the lender's bank pays out."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "account": "110105000000001",
                "executionDate": "2099-03-01",
                "payOuts": [{"loanId": 3, "account": "330106000000002"}],
            }
        },
    )
    account: Account = Field(description="The lender's account, which the bank debits.")
    bic: Bic | None = None
    name: Name | None = Field(
        None, description="The lender's name as its bank knows it; by default the registered name."
    )
    address: PostalAddress | None = Field(
        None, description="The lender's address; required in euro if an account is outside the EEA."
    )
    executionDate: Annotated[Day, AfterValidator(_not_past)] = Field(
        description="Today or later, in the ledger's zone."
    )
    payOuts: list[PayOut] = Field(min_length=1, max_length=1_000)
    replaces: str | None = Field(
        None,
        max_length=35,
        description="`MsgId` of the order that this one replaces; the bank did not carry it out.",
    )


class EntryRepayment(BaseModel):
    """Options of a recorded repayment: its loan, its value date, and which account counts."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"loanId": 3}})
    loanId: BodyNumber | None = None
    anyAccount: bool = Field(
        False, description="True: records an entry even if its `accountExpected` is false."
    )
    valueDate: Day | None = Field(
        None,
        description="From which day it counts; the entry's own value date when left out. It may be "
        "later, up to the booking date, or to the first day from which it can count on the loan.",
    )


class EntryReversal(BaseModel):
    """Why a recorded payment is reversed; its hash goes on the ledger."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "returned by the bank, AC04"}}
    )
    reason: Reason


class NewRefund(BaseModel):
    """Money that goes back to the borrower because it is not owed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"amount": {"amount": "20.00", "currency": "CNY"}}},
    )
    amount: Money
    bankReference: str | None = Field(
        None,
        min_length=1,
        max_length=140,
        description="Of the transfer, if the money went back outside the ledger.",
    )


class EntryMove(BaseModel):
    """Where a recorded payment belongs: another loan, another value date, or both."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"loanId": 4, "reason": "the payer named the wrong loan"}},
    )
    loanId: BodyNumber | None = Field(None, description="The same loan when left out.")
    valueDate: Day | None = Field(None, description="The same value date when left out.")
    reason: Reason


class CreditorReference(TypedDict):
    """A structured reference from the payer."""

    type: Annotated[
        str, Field(description="RF (ISO 11649), QRR (Swiss QR reference), or the bank's word.")
    ]
    value: str
    valid: Annotated[
        bool | None, Field(description="Whether its check digits are right; null if unknown.")
    ]


class Overpayment(TypedDict):
    """The part of an entry that its loan does not take; the lender's bank sends it back."""

    amount: MoneyView
    toAccount: Annotated[
        str | None,
        Field(description="The account that paid; null if the bank did not report it."),
    ]
    toName: Annotated[str | None, Field(description="The payer's name, if the bank reported it.")]
    final: Annotated[
        bool,
        Field(
            description="True: the repayment is recorded. False: it is what the loan would not "
            "take if it were recorded on the day of the newest block."
        ),
    ]


class BankEntry(TypedDict):
    """Money that a bank reports as received; an entry of an old version lacks the details."""

    id: str
    reference: str
    loanId: int | None
    amount: Annotated[MoneyView, Field(description="The amount that arrived.")]
    bookedOn: str
    valueDate: Annotated[
        str, Field(description="The bank's value date; the booking date where it gave none.")
    ]
    state: Annotated[
        str,
        Field(
            description="waiting, under-way, recorded, reversed (before it was recorded), or "
            "renounced (by the borrower, with instalments: record it anew)."
        ),
    ]
    operationId: str | None
    endToEndId: Annotated[str | None, Field(description="The payer's own reference.")]
    reversedBy: Annotated[
        str | None,
        Field(description="The bank's reference of the entry that reversed this one."),
    ]
    reversalOperationId: Annotated[
        str | None,
        Field(description="The newest operation that reverses on the ledger what was recorded."),
    ]
    reversalHeld: Annotated[
        str | None,
        Field(
            description="Why the gateway leaves it to the lender to reverse on the ledger what the "
            "bank took back; null: it reverses it, or there is nothing to reverse."
        ),
    ]
    overpaid: Annotated[
        Overpayment | None,
        Field(
            description="What goes back to the payer; null: nothing does, the entry names no loan "
            "yet, or the bank reversed it."
        ),
    ]
    account: NotRequired[Annotated[str | None, Field(description="The credited account.")]]
    payerAccount: NotRequired[
        Annotated[str | None, Field(description="The account that paid, as the bank reports it.")]
    ]
    payerName: NotRequired[
        Annotated[str | None, Field(description="The payer's name, as the bank reports it.")]
    ]
    accountExpected: NotRequired[
        Annotated[
            bool | None,
            Field(
                description="Whether it is the account that the upload named; "
                "null if it named none."
            ),
        ]
    ]
    creditorReference: NotRequired[CreditorReference | None]
    paid: NotRequired[
        Annotated[
            MoneyView | None,
            Field(description="What the payer sent, if charges were deducted."),
        ]
    ]
    charges: NotRequired[Annotated[MoneyView | None, Field(description="`paid` less `amount`.")]]
    payments: NotRequired[
        Annotated[
            int,
            Field(
                description="Number of payments in the entry, if the bank reports only their sum."
            ),
        ]
    ]


class ReturnedPayment(TypedDict):
    """A payment that the bank reversed or returned."""

    reference: str
    amount: MoneyView
    bookedOn: str
    loanId: int | None
    endToEndId: str | None
    reason: Annotated[str | None, Field(description="The bank's code, such as AC04.")]
    entryId: Annotated[
        str | None,
        Field(
            description="The entry that it reverses; null if none or several match, "
            "and for a pay-out."
        ),
    ]


class BankEntryPage(TypedDict):
    """The caller's entries, newest first."""

    items: list[BankEntry]
    nextCursor: str | None


class Notification(TypedDict):
    """The result of a notification; entries that are already stored are counted, not changed."""

    items: list[BankEntry]
    known: int
    knownItems: Annotated[
        list[BankEntry],
        Field(description="The entries counted in `known`: an earlier message reported them."),
    ]
    reversals: Annotated[
        list[ReturnedPayment],
        Field(description="Money that came in earlier and went back to its payer."),
    ]
    reversalOperationIds: Annotated[
        list[str],
        Field(
            description="Operations that reverse on the ledger what was recorded and went back. "
            "While another payment or correction of the loan is under way, the gateway begins them "
            "later; it begins none if the lender's own wallet signs."
        ),
    ]
    returnedPayOuts: Annotated[
        list[ReturnedPayment],
        Field(description="Money that the lender sent and that came back."),
    ]


class RecordedEntry(CommandAnswer):
    """An entry with its repayment on the ledger; no entry while an approval comes first."""

    entry: NotRequired[BankEntry]


class PaymentReferences(TypedDict):
    """References that name the loan in a payment."""

    endToEndId: Annotated[
        str,
        Field(examples=["LOAN-7"], description="It may also stand anywhere in the text."),
    ]
    creditorReference: Annotated[
        str | None, Field(examples=["RF44LOAN7"], description="ISO 11649.")
    ]
    qrReference: Annotated[
        str,
        Field(
            examples=["562600000000000000000000070"],
            description="Swiss QR reference, 27 digits.",
        ),
    ]
