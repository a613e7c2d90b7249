"""Bodies of payments."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.domain.accounts import checked_account, checked_bic
from app.domain.names import hidden_in
from app.gateway.money import Money
from app.gateway.path_types import Day, NumberGiven
from app.lending.payments.addresses import PostalAddress

ACCOUNT = r"^[A-Z0-9]{1,34}$"
BIC = r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$"
Account = Annotated[str, Field(pattern=ACCOUNT), AfterValidator(checked_account)]
Bic = Annotated[str, Field(pattern=BIC), AfterValidator(checked_bic)]


def _visible(text: str) -> str:
    found = hidden_in(text)
    if found is not None:
        raise ValueError(f"{found}: send visible characters and plain blanks")
    return text


Name = Annotated[str, Field(min_length=1, max_length=140), AfterValidator(_visible)]


def _to_come(day: datetime.date) -> datetime.date:
    """A day that is not over anywhere; the ledger's own today is held to it besides."""
    if day < (datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=12)).date():
        raise ValueError(f"{day} is past: give a day to come")
    return day


class PayOut(BaseModel):
    """A loan's money to the borrower's account."""

    model_config = ConfigDict(extra="forbid")
    loanId: NumberGiven
    account: Account = Field(description="An IBAN, or a number of the bank's.")
    bic: Bic | None = None
    name: Name | None = Field(
        None,
        description="Of the account's holder as its bank knows it; the registered name where left "
        "out. In euro at most 70 characters, in Latin letters.",
    )
    address: PostalAddress | None = None


class NewPayOuts(BaseModel):
    """Loans drawn, to be paid out by one order to the lender's bank."""

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
    account: Account = Field(description="The lender's, which is debited.")
    bic: Bic | None = None
    name: Name | None = Field(
        None, description="Of the lender as its bank knows it; the registered name where left out."
    )
    address: PostalAddress | None = Field(
        None, description="Of the lender; needed in euro where an account is outside the EEA."
    )
    executionDate: Annotated[Day, AfterValidator(_to_come)] = Field(
        description="Today or later, in the ledger's zone."
    )
    payOuts: list[PayOut] = Field(min_length=1, max_length=1_000)
    replaces: str | None = Field(
        None,
        max_length=35,
        description="`MsgId` of an order that the bank did not carry out, and this one replaces.",
    )


class CreditorReferenceSeen(BaseModel):
    """A structured reference of the payer's."""

    type: str = Field(description="RF (ISO 11649), QRR (Swiss QR reference), or the bank's word.")
    value: str
    valid: bool | None = Field(description="Whether its check digits hold; null where unknown.")


class BankEntry(BaseModel):
    """Money that a bank said has come in."""

    model_config = ConfigDict(extra="allow")
    id: str
    reference: str
    loanId: int | None
    amount: Money = Field(description="What arrived.")
    bookedOn: Day
    state: str = Field(
        description="waiting, under-way, recorded, or reversed: taken back before it was recorded."
    )
    account: str | None = Field(None, description="The one that was credited.")
    accountExpected: bool | None = Field(
        None, description="Whether it is the one that the upload named; null where it named none."
    )
    endToEndId: str | None = Field(None, description="The payer's own reference.")
    creditorReference: CreditorReferenceSeen | None = None
    paid: Money | None = Field(
        None, description="What the payer sent, where charges were taken out of it."
    )
    charges: Money | None = Field(None, description="`paid` less `amount`.")
    payments: int = Field(
        1, description="Of how many the entry is the sum, where the bank does not tell them apart."
    )
    reversedBy: str | None = Field(
        None, description="The bank's reference of the entry that took the money back."
    )


class CameBack(BaseModel):
    """A payment that the bank took back or sent back."""

    reference: str
    amount: Money
    bookedOn: Day
    loanId: int | None
    endToEndId: str | None
    reason: str | None = Field(description="The bank's code, such as AC04.")
    entryId: str | None = Field(
        description="The entry that it takes back; null where none or several can be meant, and "
        "for a pay-out."
    )


class BankEntryPage(BaseModel):
    """Entries of the caller's, newest first."""

    items: list[BankEntry]
    nextCursor: str | None = None


class Notification(BaseModel):
    """What a notification brought; entries that were known are counted and left as they are."""

    items: list[BankEntry]
    known: int
    knownItems: list[BankEntry] = Field(
        description="Those entries: an entry of the same reference was told before."
    )
    reversals: list[CameBack] = Field(
        description="Money that had come in and went back to its payer."
    )
    returnedPayOuts: list[CameBack] = Field(
        description="Money that the lender had sent and that came back."
    )


class Recorded(BaseModel):
    """An entry with its repayment on the ledger."""

    model_config = ConfigDict(extra="allow")
    entry: dict[str, Any]


class RecordedFor(BaseModel):
    """Which loan an entry repays, where its payer named none; a word for another account."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"loanId": 3}})
    loanId: NumberGiven | None = None
    anyAccount: bool = Field(
        False, description="True: records an entry with `accountExpected: false` all the same."
    )


class PaymentReferences(BaseModel):
    """Each names the loan in a payment."""

    endToEndId: str = Field(examples=["LOAN-7"], description="Or anywhere in the text.")
    creditorReference: str | None = Field(examples=["RF44LOAN7"], description="ISO 11649.")
    qrReference: str = Field(
        examples=["562600000000000000000000070"], description="Swiss QR reference, 27 digits."
    )
