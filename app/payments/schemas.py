"""Bodies of payments."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.core.accounts import checked_account, checked_bic
from app.core.names import hidden_in
from app.http.money import Money
from app.http.numbers import Day, NumberGiven
from app.payments.addresses import PostalAddress

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


class BankEntry(BaseModel):
    """Money that a bank said has come in."""

    model_config = ConfigDict(extra="allow")
    id: str
    reference: str
    loanId: int | None
    amount: Money
    bookedOn: Day
    state: str = Field(description="waiting, under-way or recorded")


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


class Recorded(BaseModel):
    """An entry with its repayment on the ledger."""

    model_config = ConfigDict(extra="allow")
    entry: dict[str, Any]


class RecordedFor(BaseModel):
    """Which loan an entry repays, where its payer named none."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"loanId": 3}})
    loanId: NumberGiven | None = None
