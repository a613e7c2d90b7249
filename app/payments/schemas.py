"""Bodies of payments."""

from __future__ import annotations

import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.http.money import Money
from app.http.numbers import NumberGiven

ACCOUNT = r"^[A-Z0-9]{1,34}$"
BIC = r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$"


class PayOut(BaseModel):
    """A loan's money to the borrower's account."""

    model_config = ConfigDict(extra="forbid")
    loanId: NumberGiven
    account: str = Field(pattern=ACCOUNT, description="An IBAN, or a number of the bank's.")
    bic: str | None = Field(None, pattern=BIC)


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
    account: str = Field(pattern=ACCOUNT, description="The lender's, which is debited.")
    bic: str | None = Field(None, pattern=BIC)
    executionDate: datetime.date
    payOuts: list[PayOut] = Field(min_length=1, max_length=1_000)


class BankEntry(BaseModel):
    """Money that a bank said has come in."""

    model_config = ConfigDict(extra="allow")
    id: str
    reference: str
    loanId: int | None
    amount: Money
    bookedOn: datetime.date
    state: str = Field(description="waiting, under-way or recorded")


class BankEntryPage(BaseModel):
    """Entries of the caller's, newest first."""

    items: list[BankEntry]
    nextCursor: str | None = None


class Notification(BaseModel):
    """What a notification brought; entries that were known are counted and left as they are."""

    items: list[BankEntry]
    known: int


class Recorded(BaseModel):
    """An entry with its repayment on the ledger."""

    model_config = ConfigDict(extra="allow")
    entry: dict[str, Any]


class RecordedFor(BaseModel):
    """Which loan an entry repays, where its payer named none."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"loanId": 3}})
    loanId: NumberGiven | None = None
